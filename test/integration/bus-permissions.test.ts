import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from 'nats';
import { API_PREFIX, GATEWAY_TYPES, identities, inboxPrefix } from '#shared/bus/identities.ts';
import { consumersFor, STREAMS } from '#shared/bus/streams.ts';
import { aliveSubject, answerSubject, decisionSubject, eventSubject, watermarkSubject } from '#shared/bus/subjects.ts';
import { connectionTarget } from '#shared/bus/target.ts';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import { startTestNats, type TestNats } from '#shared/testing/nats.ts';
import { type Attempt, type Said, tryOnNats } from '#shared/testing/raw-nats.ts';

/**
 * Every identity tries everything that can be said on the bus. What may succeed is written here a second time, by duty and
 * not by subject patterns, so that a permission that is wider than its duty fails, and so does a new identity without one.
 */

/** The last is one that somebody added: agents need no list. */
const AGENTS = ['pricing', 'inventory', 'marketing', 'support', 'orders', 'newcomer'];
/** Of different partitions. */
const STORES = ['sandbox', 'replay-0123456789ab'];
const CONSUMERS = consumersFor(STORES, AGENTS);
const USERS = identities(AGENTS).map(({ user }) => user);
const NOBODY = 'nobody';

/** One thing that could be tried, with what it means, so that a duty can be asked about it. */
interface Deed {
  readonly kind:
    | 'event'
    | 'answer'
    | 'decision'
    | 'alive'
    | 'watermark'
    | 'inbox'
    | 'pull'
    | 'create'
    | 'admin'
    | 'other';
  /** Event type, agent, user, or the service whose consumer it is. */
  readonly of: string;
  readonly attempt: Attempt;
}

const publish = (kind: Deed['kind'], of: string, subject: string, payload = '{}'): Deed => ({
  kind,
  of,
  attempt: { verb: 'PUB', subject, payload },
});
const listen = (kind: Deed['kind'], of: string, subject: string): Deed[] => [
  { kind, of, attempt: { verb: 'SUB', subject } },
  { kind, of, attempt: { verb: 'SUB', subject, queue: 'thieves' } },
];

function spoken(): Array<{ kind: Deed['kind']; of: string; subject: string }> {
  const everyone = [...USERS, NOBODY];
  return [
    ...STORES.flatMap((store) => [
      ...[...EVENT_TYPES.keys()].map(
        (type) => ({ kind: 'event', of: type, subject: eventSubject(store, type) }) as const,
      ),
      ...[...AGENTS, NOBODY].flatMap(
        (agent) =>
          [
            { kind: 'answer', of: agent, subject: answerSubject(store, agent) },
            { kind: 'decision', of: agent, subject: decisionSubject(store, agent) },
          ] as const,
      ),
      { kind: 'watermark', of: store, subject: watermarkSubject(store) } as const,
    ]),
    ...everyone.map((user) => ({ kind: 'alive', of: user, subject: aliveSubject(user) }) as const),
    ...everyone.map((user) => ({ kind: 'inbox', of: user, subject: `${inboxPrefix(user)}.x.1` }) as const),
  ];
}

/** The service that owns a durable: its name up to the partition. */
const ownerOf = (durable: string) => durable.replace(/-\d+$/, '');

function pulls(): Deed[] {
  return CONSUMERS.flatMap(({ stream, durable }) => {
    const of = `${stream} ${ownerOf(durable)}`;
    // "+WPI" says "still at it" of a message that was never given: allowed, it changes nothing.
    const ack = (subject: string) => publish('pull', of, subject, '+WPI');
    const forged = CONSUMERS.filter((other) => other.durable !== durable || other.stream !== stream).map((mine) =>
      // An acknowledgement of this consumer, dressed up to look like one of another's in the newer form.
      publish('pull', of, `$JS.ACK.${stream}.${durable}.${mine.stream}.${mine.durable}.1.1.1`, '+ACK'),
    );
    return [
      publish('pull', of, `${API_PREFIX}.CONSUMER.INFO.${stream}.${durable}`, ''),
      publish('pull', of, `${API_PREFIX}.CONSUMER.MSG.NEXT.${stream}.${durable}`, '{"batch":1,"no_wait":true}'),
      publish('admin', of, `$JS.API.CONSUMER.INFO.${stream}.${durable}`, ''),
      publish('admin', of, `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`, '{"batch":1,"no_wait":true}'),
      ack(`$JS.ACK.${stream}.${durable}.1.1.1.1.0`),
      ack(`$JS.ACK._.hash.${stream}.${durable}.1.1.1.1.0.token`),
      ...forged,
    ];
  });
}

