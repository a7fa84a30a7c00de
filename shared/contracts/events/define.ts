import type { z } from 'zod';
import type { Instant } from '#shared/kernel/time.ts';
import type { Envelope } from '../envelope.ts';
import type { ResourceKey, ResourceKind } from '../resource.ts';

/**
 * How a fact takes a change. `level`: the newest `time` wins (ties: the higher `seq`), an older one goes to history only.
 * `count`: adds. `tally`: adds to the sums of one member of a small set, by key. `daily`: adds to the day of `at`, or of the event's `time`. `available`: a movement of stock on top of the last
 * level. `collect` and `drop`: adds a member to, or takes it out of, a small set of values by key.
 */
export type FactChange =
  | {
      readonly fold: 'level';
      readonly resource: ResourceKey;
      readonly attribute: string;
      readonly value: unknown;
      readonly expiresAt?: string;
    }
  | { readonly fold: 'count'; readonly resource: ResourceKey; readonly attribute: string; readonly by: number }
  | {
      readonly fold: 'tally';
      readonly resource: ResourceKey;
      readonly attribute: string;
      readonly key: string;
      readonly by: Readonly<Record<string, number>>;
    }
  | {
      readonly fold: 'daily';
      readonly resource: ResourceKey;
      readonly attribute: string;
      readonly by: number;
      readonly at?: Instant;
    }
  | {
      readonly fold: 'stock-level';
      readonly resource: ResourceKey;
      readonly attribute: 'available';
      readonly level: number;
    }
  | {
      readonly fold: 'stock-movement';
      readonly resource: ResourceKey;
      readonly attribute: 'available';
      readonly by: number;
      readonly at?: Instant;
    }
  | {
      readonly fold: 'collect';
      readonly resource: ResourceKey;
      readonly attribute: string;
      readonly key: string;
      readonly value: unknown;
    }
  | { readonly fold: 'drop'; readonly resource: ResourceKey; readonly attribute: string; readonly key: string };

/** What an event of this type undoes: causes whose subject is the event's subject, of these types; `any` for all. */
type Voids = 'any' | readonly string[];

export interface EventType<Type extends string = string, Data extends z.ZodObject = z.ZodObject> {
  readonly type: Type;
  readonly about: string;
  /** Kind of the resource that the event is about. */
  readonly subject: ResourceKind;
  readonly data: Data;
  readonly voids?: Voids;
  /** What it changes in the context store. Pure. */
  facts?(event: Envelope<z.infer<Data>>): readonly FactChange[];
}

/** Keeps the types of one event type's declaration tied together. */
export function defineEvent<Type extends string, Data extends z.ZodObject>(
  declaration: EventType<Type, Data>,
): EventType<Type, Data> {
  return declaration;
}
