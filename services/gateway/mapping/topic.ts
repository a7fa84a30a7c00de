import type { z } from 'zod';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Reason } from '#shared/kernel/errors.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Person } from '#shared/runtime/personal.ts';
import type { LastEvent, OrderStep, PlatformId } from '#shared/store/deliveries/history.ts';

/** An event before it has an id: what one delivery says about one aspect of one resource. */
export interface Said {
  readonly type: string;
  readonly subject: ResourceKey;
  /** The resource's own time: of what happened, not of the webhook. */
  readonly time: Instant;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Introduced {
  readonly subject: ResourceKey;
  readonly person: Person;
  readonly replaces: boolean;
}

/** What becomes of a delivery. `awaits`: it names something that nobody has introduced yet. */
export type Mapped =
  | { readonly events: readonly Said[]; readonly people?: readonly Introduced[] }
  | { readonly ignored: Reason }
  | { readonly repeated: true }
  | { readonly awaits: 'unknown-item' };

/** What a mapping needs to know beforehand; everything of a batch is looked up at once. */
export interface Wanted {
  readonly skus?: readonly PlatformId[];
  readonly last?: readonly { readonly subject: ResourceKey; readonly type: string }[];
  readonly orders?: readonly ResourceKey[];
  readonly promotions?: readonly string[];
}

/** What is known: from the database, and from what was mapped before in the same batch. */
export interface Known {
  skus(id: PlatformId): readonly string[];
  last(subject: ResourceKey, type: string): LastEvent | undefined;
  order(subject: ResourceKey): readonly OrderStep[];
  /** The newest event about a promotion for each SKU that it has ever covered. */
  promotion(id: string): readonly LastEvent[];
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
  map(body: z.infer<Body>, context: MappingContext): Mapped;
}

/** Keeps the types of one topic's declaration tied together. */
export function defineTopic<Body extends z.ZodType>(topic: Topic<Body>): Topic {
  return topic as unknown as Topic;
}
