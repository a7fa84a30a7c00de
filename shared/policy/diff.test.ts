import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { diffRuleSets, ruleChangeText } from './diff.ts';
import { rule, ruleFile, TEST_SHOP } from './testing.ts';

const floor = (percent: string, extra = '') =>
  rule(
    `kind: guardrail\non: sku\nassert: projected.margin >= ${percent}\nelse: adjust\nwhenUnknown: deny${extra}`,
    'floor',
  );
const night = rule('kind: temporal\nquiet: 22:00-07:00\nscope: { action: campaign.send }', 'night');
const lunch = rule('kind: temporal\nquiet: 12:00-13:00\nscope: { action: campaign.send }', 'lunch');

const set = (rules: string, shop = TEST_SHOP, file = 'a.yaml') => ({ 'shop.yaml': shop, [file]: ruleFile(rules) });
const lines = (before: Record<string, string>, after: Record<string, string>) =>
  diffRuleSets(before, after).flatMap(ruleChangeText);

describe('diff of two rule sets', () => {
  const cases: readonly [string, Record<string, string>, Record<string, string>, readonly string[]][] = [
    ['nothing changed', set(floor('15%')), set(floor('15%')), []],
    ['only the changed words', set(floor('15%')), set(floor('12%')), ['floor: assert 15% -> 12%']],
    ['comments and layout', set(floor('15%')), set(`  # a comment\n${floor('15%')}`), []],
    [
      'one name and a list of one',
      set(rule('kind: temporal\nlead: 24h\nscope: { action: campaign.send }')),
      set(rule('kind: temporal\nlead: 24h\nscope: { action: [campaign.send] }')),
      [],
    ],
    [
      'a rule comes and a rule goes',
      set(floor('15%')),
      set(night),
      ['floor: removed (guardrail: because, a.yaml:2)', 'night: added (temporal: because, a.yaml:2)'],
    ],
    [
      'a key comes',
      set(floor('15%')),
      set(floor('15%', '\nscope: { category: candles }')),
      ['floor: scope added: category: candles'],
    ],
    [
      'a key inside a block',
      set(floor('15%', '\nscope: { category: candles }')),
      set(floor('15%', '\nscope: { category: cards }')),
      ['floor: scope.category candles -> cards'],
    ],
    ['another file', set(floor('15%')), set(floor('15%'), TEST_SHOP, 'b.yaml'), ['floor: file a.yaml -> b.yaml']],
    [
      'another order among one kind',
      set(night + lunch),
      set(lunch + night),
      ['lunch: order after night -> first temporal rule'],
    ],
    ['another order among kinds that do not meet', set(night + floor('15%')), set(floor('15%') + night), []],
    [
      'the shop',
      set(floor('15%')),
      set(floor('15%'), TEST_SHOP.replace('respect: 7 days', 'respect: 3 days')),
      ['shop.yaml: respect 7 days -> 3 days'],
    ],
  ];
  for (const [what, before, after, expected] of cases) {
    test(what, () => assert.deepEqual(lines(before, after), expected));
  }

  test('a set is never different from itself, and a difference is seen from both sides', () => {
    const one = fc.constantFrom(floor('15%'), floor('9%'), night, lunch, night.replace('22:00', '21:00'));
    const rules = fc.uniqueArray(one, { minLength: 1, maxLength: 3, selector: (text) => text.split('\n')[0] });
    fc.assert(
      fc.property(rules, rules, (a, b) => {
        const [left, right] = [set(a.join('')), set(b.join(''))];
        assert.deepEqual(lines(left, left), []);
        assert.equal(lines(left, right).length === 0, lines(right, left).length === 0);
      }),
    );
  });
});
