import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { type Fact, factView } from '#shared/contracts/facts.ts';
import { DAY_MS, plus } from '#shared/kernel/time.ts';
import { fakeReader } from '#shared/testing/fake-reader.ts';
import { manifest } from './agent.ts';
import { decide } from './decide.ts';
import { FRAUD_HANDLE } from './fraud.ts';
import { gather } from './gather.ts';

const NOW = '2011-10-20T10:00:00.000Z';
const event = (type: string, data: Record<string, unknown> = {}): Envelope => ({
  specversion: '1.0',
  id: 'e',
  source: 't',
  type,
  subject: 'order:1',
  time: NOW,
  store: 'shop',
  seq: 9,
  now: NOW,
  correlationid: 'c',
  depth: 0,
  dataversion: 1,
  data,
});
const fact = (resource: Fact['resource'], attribute: string, value: unknown): Fact => ({
  resource,
  attribute,
  value,
  version: 1,
  time: NOW,
});
const placed = (over: Record<string, unknown> = {}) =>
  fact('order:1', 'placed', {
    at: NOW,
    name: '#1',
    customer: '7',
    currency: 'GBP',
    totalMinor: 20_000,
    units: 10,
    lines: 2,
    ...over,
  });
const high = fact('order:1', 'risk', { level: 'high', signals: ['stolen card'] });
const medium = fact('order:1', 'risk', { level: 'medium', signals: [] });
const habit = fact('customer:7', 'spent', { GBP: { orders: 6, minor: 205_000 }, JPY: { orders: 1, minor: 200_000 } });
const paid = fact('order:1', 'paid', { at: NOW, minor: 20_000 });
const held = fact('order:1', 'held', { handle: FRAUD_HANDLE, held: true });

const actions = (type: string, facts: Fact[], data: Record<string, unknown> = {}) => {
  const { intents } = decide(
    event(type, { lines: [], ...data }),
    { orders: ['order:1'], facts: factView(facts), claims: [] },
    NOW,
  );
  for (const intent of intents) {
    assert.ok(
      manifest.actions.some((action) => action.type === intent.action && action.objectives.includes(intent.objective)),
    );
    assert.ok(ACTION_TYPES.get(intent.action)?.params.safeParse(intent.params).success, JSON.stringify(intent.params));
  }
  return intents.map((intent) => intent.action);
};

