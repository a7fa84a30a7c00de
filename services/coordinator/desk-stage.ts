import { readdirSync, readFileSync } from 'node:fs';
import { MemoryServer } from '#shared/bus/memory-bus.ts';
import { answerSubject } from '#shared/bus/subjects.ts';
import type { Intent, Manifest } from '#shared/contracts/answer.ts';
import type { Draft, Envelope } from '#shared/contracts/envelope.ts';
import { compileRuleSet } from '#shared/policy/compile.ts';
import { systemClocks } from '#shared/runtime/clocks.ts';
import { createLogger } from '#shared/runtime/logger.ts';
import { appendEvents } from '#shared/store/append-events.ts';
import type { Sql } from '#shared/store/connect.ts';
import type { StoreRow } from '#shared/store/stores.ts';
import { inStores } from '#shared/store/transaction.ts';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import { followFolder } from './activate.ts';
import { CompiledSets } from './compiled-sets.ts';
import { type Deps, SERVICE } from './deps.ts';
import { Desk } from './desk.ts';
import { judgeReady } from './judge-ready.ts';
import { Liveness } from './liveness.ts';

export const NOW = '2026-05-05T10:00:00.000Z';
export const EPOCH = 3;
export const PARTITION = 1;
const HASH = 'the-rules';

const manifestOf = (agent: string): Manifest => ({
  agent,
  version: '1',
  description: agent,
  skills: [],
  answers: ['traffic.spiked', 'order.placed'],
  actions: [{ type: 'price.set', objectives: ['margin'], maxPerAnswer: 8 }],
  announces: ['markdown.planned'],
  reads: [],
});

/** Desks of the coordinator on a real database, without the loop around them: each step is taken by hand. */
export class DeskStage {
  readonly database: TestDatabase;
  readonly coordinator: Sql;
  readonly gateway: Sql;
  readonly server = new MemoryServer({ ackWaitMs: 5_000 });
  readonly #files = ruleFiles();
  readonly #compiled = new CompiledSets();
  #stores = 0;