function administration(): Deed[] {
  const api = (kind: 'create' | 'admin', call: string) => publish(kind, call, `$JS.API.${call}`, '{}');
  const ofServer = [
    ...['INFO', 'STREAM.LIST'].map((call) => api('create', call)),
    ...['STREAM.NAMES', 'STREAM.CREATE.OTHER', 'STREAM.TEMPLATE.CREATE.OTHER', 'STREAM.TEMPLATE.NAMES'].map((call) =>
      api('admin', call),
    ),
    ...['META.LEADER.STEPDOWN', 'SERVER.REMOVE', 'ACCOUNT.PURGE.$G', 'ACCOUNT.STREAM.MOVE.$G.EVENTS'].map((call) =>
      api('admin', call),
    ),
    ...[
      '$SYS.REQ.SERVER.PING',
      '$SYS.REQ.ACCOUNT.PING.CONNZ',
      '$JS.EVENT.ADVISORY.API',
      '$JS.FC.EVENTS.pricing.x',
      'parley',
      'parley.other',
    ].map((subject) => publish('other', subject, subject)),
  ];
  const ofStreams = STREAMS.flatMap(({ name }) => [
    ...[
      ...['CREATE', 'INFO', 'UPDATE'].map((call) => `STREAM.${call}.${name}`),
      `CONSUMER.LIST.${name}`,
      `CONSUMER.DURABLE.CREATE.${name}.thief`,
      `CONSUMER.CREATE.${name}`,
      `CONSUMER.CREATE.${name}.thief`,
      `CONSUMER.CREATE.${name}.thief.parley.event.>`,
    ].map((call) => api(call === `CONSUMER.CREATE.${name}` ? 'admin' : 'create', call)),
    ...['DELETE', 'PURGE', 'MSG.DELETE', 'MSG.GET', 'SNAPSHOT', 'RESTORE', 'LEADER.STEPDOWN', 'PEER.REMOVE'].map(
      (call) => api('admin', `STREAM.${call}.${name}`),
    ),
    ...[`DIRECT.GET.${name}`, `CONSUMER.NAMES.${name}`].map((call) => api('admin', call)),
  ]);
  const ofConsumers = CONSUMERS.flatMap(({ stream, durable }) => [
    ...['DELETE', 'LEADER.STEPDOWN', 'PAUSE', 'UNPIN'].map((call) =>
      api('admin', `CONSUMER.${call}.${stream}.${durable}`),
    ),
    api('create', `CONSUMER.DURABLE.CREATE.${stream}.${durable}`),
  ]);
  return [...ofServer, ...ofStreams, ...ofConsumers];
}

const WILD = [
  '>',
  '*',
  '*.>',
  'parley.>',
  'parley.*.*.*.*',
  'parley.answer.>',
  '_INBOX_*.>',
  '$JS.>',
  '$JS.API.>',
  '$JS.ACK.>',
  '$JS.EVENT.ADVISORY.>',
  '$SYS.>',
];

function everything(): Deed[] {
  const said = spoken();
  const apis = [...pulls(), ...administration()];
  return [
    ...said.map(({ kind, of, subject }) => publish(kind, of, subject)),
    ...apis,
    ...said.flatMap(({ kind, of, subject }) => listen(kind, of, subject)),
    ...USERS.flatMap((user) => listen('inbox', user, `${inboxPrefix(user)}.>`)),
    ...AGENTS.flatMap((agent) => listen('decision', agent, `parley.decision.*.*.${agent}`)),
    ...WILD.flatMap((subject) => listen('other', subject, subject)),
    // Who may hear an API call or an acknowledgement knows when others work, and could answer in the server's place.
    ...apis.flatMap(({ attempt }) => listen('other', attempt.subject, attempt.subject)),
  ];
}

/** What each service is there for. Nobody else does it. */
const DUTIES: Readonly<Record<string, (deed: Deed) => boolean>> = {
  gateway: ({ kind, of, attempt }) =>
    attempt.verb === 'PUB'
      ? kind === 'event' && (GATEWAY_TYPES as readonly string[]).includes(of)
      : kind === 'event' || kind === 'decision' || kind === 'alive',
  context: ({ kind, of, attempt }) =>
    attempt.verb === 'PUB' && (kind === 'watermark' || (kind === 'pull' && of === 'EVENTS context')),
  coordinator: ({ kind, of, attempt }) =>
    attempt.verb === 'PUB'
      ? kind === 'event' || kind === 'decision' || (kind === 'pull' && of.endsWith(' coordinator'))
      : kind === 'alive' || kind === 'watermark',
  executor: ({ kind, of, attempt }) => attempt.verb === 'PUB' && kind === 'event' && of.startsWith('action.'),
  sandbox: () => false,
  setup: ({ kind, attempt }) => attempt.verb === 'PUB' && kind === 'create',
};

const agentDuty =
  (agent: string) =>
  ({ kind, of, attempt }: Deed) =>
    attempt.verb === 'PUB'
      ? (kind === 'answer' && of === agent) || (kind === 'pull' && of === `EVENTS ${agent}`)
      : (kind === 'decision' && of === agent) || kind === 'watermark';

function isDuty(user: string, deed: Deed): boolean {
  if (deed.of === user && (deed.kind === 'alive' ? deed.attempt.verb === 'PUB' : deed.kind === 'inbox'))
    return deed.kind === 'alive' || deed.attempt.verb === 'SUB';
  const duty = AGENTS.includes(user) ? agentDuty(user) : DUTIES[user];
  return duty?.(deed) ?? false;
}

