import type { StandingClaim } from '#shared/agent/propose.ts';
import type { FactView } from '#shared/contracts/facts.ts';

/** What inventory knows when it decides: the SKUs that the event is about, their facts and suppliers, and what is already ordered or held. */
export interface Briefing {
  readonly skus: readonly string[];
  readonly facts: FactView;
  readonly claims: readonly StandingClaim[];
}
