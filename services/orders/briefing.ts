import type { StandingClaim } from '#shared/agent/propose.ts';
import type { FactView } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';

/** What orders knows when it decides: the orders in question, their customers, the shelves they draw on, and holds in force. */
export interface Briefing {
  readonly orders: readonly ResourceKey[];
  readonly facts: FactView;
  readonly claims: readonly StandingClaim[];
}
