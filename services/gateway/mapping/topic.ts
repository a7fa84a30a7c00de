import type { z } from 'zod';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { ReadKind } from '#shared/contracts/sources.ts';
import type { Reason } from '#shared/kernel/errors.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Person } from '#shared/runtime/personal.ts';
import type { LastEvent, OrderStep, PlatformId } from '#shared/store/deliveries/history.ts';
import type { NamedOrder, OrderReference } from '#shared/store/deliveries/references.ts';

/** An event before it has an id: what one delivery says about one aspect of one resource. */
export interface Said {
  readonly type: string;
  readonly subject: ResourceKey;
  /** The resource's own time: of what happened, not of the webhook. */
  readonly time: Instant;
  readonly data: Readonly<Record<string, unknown>>;
  /** Which of the delivery's versions it belongs to; without it the first. */
  readonly of?: string;
}

/**
 * A resource that a body describes, and as of when: `product:8001` and its `updated_at`. Where the name begins with what
 * a platform can be asked for (`READ_KINDS`), what comes after it is the platform's own id.
 */
export interface Version {
  readonly resource: string;
  readonly at: Instant;
}

/** A resource whose present state is to be read. `thin`: the webhook says only that it changed. `older`: it was overtaken. */
export interface Asked {
  readonly kind: ReadKind;
  readonly ref: string;
  readonly cause: 'thin' | 'older';
}

export interface Introduced {
  readonly subject: ResourceKey;
  readonly person: Person;
  readonly replaces: boolean;
}

/** What becomes of a delivery at once. */
export type Settled =
  | { readonly events: readonly Said[]; readonly people?: readonly Introduced[]; readonly asks?: readonly Asked[] }
  | { readonly asks: readonly Asked[] }
  | { readonly ignored: Reason }
  | { readonly repeated: true };

/**
 * What becomes of a delivery. `awaits`: it names something that nobody has introduced yet. After a while it says what it can
 * without (`otherwise`), or the platform is asked what that is.
 */
export type Mapped =
  | Settled
  | { readonly awaits: 'unknown-item'; readonly asks?: readonly Asked[]; readonly otherwise?: Settled };

export interface WantedSkus extends PlatformId {
  readonly last?: readonly string[];
}

export interface WantedReference extends OrderReference {
  readonly last?: readonly string[];
}

/** What a mapping needs to know beforehand; everything of a batch is looked up at once. */
export interface Wanted {
  /** SKUs by the platform's ids; `last`: and the newest events of these types about each. */
  readonly skus?: readonly WantedSkus[];
  readonly last?: readonly { readonly subject: ResourceKey; readonly type: string }[];
  readonly orders?: readonly ResourceKey[];
  readonly promotions?: readonly string[];
  /** Orders by what others call them; `last`: and the newest events of these types about each. What has happened to it comes along. */
  readonly references?: readonly WantedReference[];
  readonly versions?: readonly string[];
}

/** What is known: from the database, and from what was mapped before in the same batch. */
export interface Known {
  skus(id: PlatformId): readonly string[];
  last(subject: ResourceKey, type: string): LastEvent | undefined;
  order(subject: ResourceKey): readonly OrderStep[];
  /** The newest event about a promotion for each SKU that it has ever covered. */
  promotion(id: string): readonly LastEvent[];
  /** The order that somebody else calls so. */
  named(reference: OrderReference): NamedOrder | undefined;
  /** The newest version that anybody has told of. */
  version(resource: string): Instant | undefined;
}

export interface MappingContext {
  readonly store: string;
  /** The store's own currency, for bodies that name an amount without one. */
  readonly currency: string;
  /** For bodies without a time: when the platform says that it was triggered, else when it was received. */
  readonly toldAt: Instant;
  readonly known: Known;
}

/** One topic of a platform: the part of its body that we read, and what it says. Pure. */
export interface Topic<Body extends z.ZodType = z.ZodType> {
  readonly topic: string;
  readonly body: Body;
  wants?(body: z.infer<Body>, context: Pick<MappingContext, 'store'>): Wanted;
  /** What the body describes as a whole, so that an overtaken one changes nothing; the first governs whatever names no other. */
  versions?(body: z.infer<Body>, context: Pick<MappingContext, 'toldAt'>): readonly Version[];
  /** What the body says that others call its order. */
  names?(body: z.infer<Body>): readonly NamedOrder[];
  map(body: z.infer<Body>, context: MappingContext): Mapped;
}

/** Keeps the types of one topic's declaration tied together. */
export function defineTopic<Body extends z.ZodType>(topic: Topic<Body>): Topic {
  return topic as unknown as Topic;
}
