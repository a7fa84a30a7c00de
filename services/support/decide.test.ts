import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { StandingClaim } from '#shared/agent/propose.ts';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import { answer, type Intent } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import { type Fact, factView } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { DAY_MS, HOUR_MS, plus } from '#shared/kernel/time.ts';
import { manifest } from './agent.ts';
import type { Briefing } from './briefing.ts';
import { decide } from './decide.ts';

const NOW = '2011-10-20T12:00:00.000Z';
const ORDER: ResourceKey = 'order:563185';
type Values = Readonly<Record<string, unknown>>;

function placed(over: Values = {}): Values {
  return {
    at: plus(NOW, -4 * DAY_MS),
    name: '#563185',
    customer: '17850',
    currency: 'GBP',
    totalMinor: 10_000,
    units: 40,
    lines: 5,
    promisedAt: plus(NOW, -DAY_MS),
    ...over,
  };
}

/** An order that is paid and has left the house. */
const SENT: Values = {
  placed: placed(),
  paid: { at: NOW, minor: 10_000 },
  fulfilled: { at: plus(NOW, -3 * DAY_MS), carrier: 'DPD', complete: true },
  shipment: { status: 'in-transit', carrier: 'DPD', promisedAt: plus(NOW, -DAY_MS) },
};
const WAITING: Values = { placed: placed(), paid: { at: NOW, minor: 10_000 } };

function brief(values: Values, claims: readonly StandingClaim[] = []): Briefing {
  const facts = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([attribute, value], index): Fact => ({ resource: ORDER, attribute, value, version: index + 1, time: NOW }));
  return { facts: factView(facts), claims };
}

function event(type: string, data: Values, subject: ResourceKey = ORDER): Envelope {
  return {
    specversion: '1.0',
    id: '01932c07-0000-7000-8000-000000000001',
    source: 'test',
    type,
    subject,
    time: NOW,
    store: 'sandbox',
    seq: 1,
    now: NOW,
    correlationid: 'c',
    depth: 0,
    dataversion: 1,
    data,
  };
}

const delayed = (days: number, over: Values = {}) =>
  event('shipment.delayed', {
    fulfilment: '1',
    carrier: 'DPD',
    estimatedAt: plus(NOW, days * DAY_MS),
    customer: '17850',
    ...over,
  });
const wrote = (topic: string, over: Values = {}) =>
  event('message.received', { customer: '17850', order: '563185', channel: 'email', topic, ...over }, 'message:1');
const disputed = (state: string) => event('payment.disputed', { dispute: '9', minor: 10_000, currency: 'GBP', state });
const cancelled = (cancelReason: string) =>
  event('order.cancelled', { cancelReason, restocked: true, totalMinor: 10_000, lines: [] });
const inShort = (intents: readonly Intent[]) =>
  intents.map(({ action, params }) => `${action} ${params.topic ?? params.amountMinor ?? params.handle}`);
const told = (topic: string, about: string, at = NOW) => ({ told: { [topic]: { at, about } } });
const estimate = (days: number) => plus(NOW, days * DAY_MS);

