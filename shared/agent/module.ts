import type { Manifest, Proposal } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { Attribute, FactView } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { WantedBuyers } from '#shared/store/agents/consenting-buyers.ts';
import type { StandingClaim } from './propose.ts';

/** What `gather` may ask of the context store. Requests of all events of a batch go out as one query. */
export interface Reader {
  facts(resources: readonly ResourceKey[], attributes: readonly Attribute[]): Promise<FactView>;
  /** Holds in force on these resources. */
  claims(resources: readonly ResourceKey[]): Promise<readonly StandingClaim[]>;
  /** Resources of which this attribute is known, the latest change first, at most `limit`. */
  known(attribute: Attribute, limit: number): Promise<readonly ResourceKey[]>;
  /** SKUs on whose shelf the most money lies (units times cost), at most `limit`. */
  dearestShelves(limit: number): Promise<readonly ResourceKey[]>;
  /** Orders placed between two times of which nothing has left and which are not cancelled, the oldest first. */
  unshipped(wanted: { placedFrom: Instant; placedTo: Instant; limit: number }): Promise<readonly ResourceKey[]>;
  /** Customers who agreed to marketing mail and whose last order lies within bounds, the most recent first. */
  consentingBuyers(wanted: WantedBuyers): Promise<readonly ResourceKey[]>;
}

/** An agent: what it may do, what it needs to know, and what it answers. It keeps no state of its own. */
export interface AgentModule<Briefing> {
  readonly manifest: Manifest;
  /** I/O: the facts that one decision needs, at least as new as its event. */
  gather(event: Envelope, read: Reader): Promise<Briefing>;
  /** Pure: the same event and briefing, the same answer. */
  decide(event: Envelope, briefing: Briefing, now: Instant): Proposal;
}
