import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { levelOf } from '#shared/contracts/level.ts';
import { plus } from '#shared/kernel/time.ts';
import type { Change, RuledIntent } from '../policy.ts';
import { faultsOf, policyOf, rule, ruledIntent, TEST_NOW } from '../testing.ts';

const HOUR = 3_600_000;
const PRICE = 'scope: { action: price.set }';

/** Changes so many hours ago, with the level that each set; oldest first. */
function changes(...given: readonly [hoursAgo: number, level: number][]): readonly Change[] {
  return given.map(([hoursAgo, level]) => ({ at: plus(TEST_NOW, -hoursAgo * HOUR), level, action: 'price.set' }));
}

function damp(body: string, before: readonly Change[], given: Partial<RuledIntent> = {}) {
  return policyOf(rule(`kind: damping\n${body}`)).damp(
    ruledIntent({ level: 100, ...given } as never),
    before,
    TEST_NOW,
  );
}

describe('damping', () => {
  /** Hours until it may go on; `-` not held. */
  const cases: readonly [
    what: string,
    body: string,
    before: readonly Change[],
    level: number | undefined,
    hours: number | '-',
  ][] = [
    ['dwell: never changed', 'dwell: 24h', [], 100, '-'],
    ['dwell: too soon', 'dwell: 24h', changes([20, 90], [4, 95]), 100, 20],
    ['dwell: just long enough', 'dwell: 24h', changes([24, 95]), 100, '-'],
    ['dwell: sets no level, and is held all the same', 'dwell: 24h', changes([4, 95]), undefined, 20],
    ['reversals: none yet', 'reversals: 0\nover: 24h', changes([4, 95]), 100, '-'],
    ['reversals: the same direction', 'reversals: 0\nover: 24h', changes([5, 90], [4, 95]), 100, '-'],
    ['reversals: one, and none is allowed', 'reversals: 0\nover: 24h', changes([5, 110], [4, 95]), 100, 19],
    ['reversals: one is allowed', 'reversals: 1\nover: 24h', changes([5, 110], [4, 95]), 100, '-'],
    ['reversals: the second', 'reversals: 1\nover: 24h', changes([6, 90], [5, 110], [4, 95]), 100, 18],
    [
      'reversals: an earlier one lies too far back',
      'reversals: 1\nover: 24h',
      changes([24, 90], [5, 110], [4, 95]),
      100,
      '-',
    ],
    ['reversals: the same level is no direction', 'reversals: 0\nover: 24h', changes([5, 110], [4, 100]), 100, '-'],
    [
      'reversals: a pause between down and up is still a turn',
      'reversals: 0\nover: 24h',
      changes([6, 110], [5, 95], [4, 95]),
      100,
      18,
    ],
    [
      'reversals: others turned too often, this goes on',
      'reversals: 0\nover: 24h',
      changes([6, 90], [5, 110], [4, 105]),
      100,
      '-',
    ],
    ['reversals: sets no level', 'reversals: 0\nover: 24h', changes([5, 110], [4, 95]), undefined, '-'],
    ['both: the longer counts', 'dwell: 6h\nreversals: 0\nover: 24h', changes([5, 110], [4, 95]), 100, 19],
    ['both: only the dwell', 'dwell: 6h\nreversals: 0\nover: 24h', changes([5, 90], [4, 95]), 100, 2],
  ];
  for (const [what, body, before, level, hours] of cases) {
    test(what, () => {
      const held = damp(`${PRICE}\n${body}`, before, { level });
      assert.equal(held ? (Date.parse(held.until ?? '') - Date.parse(TEST_NOW)) / HOUR : '-', hours);
      if (held) assert.deepEqual([held.rule, held.why, held.verdict], ['r', 'because', 'deferred']);
    });
  }

  test('the words name the figures', () => {
    assert.equal(
      damp(`${PRICE}\nreversals: 0\nover: 24h`, changes([5, 110], [4, 95]))?.detail,
      'it would turn direction once within 24 h, above 0',
    );
    assert.equal(
      damp(`${PRICE}\ndwell: 24h`, changes([4, 95]))?.detail,
      'our last change (2011-10-05T08:00:00.000Z) was less than 24 h ago',
    );
  });

  test('refused instead of waiting; outside the scope; where the condition does not hold', () => {
    const before = changes([4, 95]);
    const denied = damp(`${PRICE}\ndwell: 24h\notherwise: deny`, before);
    assert.deepEqual([denied?.verdict, denied?.until], ['denied', undefined]);
    assert.equal(damp('scope: { action: price.set, agent: support }\ndwell: 24h', before), undefined);
    assert.equal(damp(`${PRICE}\ndwell: 24h\nwhen: impact.units > 3`, before), undefined);
    assert.equal(
      damp(`${PRICE}\ndwell: 24h\nwhen: intent.category == "x"`, before, { category: undefined })?.rule,
      'r',
    );
  });

  test('the first rule in file order speaks, and the longest look back is asked for', () => {
    const policy = policyOf(
      rule(`kind: damping\n${PRICE}\ndwell: 12h`, 'first') +
        rule(`kind: damping\n${PRICE}\nreversals: 1\nover: 7 days`, 'second'),
    );
    assert.equal(policy.damp(ruledIntent(), changes([4, 95]), TEST_NOW)?.rule, 'first');
    assert.equal(policy.dampingMs, 7 * 24 * HOUR);
    assert.equal(policyOf('  []').dampingMs, 0);
  });

  test('at the time that a hold names it is held no more, if nothing changes until then', () => {
    const policy = policyOf(rule(`kind: damping\n${PRICE}\ndwell: 6h\nreversals: 1\nover: 24h`));
    const before = fc
      .array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 4 })), { maxLength: 8 })
      .map((given) => changes(...given.sort(([a], [b]) => b - a)));
    fc.assert(
      fc.property(before, fc.integer({ min: 1, max: 4 }), (earlier, level) => {
        const intent = ruledIntent({ level });
        const held = policy.damp(intent, earlier, TEST_NOW);
        if (!held?.until) return;
        assert.ok(held.until > TEST_NOW);
        assert.equal(policy.damp(intent, earlier, held.until), undefined);
      }),
    );
  });

  test('levels of layers: a price, a promotion that runs or does not, a product that is sold or not', () => {
    assert.deepEqual(
      [
        { priceMinor: 100 },
        { discountBasisPoints: 1_500 },
        { state: 'ended' },
        { state: 'paused' },
        { state: 'held' },
      ].map(levelOf),
      [100, 1, 0, 0, undefined],
    );
    assert.deepEqual([{ lifecycle: 'archived' }, { lifecycle: 'active' }, {}].map(levelOf), [0, 1, undefined]);
  });

  const faults: readonly [what: string, body: string, error: RegExp][] = [
    ['neither dwell nor reversals', PRICE, /says "dwell", "reversals" or both/],
    ['reversals without a time', `${PRICE}\nreversals: 2`, /in which rolling time/],
    ['a time without reversals', `${PRICE}\ndwell: 1h\nover: 24h`, /"over" goes with reversals/],
    ['no actions', 'dwell: 1h', /needs a scope with actions about price, promotion, lifecycle/],
    [
      'an action without a level',
      'dwell: 1h\nscope: { action: [price.set, notice.send] }',
      /notice\.send has no level/,
    ],
    ['half a turn', `${PRICE}\nreversals: 1.5\nover: 24h`, /"reversals" must be a whole number/],
  ];
  for (const [what, body, error] of faults) {
    test(`refused: ${what}`, () => assert.match(faultsOf(rule(`kind: damping\n${body}`)).join('\n'), error));
  }
});
