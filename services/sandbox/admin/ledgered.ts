import { randomUUID } from 'node:crypto';
import type { Sql } from '#shared/store/connect.ts';
import { commitWrite, keptAnswer, type RecordRow, type Write } from '#shared/store/sandbox/writes.ts';
import type { Engine, KeptDelivery } from '../engine.ts';
import { putRecord, type RecordKind, type Records } from '../world/records.ts';
import type { Delivery } from '../world/steps.ts';
import type { World } from '../world/world.ts';

/** The refusal of one write, as Shopify reports it. */
export interface Fault {
  readonly field: readonly string[] | null;
  readonly message: string;
  readonly code: string | null;
}

/** What one write would do; nothing of it is true before it is committed. */
export class Draft {
  readonly world: World;
  readonly atMs: number;
  /** Names the webhooks of this write. */
  readonly ref = randomUUID();
  readonly records: RecordRow[] = [];
  readonly effects: string[] = [];
  readonly #deliveries: (() => { deliveries: Delivery[]; echo: boolean })[] = [];

  constructor(world: World, atMs: number) {
    this.world = world;
    this.atMs = atMs;
  }

  put<Kind extends RecordKind>(
    kind: Kind,
    id: string,
    value: Records[Kind] extends Map<string, infer Value> ? Value : never,
  ): void {
    this.records.push({ kind, id, value });
  }

  /** The resource on which the write has its effect, for the ledger. */
  effect(resource: string): void {
    this.effects.push(resource);
  }

  /** Webhooks that tell of the write; made when its records are in place. */
  tell(make: () => Delivery | Delivery[], echo = true): void {
    this.#deliveries.push(() => ({ deliveries: [make()].flat(), echo }));
  }

  deliveries(): KeptDelivery[] {
    return this.#deliveries.flatMap((make) => {
      const { deliveries, echo } = make();
      return deliveries.map(({ body, ...rest }) => ({ ...rest, body: body(), echo }));
    });
  }
}

export interface WriteRequest {
  readonly operation: string;
  readonly action: string | null;
  readonly key: string | null;
  readonly digest: string;
}

type Outcome<Answer> = { readonly answer: Answer } | { readonly faults: readonly Fault[] };

/** One write after another; each is committed with its effects, its webhooks and its remembered answer, or not at all. */
export class LedgeredStore {
  readonly world: World;
  readonly #sql: Sql;
  readonly #engine: Engine;
  readonly #nowMs: () => number;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(options: { sql: Sql; engine: Engine; nowMs: () => number }) {
    this.world = options.engine.world;
    this.#sql = options.sql;
    this.#engine = options.engine;
    this.#nowMs = options.nowMs;
  }

  nowMs(): number {
    return this.#nowMs();
  }

  write<Answer>(request: WriteRequest, decide: (draft: Draft) => Outcome<Answer>): Promise<Outcome<Answer>> {
    const result = this.#tail.then(() => this.#write(request, decide));
    this.#tail = result.catch(() => {});
    return result;
  }

  async #write<Answer>(request: WriteRequest, decide: (draft: Draft) => Outcome<Answer>): Promise<Outcome<Answer>> {
    const { operation, action, key, digest } = request;
    if (key !== null) {
      const kept = await keptAnswer(this.#sql, this.world.store, key);
      if (kept) {
        if (kept.operation === operation && kept.digest === digest) return { answer: kept.answer as Answer };
        return {
          faults: [
            {
              field: null,
              message: 'The idempotency key was used with other parameters.',
              code: 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH',
            },
          ],
        };
      }
    }
    const draft = new Draft(this.world, this.#nowMs());
    const outcome = decide(draft);
    if ('faults' in outcome) return outcome;
    const deliveries = this.#imagine(draft);
    const at = new Date(draft.atMs).toISOString();
    const numbers = await this.#commit({
      records: draft.records,
      effects: draft.effects.map((resource) => ({ action, operation, resource, at })),
      deliveries: deliveries.map((delivery) => ({ id: delivery.id, delivery })),
      ...(key === null ? {} : { kept: { key, operation, digest, answer: outcome.answer } }),
    });
    for (const row of draft.records) putRecord(this.world.records, row);
    for (const [index, n] of numbers.entries()) this.#engine.push(n, deliveries[index]!);
    return outcome;
  }

  /** A commit that failed may have happened all the same: the process goes, and reads on its return what is true. */
  async #commit(write: Write): Promise<number[]> {
    try {
      return await commitWrite(this.#sql, this.world.store, write);
    } catch (error) {
      setImmediate(() => {
        throw error;
      });
      throw error;
    }
  }

  /** The webhooks as they will be once the records hold; the records themselves are taken back until the commit. */
  #imagine(draft: Draft): KeptDelivery[] {
    const maps = this.world.records as unknown as Record<string, Map<string, unknown>>;
    const before = draft.records.map((row) => ({
      row,
      had: maps[row.kind]!.has(row.id),
      value: maps[row.kind]!.get(row.id),
    }));
    for (const row of draft.records) putRecord(this.world.records, row);
    try {
      return draft.deliveries().filter((delivery) => !this.#engine.isKnown(delivery.id));
    } finally {
      for (const { row, had, value } of before.reverse()) {
        if (had) maps[row.kind]!.set(row.id, value);
        else maps[row.kind]!.delete(row.id);
      }
    }
  }
}
