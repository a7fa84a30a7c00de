import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RuledIntent } from '../policy.ts';
import { faultsOf, policyOf, rule, ruledIntent } from '../testing.ts';

function found(body: string, given: Partial<RuledIntent> = { action: 'stock.reserve' }) {
  return policyOf(rule(`kind: sequence\n${body}`)).successions(ruledIntent(given as never));
}

describe('sequence', () => {
  test('given what comes after, then it says what has to be over', () => {
    const [one] = found('first: [stock.correct, stock.reserve]\nthen: reorder.place', { action: 'reorder.place' });
    assert.deepEqual(one, {
      rule: 'r',
      why: 'because',
      after: ['stock.correct', 'stock.reserve'],
      otherwise: 'defer',
    });
  });

  const cases: readonly [what: string, body: string, given: Partial<RuledIntent>, otherwise: string | undefined][] = [
    ['waits by default', 'first: stock.correct\nthen: stock.reserve', {}, 'defer'],
    ['waits where it says so', 'first: stock.correct\nthen: stock.reserve\notherwise: wait', {}, 'defer'],
    ['is refused where it says so', 'first: stock.correct\nthen: stock.reserve\notherwise: deny', {}, 'deny'],
    ['the scope says what comes after', 'first: stock.correct\nscope: { action: stock.reserve }', {}, 'defer'],
    ['both say the same', 'first: stock.correct\nthen: [stock.reserve]\nscope: { action: stock.reserve }', {}, 'defer'],
    ['another action', 'first: stock.correct\nthen: stock.reserve', { action: 'price.set' }, undefined],
    ['what comes first', 'first: stock.correct\nthen: stock.reserve', { action: 'stock.correct' }, undefined],
    ['outside its scope', 'first: stock.correct\nthen: stock.reserve\nscope: { category: bags }', {}, undefined],
    [
      'its condition does not hold',
      'first: stock.correct\nthen: stock.reserve\nwhen: params.units > 5',
      { params: { units: 5 } },
      undefined,
    ],
    [
      'its condition holds',
      'first: stock.correct\nthen: stock.reserve\nwhen: params.units > 5',
      { params: { units: 6 } },
      'defer',
    ],
    [
      'a fact is missing',
      'first: stock.correct\nthen: stock.reserve\nwhen: intent.category == "x"',
      { category: undefined },
      'defer',
    ],
    ['a group may hold the same SKU', 'first: promotion.pause\nthen: price.set', { action: 'price.set' }, 'defer'],
  ];
  for (const [what, body, given, otherwise] of cases) {
    test(what, () => assert.equal(found(body, { action: 'stock.reserve', ...given })[0]?.otherwise, otherwise));
  }

  const faults: readonly [what: string, body: string, error: RegExp][] = [
    ['nothing after it', 'first: stock.correct', /say what comes after it/],
    [
      'then and scope say different things',
      'first: stock.correct\nthen: stock.reserve\nscope: { action: price.set }',
      /"then" says stock\.reserve and the scope price\.set/,
    ],
    [
      'a mistyped action',
      'first: stock.corect\nthen: stock.reserve',
      /unknown action "stock\.corect"\. Did you mean "stock\.correct"\?/,
    ],
    [
      'a mistyped action after it',
      'first: stock.correct\nthen: stock.reserv',
      /unknown action "stock\.reserv"\. Did you mean "stock\.reserve"\?/,
    ],
    [
      'waiting for itself',
      'first: [stock.correct, stock.reserve]\nthen: stock.reserve',
      /stock\.reserve would have to wait for itself/,
    ],
    [
      'things that never meet',
      'first: stock.correct\nthen: refund.issue',
      /stock\.correct is about a sku and refund\.issue about an order: they never/,
    ],
  ];
  for (const [what, body, error] of faults) {
    test(`refused: ${what}`, () => assert.match(faultsOf(rule(`kind: sequence\n${body}`)).join('\n'), error));
  }
});