const CASES: readonly (readonly [string, Envelope, Values, readonly string[]])[] = [
  ['a delay is told', delayed(0.5), SENT, ['notice.send delay']],
  ['a long delay is made up for', delayed(3), SENT, ['notice.send delay', 'credit.give 500']],
  ['a longer one by no more than a tenth', delayed(20), SENT, ['notice.send delay', 'credit.give 1000']],
  [
    'a wholesale order by no more than the bound',
    delayed(20),
    { ...SENT, placed: placed({ totalMinor: 7_718_360 }) },
    ['notice.send delay', 'credit.give 2500'],
  ],
  ['a tiny order by nothing', delayed(20), { ...SENT, placed: placed({ totalMinor: 120 }) }, ['notice.send delay']],
  ['the same estimate is told once', delayed(3), { ...SENT, ...told('delay', estimate(3)) }, []],
  ['a little later is no news', delayed(3), { ...SENT, ...told('delay', estimate(2.5)) }, []],
  [
    'a day later is news, and no second gift',
    delayed(4),
    { ...SENT, told: { delay: { at: NOW, about: estimate(3) }, goodwill: { at: NOW, about: '500' } } },
    ['notice.send delay'],
  ],
  ['what still comes in time is no delay', delayed(-2), SENT, []],
  [
    'what has arrived since is no delay',
    delayed(3),
    { ...SENT, shipment: { status: 'delivered', carrier: 'DPD' } },
    [],
  ],
  [
    'only the newest estimate is told',
    delayed(3),
    { ...SENT, shipment: { status: 'delayed', carrier: 'DPD', estimatedAt: estimate(5) } },
    [],
  ],
  ['a cancelled order is not late', delayed(3), { ...SENT, cancelled: { at: NOW, reason: 'customer' } }, []],
  [
    'a disputed one gets the news and no gift',
    delayed(3),
    { ...SENT, dispute: { state: 'open', minor: 10_000 } },
    ['notice.send delay'],
  ],
  ['an unpaid one too', delayed(3), { ...SENT, paid: undefined }, ['notice.send delay']],
  [
    'a guest cannot be written to',
    delayed(3, { customer: undefined }),
    { ...SENT, placed: placed({ customer: undefined }) },
    [],
  ],
  ['an unknown order is left alone', delayed(3), {}, []],
  ['a test order is left alone', delayed(3), { ...SENT, placed: placed({ test: true }) }, []],
  ['a cancellation by the shop is told', cancelled('inventory'), WAITING, ['notice.send cancellation']],
  ['once', cancelled('inventory'), { ...WAITING, ...told('cancellation', 'inventory') }, []],
  ['one by the customer is not', cancelled('customer'), WAITING, []],
  ['a suspicion of fraud is not put in a mail', cancelled('fraud'), WAITING, []],
  ['where an order is, is answered', wrote('where-is-my-order'), SENT, ['notice.send answer']],
  [
    'the same is not answered twice a day',
    wrote('where-is-my-order'),
    { ...SENT, ...told('answer', 'in transit') },
    [],
  ],
  [
    'but again the day after',
    wrote('where-is-my-order'),
    { ...SENT, ...told('answer', 'in transit', plus(NOW, -25 * HOUR_MS)) },
    ['notice.send answer'],
  ],
  [
    'and when it has changed',
    wrote('where-is-my-order'),
    { ...SENT, ...told('answer', 'not shipped') },
    ['notice.send answer'],
  ],
  ['a stranger learns nothing', wrote('where-is-my-order', { customer: '666' }), SENT, []],
  ['damage is made up for in part', wrote('damaged'), SENT, ['refund.issue 2000']],
  [
    'bounded for a wholesale order',
    wrote('damaged'),
    { ...SENT, placed: placed({ totalMinor: 7_718_360 }) },
    ['refund.issue 3000'],
  ],
  ['never under a dispute', wrote('damaged'), { ...SENT, dispute: { state: 'open', minor: 10_000 } }, []],
  ['nor a lost one', wrote('damaged'), { ...SENT, dispute: { state: 'lost', minor: 10_000 } }, []],
  [
    'nor beside one that was won, told of last',
    wrote('damaged'),
    {
      ...SENT,
      dispute: { state: 'won', minor: 5_000 },
      disputes: { 8: { at: NOW, state: 'open' }, 9: { at: NOW, state: 'won' } },
    },
    [],
  ],
  ['never twice', wrote('damaged'), { ...SENT, ...told('goodwill', '2000') }, []],
  ['never when half is refunded', wrote('damaged'), { ...SENT, refunded: 5_000 }, []],
  ['and never beyond the half', wrote('damaged'), { ...SENT, refunded: 4_000 }, ['refund.issue 1000']],
  ['what never left cannot have broken', wrote('damaged'), WAITING, []],
  [
    'a cancelled order is refunded by its cancellation',
    wrote('damaged'),
    { ...SENT, cancelled: { at: NOW, reason: 'customer' } },
    [],
  ],
  ['a stranger is given nothing', wrote('damaged', { customer: '666' }), SENT, []],
  ['a complaint that the facts bear out', wrote('complaint'), SENT, ['credit.give 500']],
  [
    'one that they do not',
    wrote('complaint'),
    { ...SENT, shipment: { status: 'delivered', carrier: 'DPD', at: NOW } },
    [],
  ],
  [
    'one about an order that is not due',
    wrote('complaint'),
    { ...WAITING, placed: placed({ promisedAt: plus(NOW, DAY_MS) }) },
    [],
  ],
  ['a question is for a person', wrote('question'), SENT, []],
  ['a wish to cancel is for another agent', wrote('cancel'), SENT, []],
  ['a message without an order is for a person', wrote('complaint', { order: undefined }), SENT, []],
  ['a dispute holds what is still here', disputed('open'), WAITING, ['order.hold dispute-9']],
  ['once', disputed('open'), { ...WAITING, held: { handle: 'dispute-9', held: true } }, []],
  [
    'beside a hold of somebody else',
    disputed('open'),
    { ...WAITING, held: { handle: 'fraud-1', held: true } },
    ['order.hold dispute-9'],
  ],
  ['not what has left', disputed('open'), SENT, []],
  [
    'not for a dispute that was closed before its opening was told',
    disputed('open'),
    { ...WAITING, disputes: { 9: { at: NOW, state: 'won' } } },
    [],
  ],
  [
    'for one that is open, beside another that is closed',
    disputed('open'),
    { ...WAITING, disputes: { 8: { at: NOW, state: 'won' }, 9: { at: NOW, state: 'open' } } },
    ['order.hold dispute-9'],
  ],
  [
    'a dispute that is won lets it go',
    disputed('won'),
    { ...WAITING, held: { handle: 'dispute-9', held: true } },
    ['order.release dispute-9'],
  ],
  [
    'also where another hold was put beside it later, or another was released',
    disputed('won'),
    {
      ...WAITING,
      held: { handle: 'dispute-8', held: false },
      holds: { 'dispute-9': { at: NOW } },
    },
    ['order.release dispute-9'],
  ],
  [
    'once, though another hold was told of last',
    disputed('open'),
    {
      ...WAITING,
      held: { handle: 'fraud-1', held: true },
      holds: { 'dispute-9': { at: NOW }, 'fraud-1': { at: NOW } },
    },
    [],
  ],
  ['but only our own hold', disputed('won'), { ...WAITING, held: { handle: 'fraud-1', held: true } }, []],
];

