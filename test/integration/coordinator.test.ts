import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
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

const STORE = 'shop';
const NOW = '2026-05-05T10:00:00.000Z';
const logger = createLogger('test', 'silent');

const manifest = (agent: string, actions: string[]) => ({
  agent,
  version: '1',
  description: agent,
  skills: [],
  answers: ['competitor.price-changed', 'traffic.spiked'],
  actions: actions.map((type) => ({ type, objectives: ['margin', 'growth', 'safety'], maxPerAnswer: 8 })),
  announces: ['markdown.planned'],
  reads: [],
});

describe('coordinator', { timeout: 120_000 }, () => {
  let database: TestDatabase;
  let nats: TestNats;
  let coordinator: RunningService;
  let gateway: Sql;
  const buses: Record<string, Bus> = {};
  const beats: NodeJS.Timeout[] = [];
  const alive = new Set(['pricing', 'marketing']);

  const start = () =>
    startCoordinator(
      { DATABASE_URL: database.urlOf('coordinator'), NATS_URL: nats.urlOf('coordinator'), PARLEY_RULES_DIR: 'rules' },
      logger,
    );

  before(async () => {
    database = await createDatabase();
    nats = await startTestNats();
    await nats.ensure([STORE]);
    await database.sql`insert into stores (store, platform, clock_kind, clock, partition, mode, currency, zone)
      values (${STORE}, 'sandbox', 'replay', ${NOW}, ${partitionOf(STORE)}, 'live', 'GBP', 'Europe/London')`;
    for (const [agent, actions] of [
      ['pricing', ['price.set']],
      ['marketing', ['promotion.launch', 'price.set']],
    ] as const) {
      await database.sql`insert into agents (agent, manifest, digest) values (${agent}, ${database.sql.json(manifest(agent, [...actions]))}, 'd')`;
      buses[agent] = await openNatsBus({ url: nats.urlOf(agent), service: agent, logger });
      beats.push(
        setInterval(
          () =>
            alive.has(agent) &&
            buses[agent]!.signal(aliveSubject(agent), JSON.stringify({ digest: 'd', state: 'busy' })),
          300,
        ),
      );
    }
    buses.context = await openNatsBus({ url: nats.urlOf('context'), service: 'context', logger });
    for (const sku of ['A', 'B', 'C']) await stockShelf(database.sql, STORE, sku, NOW);
    gateway = database.open('gateway');
    coordinator = await start();
    await until(async () => (await database.sql`select 1 from events where type = 'rules.activated'`).length === 1);
  });

  after(async () => {
    for (const beat of beats) clearInterval(beat);
    await coordinator.stop();
    await Promise.all(Object.values(buses).map((bus) => bus.close()));
    await nats.stop();
    await database.close();
  });

  /** Writes an event as the gateway does, and moves the watermark past it. */
  async function happen(type: string, subject: string, data: Record<string, unknown>): Promise<Envelope> {
    const id = systemClocks.newId();
    const draft: Draft = {
      id,
      source: 'test',
      type,
      subject: subject as Draft['subject'],
      time: NOW,
      store: STORE,
      correlationid: id,
      depth: 0,
      data,
    };
    const [event] = await inStores(gateway, [STORE], (tx) => appendEvents(tx, STORE, [draft], 'mapped'));
    await fold(event!.seq);
    return event!;
  }

  /** Moves the watermark, as context does when it has folded an event. */
  async function fold(seq: number): Promise<void> {
    await database.sql`insert into positions (store, service, seq) values (${STORE}, 'context', ${seq}) on conflict (store, service) do update set seq = excluded.seq`;
    buses.context!.signal(watermarkSubject(STORE), String(seq));
  }

  async function answer(
    agent: string,
    event: Envelope,
    intents: Partial<Intent>[],
    over: Record<string, unknown> = {},
  ): Promise<void> {
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
    await buses[agent]!.publish(answerSubject(STORE, agent), JSON.stringify(body));
  }

  const priced = (sku: string, priceMinor: number) => ({
    action: 'price.set',
    params: { sku, priceMinor, currency: 'GBP' },
  });
  const closed = (seq: number) =>
    until(
      async () => (await database.sql`select 1 from rounds where seq = ${seq} and closed_as is not null`).length === 1,
    );
  const decided = async (seq: number) =>
    (await database.sql`select agent, verdict, rule from decisions where seq = ${seq} order by agent`).map(
      (row) => `${row.agent} ${row.verdict} by ${row.rule}`,
    );

  test('a round closes when everybody has answered; claims, action and decision are written together', async () => {
    const event = await happen('competitor.price-changed', 'sku:A', { competitor: 'x', minor: 900, currency: 'GBP' });
    await answer('pricing', event, [priced('A', 950)]);
    await answer('marketing', event, [], { pass: 'nothing to do' });
    await closed(event.seq);
    const [round] = await database.sql`select * from rounds where seq = ${event.seq}`;
    assert.deepEqual([round!.closed_as, round!.answers, round!.missing], ['complete', 2, []]);
    assert.deepEqual(await decided(event.seq), ['pricing granted by objectives']);
    const [action] =
      await database.sql`select a.state, a.type, c.resource, c.exclusive from actions a join claims c using (store, action)`;
    assert.deepEqual({ ...action }, { state: 'pending', type: 'price.set', resource: 'sku:A', exclusive: true });
  });

  test('a repeated answer counts once, a malformed one is a pass with a dead letter, one under another digest is not judged', async () => {
    const event = await happen('traffic.spiked', 'sku:B', { views: 9, baselineViews: 3, windowMinutes: 5 });
    await answer('pricing', event, [priced('B', 950)]);
    await answer('pricing', event, [priced('B', 990)]);
    await answer('marketing', event, [priced('B', 700)], { digest: 'other' });
    const letters = async (reason: string) =>
      (await database.sql`select 1 from dead_letters where reason = ${reason}`).length === 1;
    // Taken in before the next one is sent: it must not stand in that one's place.
    await until(() => letters('foreign-digest'));
    await answer('marketing', event, [], { sneaky: true });
    await closed(event.seq);
    assert.ok(await letters('malformed-answer'));
    assert.deepEqual(await decided(event.seq), ['pricing granted by objectives']);
    const [decision] = await database.sql`select params from decisions where seq = ${event.seq}`;
    assert.equal(decision!.params.priceMinor, 950);
  });

  test('a second intent on a held key waits for the outcome; a failed action frees the key and wakes it', async () => {
    const event = await happen('competitor.price-changed', 'sku:A', { competitor: 'x', minor: 800, currency: 'GBP' });
    await answer('marketing', event, [{ ...priced('A', 920), objective: 'growth' }]);
    await answer('pricing', event, []);
    await closed(event.seq);
    assert.deepEqual(await decided(event.seq), ['marketing deferred by claim']);
    const [held] = await database.sql`select action from claims where resource = 'sku:A' and ended_as is null`;
    const failed = await happen('action.failed', `store:${STORE}`, {
      action: held!.action,
      actionType: 'price.set',
      agent: 'pricing',
      leaves: ['sku:A'],
    });
    await closed(failed.seq);
    const [due] = await database.sql`select addressee, data from events where type = 'intent.due'`;
    assert.equal(due!.addressee, 'marketing');
    assert.equal((await database.sql`select 1 from claims where resource = 'sku:A' and ended_as = 'failed'`).length, 1);
  });

  test("an answer after its round has closed is an event of its own, and is judged in that event's round", async () => {
    alive.delete('marketing');
    const event = await happen('competitor.price-changed', 'sku:C', { competitor: 'x', minor: 800, currency: 'GBP' });
    await answer('pricing', event, []);
    await closed(event.seq);
    alive.add('marketing');
    await new Promise((resolve) => setTimeout(resolve, 700));
    await answer('marketing', event, [{ ...priced('C', 990), objective: 'growth' }]);
    const [late] = await until(async () => {
      const rows = await database.sql`select seq from events where type = 'answer.late'`;
      return rows.length === 1 && rows;
    });
    await fold(late!.seq);
    await closed(late!.seq);
    assert.deepEqual(await decided(late!.seq), ['marketing granted by objectives']);
  });

  test('a restart takes its lease back with a higher epoch and finds the open round and its answers again', async () => {
    const event = await happen('competitor.price-changed', 'sku:C', { competitor: 'y', minor: 700, currency: 'GBP' });
    await answer('pricing', event, []);
    await until(async () => (await database.sql`select 1 from answers where event = ${event.id}`).length === 1);
    const [before] = await database.sql`select epoch from leases where service = 'coordinator'`;
    await coordinator.stop();
    coordinator = await start();
    await until(
      async () =>
        (await database.sql`select 1 from leases where service = 'coordinator' and epoch > ${before!.epoch}`).length ===
        1,
    );
    await answer('marketing', event, []);
    await closed(event.seq);
    const [round] = await database.sql`select closed_as, answers from rounds where seq = ${event.seq}`;
    assert.deepEqual({ ...round }, { closed_as: 'complete', answers: 2 });
  });

  test('the exclusion constraint refuses what the coordinator would never write', async () => {
    const row = (
      claim: string,
    ) => database.sql`insert into claims (store, claim, resource, aspect, during, exclusive, owner, layer)
      values (${STORE}, ${claim}, 'sku:Z', 'price', '[2026-01-01,)', true, 'x', '{}')`;
    await row('one');
    await assert.rejects(row('two'), /claims_exclusive/);
  });
});

async function until<Result>(probe: () => Promise<Result | false | undefined>, limitMs = 15_000): Promise<Result> {
  const end = Date.now() + limitMs;
  for (;;) {
    const result = await probe();
    if (result) return result;
    assert.ok(Date.now() < end, `waited ${limitMs} ms in vain: ${probe}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
