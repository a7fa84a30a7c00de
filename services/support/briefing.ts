import type { StandingClaim } from '#shared/agent/propose.ts';
import type { FactView } from '#shared/contracts/facts.ts';

/** What support knows when it decides: facts of the order and its customer, and the holds that stand on them. */
export interface Briefing {
  readonly facts: FactView;
  readonly claims: readonly StandingClaim[];
}
