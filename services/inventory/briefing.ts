import type { StandingClaim } from '#shared/agent/propose.ts';
import type { FactView } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';

/** What inventory knows when it decides: the SKUs that the event touches, their facts and their suppliers', and open orders. */
export interface Briefing {
  readonly skus: readonly ResourceKey[];
  readonly facts: FactView;
  readonly claims: readonly StandingClaim[];
}
