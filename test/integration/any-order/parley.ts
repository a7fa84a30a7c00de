import assert from 'node:assert/strict';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { SourceName } from '#shared/contracts/sources.ts';
import { plus } from '#shared/kernel/time.ts';
import type { Stored } from '../../../services/context/fold.ts';
import { changesOf, project } from '../../../services/context/project.ts';
import { deliveryOf, openEndpoint, RECEIVED_AT } from '../../../services/gateway/fixtures/mapping.ts';
import { BatchKnowledge } from '../../../services/gateway/mapping/known.ts';
import { mapOne, readOne } from '../../../services/gateway/mapping/map-one.ts';
import { Repeats } from '../../../services/gateway/mapping/repeats.ts';
import type { Asked, Said } from '../../../services/gateway/mapping/topic.ts';

/** A delivery as a platform would send it, or as the executor reads it. */
export interface Told {
  readonly topic: string;
  readonly body: unknown;
}

export const START = '2026-02-01T10:00:00.000Z';
export const at = (step: number) => plus(START, step * 60_000);
export const seconds = (step: number) => Date.parse(at(step)) / 1_000;

/** The gateway's reading and mapping and context's folding, without what stands between them. */
export class Parley {
  readonly #platform: SourceName;
  readonly #known = new BatchKnowledge();
  readonly #events: Said[] = [];
  readonly #waiting: Told[] = [];
  readonly asked = new Map<string, Asked>();

  constructor(platform: SourceName, given: readonly Said[] = []) {
    this.#platform = platform;
    this.#known.learn(given);
    this.#events.push(...given);
  }

  take(told: Told): void {
    this.#map(told);
    // What named a stranger is looked at again when somebody has been introduced.
    for (let before = 0; before !== this.#waiting.length; ) {
      before = this.#waiting.length;
      for (const waiting of this.#waiting.splice(0)) this.#map(waiting);
    }
  }

  #map(told: Told): void {
    const course = readOne(deliveryOf(told.topic, told.body), () => openEndpoint(this.#platform));
    assert.ok(course.read, `${told.topic}: ${course.end?.reason} ${course.end?.detail}`);
    const context = { store: 'shop', currency: 'GBP', toldAt: course.read.toldAt, known: this.#known };
    mapOne(course, context, new Repeats(new Set()), Date.parse(RECEIVED_AT));
    assert.notEqual(course.end?.state, 'failed', `${told.topic}: ${course.end?.detail}`);
    if (course.held) this.#waiting.push(told);
    this.#events.push(...course.said);
    for (const asked of course.asks) this.asked.set(`${asked.kind}:${asked.ref}`, asked);
  }

  facts(): Record<string, unknown> {
    return Object.fromEntries(
      [...this.#folded()].flatMap(([key, { value }]) => seen(key.replace('\n', ' '), value)).sort(),
    );
  }

  priceHistory(resource: string): Readonly<Record<string, { readonly minor: number }>> {
    return (this.#folded().get(`${resource}\nprice-history`)?.value ?? {}) as Record<string, { minor: number }>;
  }

  #folded(): ReadonlyMap<string, Stored> {
    const events = this.#events.map((event, index) => ({
      ...event,
      seq: index + 1,
      store: 'shop',
      now: event.time,
      source: 'test',
    }));
    const current = new Map<string, Stored>();
    for (const event of events) {
      const { facts, faults } = project(changesOf([event as unknown as Envelope]), (key) => current.get(key));
      assert.deepEqual(faults, []);
      for (const [key, fact] of facts) current.set(key, fact);
    }
    return current;
  }
}

/** What of a fact does not rest on when it was told: nothing is the same as none, and of a history each sees its own part. */
function seen(key: string, value: unknown): [string, unknown][] {
  const attribute = key.split(' ').at(-1)!;
  if (attribute === 'price-history') return [];
  if (attribute === 'available') return [[key, (value as { units: number }).units]];
  if (attribute === 'tags' && (value as unknown[]).length === 0) return [];
  if (attribute === 'held') return (value as { held: boolean }).held ? [[key, { ...(value as object), at: 0 }]] : [];
  if (attribute === 'cancelled' || attribute === 'paid') return [[key, { ...(value as object), at: 0 }]];
  if (attribute === 'promotions' || attribute === 'holds' || attribute === 'disputes') {
    const entries = Object.entries(value as Record<string, object>).map(([name, one]) => [name, { ...one, at: 0 }]);
    return entries.length === 0 ? [] : [[key, Object.fromEntries(entries)]];
  }
  return [[key, value]];
}

export interface Scene {
  readonly platform: SourceName;
  /** What others have said before. */
  readonly given?: readonly Said[];
  /** In the order in which it happened. */
  readonly told: readonly Told[];
  /** What the platform answers in the end to whoever asks, by `product:8001`. */
  readonly answers?: Readonly<Record<string, Told>>;
}

export function factsAfter({ platform, given, answers = {} }: Scene, told: readonly Told[]): Record<string, unknown> {
  const parley = new Parley(platform, given);
  for (const one of told) parley.take(one);
  for (const name of parley.asked.keys()) if (answers[name]) parley.take(answers[name]);
  return parley.facts();
}
