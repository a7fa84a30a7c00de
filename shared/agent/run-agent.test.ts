import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { Bus, Consumption } from '#shared/bus/bus.ts';
import { MemoryServer } from '#shared/bus/memory-bus.ts';
import { partitionDurable } from '#shared/bus/streams.ts';
import { answerSubject, eventSubject, partitionOf, watermarkSubject } from '#shared/bus/subjects.ts';
import type { Answer, Manifest, Proposal } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { digestOf } from '#shared/runtime/digest.ts';
import type { RunningService } from '#shared/runtime/lifecycle.ts';
import { createLogger } from '#shared/runtime/logger.ts';
import type { Sql } from '#shared/store/connect.ts';
import { inStores } from '#shared/store/transaction.ts';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import type { AgentModule } from './module.ts';
import { pass } from './propose.ts';
import { serveAgent } from './run-agent.ts';

const NOW = '2011-10-20T10:00:00.000Z';
const ACK_WAIT_MS = 150;
const manifest: Manifest = {
  agent: 'orders',
  version: '1',
  description: 'A test.',
  skills: [],
  answers: ['order.placed', 'intent.due'],
  actions: [{ type: 'order.tag', objectives: ['promise-keeping'], maxPerAnswer: 1 }],
  announces: [],
  reads: ['tags'],
};
const event = (seq: number, over: Partial<Envelope> = {}): Envelope => ({
  specversion: '1.0',
  id: `01999999-9999-7999-8999-${String(seq).padStart(12, '0')}`,
  source: 't',
  type: 'order.placed',
  subject: 'order:1',
  time: NOW,
  store: 'shop',
  seq,
  now: NOW,
  correlationid: 'c',
  depth: 0,
  dataversion: 1,
  data: {},
  ...over,
});
const tag: Proposal['intents'][number] = {
  action: 'order.tag',
  objective: 'promise-keeping',
  params: { order: '1', tag: 'seen' },
  reason: 'r',
  cites: [],
};