  private constructor(database: TestDatabase) {
    this.database = database;
    this.coordinator = database.open('coordinator');
    this.gateway = database.open('gateway');
    const compiled = compileRuleSet(this.#files, HASH);
    if (!('policy' in compiled)) throw new Error('The rules of the repository do not compile.');
    this.#compiled.set(HASH, compiled.policy);
  }

  static async open(): Promise<DeskStage> {
    const database = await createDatabase();
    await database.sql`insert into leases (service, partition, holder, epoch, until)
      values (${SERVICE}, ${PARTITION}, 'me', ${EPOCH}, now() + interval '1 hour')`;
    return new DeskStage(database);
  }

  close(): Promise<void> {
    return this.database.close();
  }

  /** A store of its own, whose SKUs can be priced. */
  async store(...skus: string[]): Promise<string> {
    const store = `shop-${++this.#stores}`;
    const { sql } = this.database;
    await sql`insert into stores (store, platform, clock_kind, clock, partition, mode, currency, zone)
      values (${store}, 'sandbox', 'replay', ${NOW}, ${PARTITION}, 'live', 'GBP', 'UTC')`;
    const facts = {
      price: { minor: 1_000, currency: 'GBP' },
      cost: { minor: 600, currency: 'GBP' },
      category: 'candles',
      available: { units: 50, level: 50, levelTime: NOW, movements: [] },
      sold: { firstDay: 20_000, counts: Array(28).fill(3) },
    };
    for (const sku of skus)
      for (const [attribute, value] of Object.entries(facts))
        await sql`insert into facts (store, resource, attribute, value, version, time, source, observed_at)
          values (${store}, ${`sku:${sku}`}, ${attribute}, ${sql.json(value as never)}, 1, ${NOW}, 'test', ${NOW})`;
    return store;
  }

  row(store: string): StoreRow {
    return { store, clock_kind: 'replay', clock: NOW, partition: PARTITION } as StoreRow;
  }

  /** What the parts of the coordinator share; `sql` may be one that fails. */
  deps(sql: Sql = this.coordinator, agents: readonly string[] = ['pricing']): Deps {
    const liveness = new Liveness();
    for (const agent of agents) liveness.hear(agent, '{"digest":"d","state":"busy"}', systemClocks.nowMs() + 3_600_000);
    return {
      sql,
      bus: this.server.connect(),
      clocks: systemClocks,
      logger: createLogger('test', 'silent'),
      liveness,
      compiled: this.#compiled,
      agents: () => agents.map((agent) => ({ agent, manifest: manifestOf(agent), digest: 'd', paused: false })),
      folder: () => ({ hash: HASH, files: this.#files }),
    };
  }

  /** A desk with rules in force that has taken everything up to now. */
  async desk(store: string, deps: Deps = this.deps()): Promise<Desk> {
    const desk = new Desk(this.row(store), EPOCH, deps);
    await desk.restore();
    await followFolder(desk);
    while (await desk.collect([]));
    return desk;
  }

  /** Writes an event as the gateway does. */
  async happen(store: string, over: Partial<Draft> = {}): Promise<Envelope> {
    const id = systemClocks.newId();
    const draft: Draft = {
      id,
      source: 'test',
      type: 'traffic.spiked',
      subject: 'sku:A',
      time: NOW,
      store,
      correlationid: id,
      depth: 0,
      data: { views: 9, baselineViews: 3, windowMinutes: 5 },
      ...over,
    };
    const [event] = await inStores(this.gateway, [store], (tx) => appendEvents(tx, store, [draft], 'mapped'));
    return event!;
  }

  /** One pass as the partition's loop makes it; context has folded everything before. */
  async pass(desk: Desk, messages: Parameters<Desk['collect']>[0] = []): Promise<void> {
    await desk.settleDoubt();
    desk.watermark = Number.MAX_SAFE_INTEGER;
    await desk.collect(messages);
    while (await judgeReady(desk)) await desk.settleDoubt();
  }
}

/** An answer as the bus brings it. */
export function answerTo(
  event: Pick<Envelope, 'id' | 'seq' | 'store'>,
  intents: readonly Partial<Intent>[],
  over: Readonly<Record<string, unknown>> = {},
  agent = 'pricing',
) {
  const body = {
    event: event.id,
    seq: event.seq,
    part: 1,
    digest: 'd',
    now: NOW,
    intents: intents.map((intent) => ({ objective: 'margin', reason: 'because', cites: [], ...intent })),
    announcements: [],
    ...over,
  };
  const message = {
    subject: answerSubject(event.store, agent),
    deliveries: 1,
    acked: false,
    text: () => JSON.stringify(body),
    ack: () => {
      message.acked = true;
    },
    working: () => {},
  };
  return message;
}

export const priced = (sku: string, priceMinor: number): Partial<Intent> => ({
  action: 'price.set',
  params: { sku, priceMinor, currency: 'GBP' },
});

/** A connection that, when told, loses the answer to the next commit: what was committed stands, and nobody is told. */
export function forgetful(sql: Sql): { readonly sql: Sql; loseNext(): void } {
  let losing = false;
  const proxy = new Proxy(sql, {
    get: (target, key) => {
      if (key !== 'begin') return Reflect.get(target, key);
      return async (...args: unknown[]) => {
        const done = await (target.begin as (...given: unknown[]) => unknown)(...args);
        if (!losing) return done;
        losing = false;
        throw Object.assign(new Error('connection lost'), { code: 'CONNECTION_CLOSED' });
      };
    },
  });
  return {
    sql: proxy,
    loseNext: () => {
      losing = true;
    },
  };
}

function ruleFiles(): Record<string, string> {
  const names = readdirSync('rules').filter((name) => name.endsWith('.yaml') && !name.includes('.cases.'));
  return Object.fromEntries(names.map((name) => [name, readFileSync(`rules/${name}`, 'utf8')]));
}