describe('support decides', () => {
  for (const [name, when, given, then] of CASES) {
    test(name, () => {
      const proposal = decide(when, brief(given), NOW);
      assert.deepEqual(inShort(proposal.intents), then, proposal.pass);
      assert.equal(proposal.pass === undefined, then.length > 0);
    });
  }

  test('what it said it does not say again when it has taken note of it', () => {
    for (const [when, given] of [
      [delayed(3), SENT],
      [cancelled('other'), WAITING],
      [wrote('damaged'), SENT],
      [wrote('where-is-my-order'), SENT],
    ] as const) {
      const { announcements } = decide(when, brief(given), NOW);
      const noted = (announcements[0]!.data.topics as { topic: string; about: string }[]).map(({ topic, about }) => [
        topic,
        { at: NOW, about },
      ]);
      assert.deepEqual(decide(when, brief({ ...given, told: Object.fromEntries(noted) }), NOW).intents, []);
    }
  });

  test('an answer tells the state that the facts show', () => {
    const states: readonly (readonly [Values, RegExp])[] = [
      [WAITING, /not left our house yet/],
      [{ ...WAITING, held: { handle: 'fraud-1', held: true, reason: 'fraud' } }, /checking something/],
      [SENT, /left our house with DPD/],
      [
        { ...SENT, shipment: { status: 'delayed', carrier: 'DPD', estimatedAt: estimate(2) } },
        /expected about 2011-10-22/,
      ],
      [{ ...SENT, shipment: { status: 'delivered', carrier: 'DPD', at: NOW } }, /delivered on 2011-10-20/],
      [{ ...WAITING, cancelled: { at: NOW, reason: 'customer' } }, /was cancelled/],
    ];
    for (const [given, then] of states) {
      const text = String(decide(wrote('where-is-my-order'), brief(given), NOW).intents[0]?.params.text);
      assert.match(text, then);
      assert.doesNotMatch(text, /fraud|17850/);
    }
  });

  test('a deferred gift is not proposed again under a dispute', () => {
    const [, proposal] = decide(delayed(3), brief(SENT), NOW).intents;
    const due = event('intent.due', { agent: 'support', intent: 'i1', proposal, origin: 'e' }, 'store:sandbox');
    assert.equal(decide(due, brief(SENT), NOW).intents[0]?.replaces, 'i1');
    assert.deepEqual(decide(due, brief({ ...SENT, dispute: { state: 'open', minor: 1 } }), NOW).intents, []);
  });
});