describe('who may say and hear what on the bus', () => {
  const deeds = everything();
  let nats: TestNats;
  let tried = 0;

  before(async () => {
    nats = await startTestNats(AGENTS);
    await nats.ensure(STORES);
  });
  after(() => nats.stop());

  for (const user of USERS) {
    test(`${user} can do its duty and nothing else`, async (context) => {
      const said = await tryOnNats(
        nats.urlOf(user),
        deeds.map(({ attempt }) => attempt),
      );
      const wrong = said.flatMap((one, index) => complaint(user, deeds[index]!, one));
      assert.deepEqual(wrong, []);
      tried += said.length;
      const allowed = said.filter(({ refusal }) => refusal === undefined).length;
      assert.ok(allowed > 0);
      context.diagnostic(`${said.length} tried, ${said.length - allowed} refused, ${allowed} allowed`);
    });
  }

  test('nobody without credentials, or with wrong ones, gets in', async () => {
    const address = new URL(nats.urlOf('gateway')).host;
    const wrongPassword = nats.urlOf('gateway').replace(/:[^:@/]+@/, ':wrong@');
    for (const url of [`nats://${address}`, wrongPassword, `nats://${NOBODY}:x@${address}`])
      await assert.rejects(tryOnNats(url, [deeds[0]!.attempt]), /Authorization Violation/);
  });

  test('streams and consumers are what they were, after all that', async (context) => {
    const connection = await connect({ ...connectionTarget(nats.urlOf('setup')), inboxPrefix: inboxPrefix('setup') });
    const manager = await jetstreamManager(connection);
    const found: string[] = [];
    for (const { name } of STREAMS) {
      for await (const consumer of manager.consumers.list(name)) {
        found.push(`${name}.${consumer.name}`);
        assert.equal(consumer.ack_floor.consumer_seq, 0, `${consumer.name} has acknowledged what it was never given`);
      }
    }
    await connection.close();
    assert.deepEqual(found.sort(), CONSUMERS.map(({ stream, durable }) => `${stream}.${durable}`).sort());
    context.diagnostic(`${tried} combinations of ${USERS.length} identities and ${deeds.length} deeds`);
  });

  /**
   * nats-server answers under whatever reply subject it is given, with its own power and not the asker's. In an account of
   * one's own that leads nowhere; in a common one the first of these would drop the stream.
   */
  test('a crafted reply subject has the server do nothing that the asker may not do', async () => {
    const commands = [
      'STREAM.DELETE.EVENTS',
      'STREAM.PURGE.EVENTS',
      'CONSUMER.DELETE.EVENTS.orders',
      'ACCOUNT.PURGE.PARLEY',
    ];
    const replies = [
      ...commands.flatMap((command) => [`$JS.API.${command}`, `${API_PREFIX}.${command}`]),
      answerSubject(STORES[0]!, 'orders'),
    ];
    for (const user of ['newcomer', 'gateway', 'coordinator']) {
      const durable = user === 'coordinator' ? CONSUMERS.find((one) => one.durable.startsWith(user))!.durable : user;
      const asked = [
        { subject: `${API_PREFIX}.CONSUMER.MSG.NEXT.EVENTS.${durable}`, payload: '{"batch":1,"no_wait":true}' },
        { subject: `${API_PREFIX}.CONSUMER.INFO.EVENTS.${durable}`, payload: '' },
        {
          subject: user === 'newcomer' ? answerSubject(STORES[0]!, user) : eventSubject(STORES[0]!, 'order.placed'),
          payload: '{}',
        },
      ];
      const attempts = asked.flatMap((one) => replies.map((reply) => ({ verb: 'PUB', reply, ...one }) as const));
      await tryOnNats(nats.urlOf(user), attempts);
    }
    assert.deepEqual(await nats.ensure(STORES), [], 'nothing was missing');
    const connection = await connect({ ...connectionTarget(nats.urlOf('setup')), inboxPrefix: inboxPrefix('setup') });
    const answers = await (await jetstreamManager(connection)).streams.list().next();
    const forged = answers.find(({ config }) => config.name === 'ANSWERS')?.state;
    const placed = answers.find(({ config }) => config.name === 'EVENTS')?.state;
    await connection.close();
    assert.ok(placed!.messages > 0, 'what they may say was stored');
    const subjects = Object.keys(forged?.subjects ?? {});
    assert.ok(!subjects.includes(answerSubject(STORES[0]!, 'orders')), 'no server-made answer of somebody else');
  });
});

function complaint(user: string, deed: Deed, { refusal }: Said): string[] {
  const duty = isDuty(user, deed);
  const what = `${deed.attempt.verb} ${deed.attempt.subject}`;
  if (duty && refusal !== undefined) return [`${user} needs ${what}: ${refusal}`];
  if (!duty && !refusal?.includes('Permissions Violation')) return [`${user} must not ${what}`];
  return [];
}
