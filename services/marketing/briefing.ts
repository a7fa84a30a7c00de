import type { StandingClaim } from '#shared/agent/propose.ts';
import type { FactView } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';

/** What marketing knows when it decides. */
export interface Briefing {
  readonly facts: FactView;
  /** Holds that stand on the SKUs and customers of the briefing. */
  readonly claims: readonly StandingClaim[];
  /** Customers who may be worth writing to, at most a bounded number; whether they may be written to is decided here. */
  readonly customers: readonly ResourceKey[];
}