describe('agent runtime', () => {
  let database: TestDatabase;
  let context: Sql;
  let orders: Sql;
  let server: MemoryServer;
  let bus: Bus;
  let answers: Consumption;
  let running: RunningService | undefined;
  let gather: AgentModule<null>['gather'];
  let decide: AgentModule<null>['decide'];

  before(async () => {
    database = await createDatabase();
    context = database.open('context');
    orders = database.open('orders');
  });
  after(() => database.close());
  beforeEach(() => {
    server = new MemoryServer({ ackWaitMs: ACK_WAIT_MS });
    server.ensure(['shop'], ['orders']);
    bus = server.connect();
    answers = bus.consume({ stream: 'ANSWERS', durable: partitionDurable('coordinator', partitionOf('shop')) });
    gather = async () => null;
    decide = () => pass('nothing');
  });
  afterEach(async () => {
    await answers.stop();
    await running?.stop();
    await bus.close();
  });

  const start = () => {
    running = serveAgent(
      { manifest, gather: (...given) => gather(...given), decide: (...given) => decide(...given) },
      { sql: orders, bus, logger: createLogger('test', 'silent') },
    );
  };
  const fold = (seq: number) =>
    inStores(
      context,
      ['shop'],
      (tx) => tx`insert into positions (store, service, seq) values ('shop', 'context', ${seq})
        on conflict (store, service) do update set seq = excluded.seq`,
    );
  const send = (sent: Envelope) => bus.publish(eventSubject(sent.store, sent.type), JSON.stringify(sent));
  const next = async (): Promise<Answer & { subject: string }> => {
    const [message] = await answers.take(1);
    message!.ack();
    return { ...JSON.parse(message!.text()), subject: message!.subject };
  };

  test('an event is answered under the digest of the manifest, with what was decided', async () => {
    await fold(10);
    decide = (asked, _, now) => ({ intents: [{ ...tag, reason: `${asked.type} at ${now}` }], announcements: [] });
    start();
    await send(event(5));
    const answer = await next();
    assert.equal(answer.subject, answerSubject('shop', 'orders'));
    assert.equal(answer.digest, digestOf(manifest));
    assert.deepEqual([answer.event, answer.seq, answer.part, answer.now], [event(5).id, 5, 1, NOW]);
    assert.equal(answer.intents[0]?.reason, `order.placed at ${NOW}`);
  });

  test('nothing is decided before context has folded the event, however long that takes', async () => {
    await fold(1);
    let decidedAt = 0;
    decide = () => {
      decidedAt = performance.now();
      return pass('nothing');
    };
    start();
    await send(event(12));
    await new Promise((resolve) => setTimeout(resolve, ACK_WAIT_MS * 3));
    assert.equal(decidedAt, 0);
    bus.signal(watermarkSubject('shop'), '12');
    assert.equal((await next()).pass, 'nothing');
  });

  test('a watermark that nobody heard is looked up', async () => {
    await fold(20);
    start();
    await send(event(19));
    assert.equal((await next()).seq, 19);
    await send(event(30));
    await fold(30);
    assert.equal((await next()).seq, 30);
  });

  test('echoes, events for others and those too deep are not answered', async () => {
    await fold(50);
    start();
    await send(event(41, { addressee: 'nobody' }));
    await send(event(42, { type: 'intent.due', addressee: 'pricing' }));
    await send(event(43, { depth: 9 }));
    await send(event(44, { type: 'stock.changed' }));
    await bus.publish(eventSubject('shop', 'order.placed'), 'not an event');
    await send(event(45, { type: 'intent.due', addressee: 'orders' }));
    assert.equal((await next()).seq, 45);
    assert.equal(answers.waiting, 0);
  });

  test('deciding that fails is tried again, and passed as poison before it is looked at for the fourth time', async () => {
    await fold(60);
    let looked = 0;
    decide = () => {
      looked += 1;
      throw new Error('cannot');
    };
    start();
    await send(event(51));
    assert.equal((await next()).pass, 'poison');
    assert.equal(looked, 3);
  });

  test('a fact that the manifest does not name is not read: the event is passed', async () => {
    await fold(60);
    gather = async (asked, read) => {
      await read.facts(['order:1'], asked.seq === 52 ? ['tags', 'spent'] : ['tags']);
      return null;
    };
    start();
    await send(event(52));
    assert.equal((await next()).pass, 'poison');
    await send(event(53));
    assert.equal((await next()).pass, 'nothing');
  });

  test('one that fails keeps nobody else from an answer', async () => {
    await fold(70);
    decide = (asked) => {
      if (asked.seq === 61) throw new Error('cannot');
      return pass('nothing');
    };
    start();
    for (const seq of [61, 62, 63]) await send(event(seq));
    assert.deepEqual([(await next()).seq, (await next()).seq].sort(), [62, 63]);
  });

  const malformed: readonly [string, Proposal][] = [
    ['more than its cap', { intents: [tag, tag], announcements: [] }],
    ['another objective', { intents: [{ ...tag, objective: 'growth' }], announcements: [] }],
    ['another action', { intents: [{ ...tag, action: 'order.cancel' }], announcements: [] }],
    ['params that the contract refuses', { intents: [{ ...tag, params: { order: '1' } }], announcements: [] }],
    [
      'an announcement that it may not make',
      { intents: [], announcements: [{ type: 'reorder.planned', subject: 'sku:A', data: {} }] },
    ],
  ];
  for (const [name, proposal] of malformed) {
    test(`${name}: a pass, at once`, async () => {
      await fold(80);
      decide = () => proposal;
      start();
      await send(event(71));
      const answer = await next();
      assert.equal(answer.pass, 'malformed');
      assert.deepEqual(answer.intents, []);
    });
  }

  test('a heartbeat says what it runs under, and whether it is at work', async () => {
    const beats: { digest: string; state: string }[] = [];
    bus.watch('parley.alive.>', (_, payload) => beats.push(JSON.parse(payload)));
    start();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(beats, [{ digest: digestOf(manifest), state: 'idle' }]);
  });
});
