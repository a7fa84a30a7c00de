import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus } from '#shared/bus/bus.ts';
import { openNatsBus } from '#shared/bus/nats-bus.ts';
import { aliveSubject, answerSubject, partitionOf, watermarkSubject } from '#shared/bus/subjects.ts';
import type { Intent } from '#shared/contracts/answer.ts';
import type { Draft, Envelope } from '#shared/contracts/envelope.ts';
import { systemClocks } from '#shared/runtime/clocks.ts';
import type { RunningService } from '#shared/runtime/lifecycle.ts';
import { createLogger } from '#shared/runtime/logger.ts';
import { appendEvents } from '#shared/store/append-events.ts';
import type { Sql } from '#shared/store/connect.ts';
import { inStores } from '#shared/store/transaction.ts';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import { startTestNats, type TestNats } from '#shared/testing/nats.ts';
import { stockShelf } from '#shared/testing/shelf.ts';
import { startCoordinator } from '../../services/coordinator/start.ts';

export const STORE = 'shop';
const NOW = '2026-05-05T10:00:00.000Z';
const AGENT = 'pricing';
export const logger = createLogger('test', 'silent');

const MANIFEST = {
  agent: AGENT,
  version: '1',
  description: AGENT,
  skills: [],
  answers: ['traffic.spiked'],
  actions: [{ type: 'price.set', objectives: ['margin'], maxPerAnswer: 8 }],
  announces: [],
  reads: [],
};

/** A coordinator of its own on a real database, a real bus and a rule folder of its own, with one agent that is played. */
export class CoordinatorStage {
  readonly database: TestDatabase;
  readonly nats: TestNats;
  readonly rules: string;
  readonly gateway: Sql;
  #coordinator: RunningService | undefined;
  #buses: Record<string, Bus> = {};
  #beat: NodeJS.Timeout | undefined;

  private constructor(database: TestDatabase, nats: TestNats, rules: string) {
    this.database = database;
    this.nats = nats;
    this.rules = rules;
    this.gateway = database.open('gateway');
  }

  /** `files` are what the rule folder holds at first; `skus` can be priced. */
  static async open(files: Readonly<Record<string, string>>, skus: readonly string[]): Promise<CoordinatorStage> {
    const rules = await mkdtemp(join(tmpdir(), 'parley-rules-'));
    const stage = new CoordinatorStage(await createDatabase(), await startTestNats(), rules);
    for (const [name, text] of Object.entries(files)) await stage.save(name, text);
    await stage.nats.ensure([STORE]);
    const { sql } = stage.database;
    await sql`insert into stores (store, platform, clock_kind, clock, partition, mode, currency, zone)
      values (${STORE}, 'sandbox', 'replay', ${NOW}, ${partitionOf(STORE)}, 'live', 'GBP', 'Europe/London')`;
    await sql`insert into agents (agent, manifest, digest) values (${AGENT}, ${sql.json(MANIFEST)}, 'd')`;
    for (const sku of skus) await stockShelf(sql, STORE, sku, NOW);
    for (const service of [AGENT, 'context'])
      stage.#buses[service] = await openNatsBus({ url: stage.nats.urlOf(service), service, logger });
    const beat = () => stage.#buses[AGENT]!.signal(aliveSubject(AGENT), JSON.stringify({ digest: 'd', state: 'busy' }));
    stage.#beat = setInterval(beat, 300);
    await stage.start();
    return stage;
  }

  async start(): Promise<void> {
    this.#coordinator = await startCoordinator(
      {
        DATABASE_URL: this.database.urlOf('coordinator'),
        NATS_URL: this.nats.urlOf('coordinator'),
        PARLEY_RULES_DIR: this.rules,
      },
      logger,
    );
  }

  async stop(): Promise<void> {
    await this.#coordinator?.stop();
    this.#coordinator = undefined;
  }

  save(name: string, text: string): Promise<void> {
    return writeFile(join(this.rules, name), text);
  }

  remove(name: string): Promise<void> {
    return rm(join(this.rules, name));
  }

  /** Writes an event as the gateway does, and moves the watermark past it, as context does. */
  async happen(sku: string): Promise<Envelope> {
    const id = systemClocks.newId();
    const draft: Draft = {
      id,
      source: 'test',
      type: 'traffic.spiked',
      subject: `sku:${sku}`,
      time: NOW,
      store: STORE,
      correlationid: id,
      depth: 0,
      data: { views: 9, baselineViews: 3, windowMinutes: 5 },
    };
    const [event] = await inStores(this.gateway, [STORE], (tx) => appendEvents(tx, STORE, [draft], 'mapped'));
    await this.database.sql`insert into positions (store, service, seq) values (${STORE}, 'context', ${event!.seq})
      on conflict (store, service) do update set seq = greatest(positions.seq, excluded.seq)`;
    this.#buses.context!.signal(watermarkSubject(STORE), String(event!.seq));
    return event!;
  }

  /** The played agent wants this price, or nothing. */
  async answer(event: Envelope, priceMinor?: number): Promise<void> {
    const wish: Partial<Intent> = {
      action: 'price.set',
      params: { sku: event.subject.slice('sku:'.length), priceMinor, currency: 'GBP' },
      objective: 'margin',
      reason: 'because',
      cites: [],
    };
    const intents = priceMinor === undefined ? [] : [wish];
    const body = { event: event.id, seq: event.seq, part: 1, digest: 'd', now: NOW, intents, announcements: [] };
    await this.#buses[AGENT]!.publish(answerSubject(STORE, AGENT), JSON.stringify(body));
  }

  async close(): Promise<void> {
    clearInterval(this.#beat);
    await this.stop();
    await Promise.all(Object.values(this.#buses).map((bus) => bus.close()));
    await this.nats.stop();
    await this.database.close();
    await rm(this.rules, { recursive: true, force: true });
  }
}

export async function until<Result>(
  probe: () => Promise<Result | false | undefined>,
  limitMs = 15_000,
): Promise<Result> {
  const end = Date.now() + limitMs;
  for (;;) {
    const result = await probe();
    if (result) return result;
    assert.ok(Date.now() < end, `waited ${limitMs} ms in vain: ${probe}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