test('whatever the facts, gifts keep their bounds, the manifest and the contracts', () => {
  const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
  const given = fc.record({
    total: fc.integer({ min: 0, max: 20_000_000 }),
    refunded: maybe(fc.integer({ min: 0, max: 20_000_000 })),
    paid: fc.boolean(),
    shipped: fc.boolean(),
    cancelled: fc.boolean(),
    dispute: maybe(fc.constantFrom('open', 'won', 'lost')),
    name: fc.string({ maxLength: 200 }),
    shipment: maybe(fc.constantFrom('in-transit', 'delayed', 'delivered')),
  });
  const when = fc.oneof(
    fc.integer({ min: -5, max: 40 }).map((days) => delayed(days)),
    fc.constantFrom('where-is-my-order', 'cancel', 'damaged', 'complaint', 'question').map((topic) => wrote(topic)),
    fc.constantFrom('open', 'won', 'lost').map(disputed),
    fc.constantFrom('customer', 'inventory', 'fraud', 'declined', 'other').map(cancelled),
  );
  let proposals = 0;
  fc.assert(
    fc.property(when, given, (happened, g) => {
      const proposal = decide(
        happened,
        brief({
          placed: placed({ totalMinor: g.total, name: g.name }),
          refunded: g.refunded,
          paid: g.paid ? { at: NOW, minor: g.total } : undefined,
          fulfilled: g.shipped ? { at: NOW, carrier: 'DPD', complete: true } : undefined,
          cancelled: g.cancelled ? { at: NOW, reason: 'customer' } : undefined,
          dispute: g.dispute ? { state: g.dispute, minor: g.total } : undefined,
          shipment: g.shipment ? { status: g.shipment, carrier: 'DPD', estimatedAt: estimate(1) } : undefined,
        }),
        NOW,
      );
      answer.parse({ event: happened.id, seq: 1, part: 1, digest: 'x', now: NOW, ...proposal });
      for (const { type, data } of proposal.announcements) {
        assert.ok(manifest.announces.includes(type));
        EVENT_TYPES.get(type)!.data.parse(data);
      }
      for (const intent of proposal.intents) {
        proposals += 1;
        const params = ACTION_TYPES.get(intent.action)!.params.parse(intent.params) as { amountMinor?: number };
        const allowed = manifest.actions.find(({ type }) => type === intent.action);
        assert.ok(allowed?.objectives.includes(intent.objective));
        assert.ok(intent.cites.every(({ attribute }) => manifest.reads.includes(attribute)));
        if (params.amountMinor !== undefined) {
          assert.ok(g.paid && !g.cancelled && g.dispute !== 'open' && g.dispute !== 'lost');
          assert.ok(params.amountMinor <= 3_000 && params.amountMinor + (g.refunded ?? 0) <= Math.ceil(g.total / 2));
        }
      }
    }),
    { numRuns: 2_000 },
  );
  assert.ok(proposals > 300, `only ${proposals} proposals: the property hardly looked`);
});

test('nothing but known event types is answered, and never a placed order', () => {
  assert.ok(manifest.answers.every((type) => EVENT_TYPES.has(type)));
  assert.ok(!manifest.answers.includes('order.placed'));
});
