import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DayRange, seasonFault } from './seasons.ts';
import { faultsOf, guardrailInput, policyOf, rule, ruledIntent, TEST_SHOP, thresholdInput } from './testing.ts';

function shopWith(season: DayRange, zone = 'Europe/London'): string {
  return TEST_SHOP.replace('Europe/London', zone).replace(
    'end: true',
    `seasons: { s: { from: "${season.from}", to: "${season.to}" } }\nend: true`,
  );
}

const CHRISTMAS = { from: '11-15', to: '12-24' };
const NEW_YEAR = { from: '12-27', to: '01-05' };
const ONCE = { from: '2011-12-27', to: '2012-01-05' };
const LEAP = { from: '02-29', to: '02-29' };

describe('seasons', () => {
  const cases: readonly [what: string, season: DayRange, now: string, on: boolean, zone?: string][] = [
    ['the day before', CHRISTMAS, '2011-11-14T23:59:59.999Z', false],
    ['its first day', CHRISTMAS, '2011-11-15T00:00:00.000Z', true],
    ['its last day', CHRISTMAS, '2011-12-24T23:59:59.999Z', true],
    ['the day after', CHRISTMAS, '2011-12-25T00:00:00.000Z', false],
    ['another year', CHRISTMAS, '2025-12-01T12:00:00.000Z', true],
    ['over the new year: before it', NEW_YEAR, '2011-12-31T12:00:00.000Z', true],
    ['over the new year: after it', NEW_YEAR, '2012-01-05T12:00:00.000Z', true],
    ['over the new year: in summer', NEW_YEAR, '2012-07-01T12:00:00.000Z', false],
    ['dates: inside', ONCE, '2012-01-01T12:00:00.000Z', true],
    ['dates: a year later', ONCE, '2013-01-01T12:00:00.000Z', false],
    ['a leap day', LEAP, '2012-02-29T12:00:00.000Z', true],
    ['a leap day in other years', LEAP, '2011-02-28T12:00:00.000Z', false],
    ["in the shop's zone, ahead", CHRISTMAS, '2011-11-14T15:00:00.000Z', true, 'Asia/Tokyo'],
    ["in the shop's zone, behind", CHRISTMAS, '2011-12-25T04:59:00.000Z', true, 'America/New_York'],
    ["in the shop's zone, behind, a minute on", CHRISTMAS, '2011-12-25T05:00:00.000Z', false, 'America/New_York'],
  ];
  for (const [what, season, now, on, zone] of cases) {
    test(what, () => {
      const policy = policyOf(rule('kind: autonomy\nmode: off\nscope: { season: s }'), shopWith(season, zone));
      assert.equal(policy.autonomy(ruledIntent({ now })) !== undefined, on);
      // Asked twice, and of another moment in between, the answer is the same.
      policy.autonomy(ruledIntent({ now: '2011-06-01T12:00:00.000Z' }));
      assert.equal(policy.autonomy(ruledIntent({ now })) !== undefined, on);
    });
  }

  test('every kind lies in its season', () => {
    const policy = policyOf(
      rule('kind: priority\nagents: [pricing]\nscope: { season: s }', 'p') +
        rule('kind: temporal\nlead: 24h\nscope: { season: s }', 't') +
        rule('kind: temporal\nplanned-first: { ahead: 1h }\nscope: { season: s }', 'pf') +
        rule('kind: threshold\nwhen: impact.cash > £1\nscope: { season: s }', 'th') +
        rule('kind: threshold\nwhen: impact.cash > £1\nover: 24h\nscope: { season: s }', 'over') +
        rule(
          'kind: guardrail\non: sku\nassert: projected.margin > 15%\nelse: deny\nwhenUnknown: deny\nscope: { season: s }',
          'g',
        ) +
        rule('kind: redundancy\nsame: resource\nscope: { season: s }', 'r') +
        rule('kind: sequence\nfirst: promotion.pause\nthen: price.set\nscope: { season: s }', 's') +
        rule('kind: autonomy\nmode: off\nrespect: 30 days\nscope: { season: s }', 'a') +
        rule('kind: damping\ndwell: 24h\nscope: { season: s, action: price.set }', 'd'),
      shopWith(CHRISTMAS),
    );
    const answers = (now: string) => {
      const intent = ruledIntent({ now, window: { from: now }, impact: { cashMinor: 101 } });
      const at = { at: now, level: 1, action: 'price.set' };
      return [
        policy.precedence(intent).rule === 'p',
        policy.hold(intent, now) !== undefined,
        policy.ask(thresholdInput(intent)) !== undefined,
        policy.limits(intent).length > 0,
        policy.violations(guardrailInput({ marginBasisPoints: 0 }, { now })).length > 0,
        policy.sameness(intent).length > 0,
        policy.successions(intent).length > 0,
        policy.autonomy(intent) !== undefined,
        policy.respectMs('sku:1', undefined, 'price', now) === 30 * 86_400_000,
        policy.damp(intent, [at], now) !== undefined,
      ];
    };
    assert.deepEqual(answers('2011-12-01T12:00:00.000Z'), Array(10).fill(true));
    assert.deepEqual(answers('2011-10-01T12:00:00.000Z'), Array(10).fill(false));
  });

  const faults: readonly [season: DayRange, error: RegExp | undefined][] = [
    [CHRISTMAS, undefined],
    [NEW_YEAR, undefined],
    [ONCE, undefined],
    [{ from: '13-01', to: '12-24' }, /"13-01" is not a day/],
    [{ from: 'christmas', to: '12-24' }, /"christmas" is not a day/],
    [{ from: '11-15', to: '2011-02-30' }, /"2011-02-30" is not a day/],
    [{ from: '11-15', to: '2011-12-24' }, /both days for every year/],
    [{ from: '2011-12-24', to: '2011-11-15' }, /ends before it begins/],
  ];
  for (const [season, error] of faults) {
    test(`from ${season.from} to ${season.to}: ${error ? 'refused' : 'fine'}`, () => {
      const fault = seasonFault(season);
      if (!error) return assert.equal(fault, undefined);
      assert.match(fault ?? '', error);
      assert.match(faultsOf('  []', shopWith(season)).join(), /shop\.yaml:14:\d+/);
    });
  }

  test('a season that shop.yaml does not have', () => {
    const body = rule('kind: autonomy\nmode: off\nscope: { season: chrismas }');
    const shop = shopWith(CHRISTMAS).replace('{ s:', '{ christmas:');
    assert.match(faultsOf(body, shop).join(), /unknown season "chrismas"\. Did you mean "christmas"\?/);
    assert.match(faultsOf(body).join(), /unknown season "chrismas"; shop\.yaml has no "seasons"/);
  });
});