describe('orders', () => {
  const cases: readonly [string, string, Fact[], string[]][] = [
    ['a usual order', 'order.placed', [placed()], []],
    [
      'a wholesale order of a known customer',
      'order.placed',
      [
        placed({ totalMinor: 7_000_000, units: 80_000 }),
        fact('customer:7', 'orders', 30),
        fact('customer:7', 'spent', { GBP: { orders: 30, minor: 90_000_000 } }),
      ],
      [],
    ],
    ['an order of 1,114 lines', 'order.placed', [placed({ lines: 1_114, totalMinor: 250_000 })], []],
    [
      'a first order of unusual value, unpaid',
      'order.placed',
      [placed({ totalMinor: 400_000 }), fact('customer:7', 'orders', 1)],
      ['order.hold'],
    ],
    ['the same, paid', 'order.paid', [placed({ totalMinor: 400_000 }), paid, fact('customer:7', 'orders', 1)], []],
    ['flagged high', 'order.flagged', [placed(), paid, high], ['order.hold']],
    ['flagged high, held already', 'order.flagged', [placed(), paid, high, held], []],
    [
      'far above the habit in its currency, whatever was spent in another, unpaid and flagged medium',
      'order.placed',
      [placed({ totalMinor: 200_000 }), medium, fact('customer:7', 'orders', 7), habit],
      ['order.hold'],
    ],
    [
      'the first in a currency of small units, by a customer of another, unpaid and flagged medium',
      'order.placed',
      [placed({ totalMinor: 200_000, currency: 'JPY' }), medium, fact('customer:7', 'orders', 7), habit],
      [],
    ],
    [
      'cleared after a hold',
      'order.flagged',
      [placed(), paid, held, fact('order:1', 'risk', { level: 'low', signals: [] })],
      ['order.release'],
    ],
    [
      'somebody else holds it',
      'order.paid',
      [placed(), paid, fact('order:1', 'held', { handle: 'stock', held: true })],
      [],
    ],
    [
      'flagged high, but cancelled',
      'order.flagged',
      [placed(), high, fact('order:1', 'cancelled', { at: NOW, reason: 'customer' })],
      [],
    ],
    ['flagged high, but a test', 'order.flagged', [placed({ test: true }), high], []],
    ['flagged high, but nothing is known of it', 'order.flagged', [high], []],
    [
      'flagged high, but it has left',
      'order.flagged',
      [placed(), high, fact('order:1', 'fulfilled', { at: NOW, carrier: 'x', complete: true })],
      [],
    ],
    ['disputed and flagged high', 'payment.disputed', [placed(), high], ['order.cancel']],
    ['paid, disputed and flagged high', 'payment.disputed', [placed(), paid, high], ['order.hold']],
    ['paid, disputed, flagged high and held', 'payment.disputed', [placed(), paid, high, held], []],
    [
      'disputed and flagged high, but told after the end of the dispute',
      'payment.disputed',
      [placed(), high, fact('order:1', 'disputes', { D1: { at: NOW, state: 'won' } })],
      [],
    ],
    ['a bad debt in the books', 'order.flagged', [placed({ totalMinor: 0, units: 0 }), high], []],
    ['disputed only', 'payment.disputed', [placed(), paid], []],
  ];
  for (const [name, type, facts, expected] of cases) {
    test(`${name}: ${expected.join(', ') || 'nothing'}`, () =>
      assert.deepEqual(actions(type, facts, { dispute: 'D1', state: 'open' }), expected));
  }

  const lines = (short: number, all: number) => ({
    lines: Array.from({ length: all }, (_, index) => ({
      sku: `S${index}`,
      units: 4,
      unitMinor: 5,
      short: index < short,
    })),
  });
  const shelves = (short: number) =>
    Array.from({ length: short }, (_, index) =>
      fact(`sku:S${index}`, 'available', { units: -3, level: 0, levelTime: NOW, movements: [] }),
    );

  test('one of ten lines is missing: the rest leaves now', () => {
    const { intents } = decide(
      event('order.placed', lines(1, 10)),
      { orders: ['order:1'], facts: factView([placed(), ...shelves(1)]), claims: [] },
      NOW,
    );
    assert.deepEqual(
      intents.map((intent) => intent.params),
      [{ order: '1', later: [{ sku: 'S0', units: 3 }] }],
    );
  });

  test('half of it is missing: no split', () =>
    assert.deepEqual(actions('order.placed', [placed(), ...shelves(5)], lines(5, 10)), []));

  test('promised for tomorrow and still here: tagged once', () => {
    const soon = placed({ promisedAt: plus(NOW, DAY_MS / 2) });
    const review = (facts: Fact[]) =>
      decide(
        event('schedule.due', { name: 'daily-review' }),
        { orders: ['order:1'], facts: factView(facts), claims: [] },
        NOW,
      ).intents.map((intent) => intent.action);
    assert.deepEqual(review([soon]), ['order.tag']);
    assert.deepEqual(review([soon, fact('order:1', 'tags', ['late'])]), []);
    assert.deepEqual(review([placed({ promisedAt: plus(NOW, 5 * DAY_MS) })]), []);
    assert.deepEqual(review([placed({ promisedAt: plus(NOW, -60 * DAY_MS) })]), []);
  });

  const reviewed = (values: Record<string, unknown>, owner?: string) =>
    gather(
      event('schedule.due', { name: 'daily-review' }),
      fakeReader(
        {
          facts: { 'order:1': values },
          claims: owner ? [{ resource: 'order:1', aspect: 'fulfilment', owner }] : [],
        },
        plus(NOW, -4 * DAY_MS),
      ),
    ).then((briefing) => decide(event('schedule.due'), briefing, NOW).intents.map((intent) => intent.action));
  const ours = { placed: placed().value, held: { handle: FRAUD_HANDLE, held: true } };

  test('a hold of three days ends: what was paid goes, what was never paid is cancelled', async () => {
    assert.deepEqual(await reviewed({ ...ours, paid: { at: NOW, minor: 20_000 } }), ['order.release']);
    assert.deepEqual(await reviewed(ours, 'orders'), ['order.cancel']);
  });

  test('a hold is not let go beside an open dispute, though another was won and told of last', async () => {
    const disputed = {
      dispute: { state: 'won', minor: 5_000 },
      disputes: { D1: { at: NOW, state: 'open' }, D2: { at: NOW, state: 'won' } },
    };
    assert.deepEqual(await reviewed({ ...ours, paid: { at: NOW, minor: 20_000 }, ...disputed }), []);
    const lost = { dispute: { state: 'lost', minor: 5_000 }, disputes: { D1: { at: NOW, state: 'lost' } } };
    assert.deepEqual(await reviewed({ ...ours, paid: { at: NOW, minor: 20_000 }, ...lost }), [], 'nor paid back twice');
    assert.deepEqual(await reviewed({ ...ours, ...disputed }), ['order.cancel'], 'nothing was paid');
  });

  test('a hold ends neither for what has left, nor against another claim, nor where another holds', async () => {
    assert.deepEqual(await reviewed({ ...ours, fulfilled: { at: NOW, carrier: 'x', complete: true } }), []);
    assert.deepEqual(await reviewed(ours, 'person'), []);
    assert.deepEqual(await reviewed({ ...ours, held: { handle: 'stock', held: true } }), []);
  });

  test('deferred intents come again unless the order has moved on', () => {
    const due = (action: string, facts: Fact[]) =>
      actions('intent.due', facts, {
        intent: 'i',
        proposal: {
          action,
          objective: action === 'order.release' ? 'promise-keeping' : 'safety',
          params: {
            order: '1',
            handle: FRAUD_HANDLE,
            ...(action === 'order.hold' ? { holdReason: 'fraud', note: 'n' } : {}),
          },
          reason: 'r',
          cites: [],
        },
      });
    assert.deepEqual(due('order.release', [placed(), held]), ['order.release']);
    assert.deepEqual(due('order.release', [placed()]), []);
    assert.deepEqual(due('order.hold', [placed()]), ['order.hold']);
    assert.deepEqual(due('order.hold', [placed(), held]), []);
  });
});
