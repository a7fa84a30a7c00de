import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { arbitraryOf } from '#shared/testing/arbitrary-schema.ts';
import { ACTION_TYPES } from '../actions/index.ts';
import { type Envelope, envelope } from '../envelope.ts';
import { ASPECT_OF_ATTRIBUTE, DAILY_KEPT } from '../facts.ts';
import { ASPECTS, resource, resourceKey } from '../resource.ts';
import type { FactChange } from './define.ts';
import { EVENT_TYPES } from './index.ts';

const FOLDS = new Set(['level', 'count', 'tally', 'daily', 'stock-level', 'stock-movement', 'collect', 'drop']);
const AT = '2026-05-05T10:00:00.000Z';

const eventOf = (type: string, data: unknown): Envelope => ({
  specversion: '1.0',
  id: '01890a5d-ac96-774b-bcce-b302099a8057',
  source: 'test',
  type,
  subject: resource(EVENT_TYPES.get(type)!.subject, 'x'),
  time: AT,
  store: 'shop',
  seq: 7,
  now: AT,
  correlationid: 'c',
  depth: 0,
  dataversion: 1,
  data: data as Envelope['data'],
});

function check(change: FactChange): void {
  assert.ok(FOLDS.has(change.fold), change.fold);
  assert.ok(resourceKey.safeParse(change.resource).success, change.resource);
  assert.match(change.attribute, /^[a-z-]{1,40}$/);
  if (change.fold === 'count' || change.fold === 'daily' || change.fold === 'stock-movement')
    assert.ok(Number.isSafeInteger(change.by), change.attribute);
  if (change.fold === 'tally') for (const by of Object.values(change.by)) assert.ok(Number.isSafeInteger(by));
  if (change.fold === 'collect' || change.fold === 'drop') assert.equal(typeof change.key, 'string');
  if (change.fold === 'level' || change.fold === 'collect') assert.notEqual(change.value, undefined);
}

describe('every event type', () => {
  for (const [name, type] of EVENT_TYPES) {
    test(`${name}: its facts follow from any data that the contract accepts, and from nothing else`, () => {
      fc.assert(
        fc.property(arbitraryOf(type.data), (data) => {
          const event = eventOf(name, type.data.parse(data));
          assert.ok(envelope.safeParse(event).success);
          const before = JSON.stringify(event);
          const facts = type.facts?.(event) ?? [];
          facts.forEach(check);
          assert.deepEqual(type.facts?.(event) ?? [], facts);
          assert.equal(JSON.stringify(event), before);
        }),
        { numRuns: 60 },
      );
    });
  }

  test('is listed under its own name, says what it is, and drops keys that nobody knows', () => {
    for (const [name, type] of EVENT_TYPES) {
      assert.equal(type.type, name);
      assert.ok(type.about.endsWith('.'), name);
      const [sample] = fc.sample(arbitraryOf(type.data), { numRuns: 1, seed: 1 });
      assert.ok(!('foreign' in type.data.parse({ ...(sample as object), foreign: 1 })), name);
    }
  });

  test('has no place for what a person wrote about another: streams cannot be erased', () => {
    const withNote = [...EVENT_TYPES].filter(([, type]) => 'note' in type.data.shape).map(([name]) => name);
    // What an operator says of a rule set is about rules.
    assert.deepEqual(withNote.toSorted(), ['rules.activated', 'rules.requested', 'rules.shadowed']);
  });

  test('together they write every fact that an action reads: no rule rests on what nobody says', () => {
    const written = new Set<string>();
    for (const [name, type] of EVENT_TYPES) {
      for (const data of fc.sample(arbitraryOf(type.data), { numRuns: 200, seed: 7 })) {
        for (const { attribute } of type.facts?.(eventOf(name, type.data.parse(data))) ?? []) written.add(attribute);
      }
    }
    // An end of an action says which it was by name.
    const coupon = { action: 'a', actionType: 'coupon.give', agent: 'marketing', leaves: ['customer:1'] };
    for (const type of ['coupon.give', 'notice.send'])
      for (const { attribute } of EVENT_TYPES.get('action.done')?.facts?.(
        eventOf('action.done', { ...coupon, actionType: type }) as never,
      ) ?? [])
        written.add(attribute);
    for (const action of ACTION_TYPES.values())
      assert.deepEqual(
        action.reads.filter((attribute) => !written.has(attribute)),
        [],
        action.type,
      );
  });

  test('that voids others names types that there are', () => {
    for (const { voids } of EVENT_TYPES.values())
      if (voids && voids !== 'any') for (const name of voids) assert.ok(EVENT_TYPES.has(name), name);
  });
});

describe('an order', () => {
  const lines = [
    { sku: 'A', units: 2, unitMinor: 100 },
    { sku: 'B', units: 1, unitMinor: 50 },
  ];
  const factsOf = (type: string, data: object) => EVENT_TYPES.get(type)!.facts!(eventOf(type, data));

  test('that is a test never counts as a sale', () => {
    const data = { name: '#1', currency: 'GBP', totalMinor: 250, lines, customer: '9' };
    assert.ok(factsOf('order.placed', data).some(({ attribute }) => attribute === 'sold'));
    const attributes = factsOf('order.placed', { ...data, test: true }).map(({ attribute }) => attribute);
    assert.deepEqual(attributes, ['placed', 'lines']);
  });

  test('that is in another currency adds to what was spent in that one only', () => {
    const spent = factsOf('order.placed', {
      name: '#1',
      currency: 'JPY',
      totalMinor: 250,
      lines,
      customer: '9',
    }).filter(({ attribute }) => attribute === 'spent');
    const by = { orders: 1, minor: 250 };
    assert.deepEqual(spent, [{ fold: 'tally', resource: 'customer:9', attribute: 'spent', key: 'JPY', by }]);
  });

  test('that is cancelled takes back the demand, and the stock where it is back on the shelf', () => {
    const placed = factsOf('order.placed', { name: '#1', currency: 'GBP', totalMinor: 250, lines });
    const sums = (changes: readonly FactChange[], attribute: string) =>
      changes.reduce(
        (sum, change) => sum + (change.attribute === attribute && 'by' in change ? Number(change.by) : 0),
        0,
      );
    const data = { cancelReason: 'customer', totalMinor: 250, lines, placedAt: AT };
    const back = factsOf('order.cancelled', { ...data, restocked: true });
    assert.equal(sums(placed, 'sold') + sums(back, 'sold'), 0);
    assert.equal(sums(placed, 'available') + sums(back, 'available'), 0);
    assert.equal(sums(factsOf('order.cancelled', { ...data, restocked: false }), 'available'), 0);
  });
});

test('what a person changes in the store has an aspect, so that it can be respected', () => {
  for (const aspect of Object.values(ASPECT_OF_ATTRIBUTE))
    assert.ok((ASPECTS as readonly string[]).includes(aspect), aspect);
  assert.ok(DAILY_KEPT >= 28);
});
