import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rule, TEST_SHOP } from '../testing.ts';
import { findingsIn, namesOf } from './testing.ts';

const refunds = 'kind: threshold\nscope: { action: refund.issue }\n';
const mail = 'kind: temporal\nscope: { action: campaign.send }\n';
const margin = 'kind: guardrail\non: sku\nelse: adjust\nwhenUnknown: deny\n';
const SEASONS = `${TEST_SHOP.replace('end: true\n', '')}agents: [own]\nseasons:\n  advent: { from: 11-27, to: 12-24 }\n  autumn: { from: 09-01, to: 11-30 }\n  sale: { from: 2010-01-02, to: 2010-01-20 }\nend: true\n`;

/** Rules, what is found in them, and a piece of the example that shows it. */
type Case = readonly [what: string, rules: string, found: readonly string[], example?: RegExp];

const SHADOWED: readonly Case[] = [
  [
    'a higher limit behind a lower one',
    rule(`${refunds}when: impact.cash > £100`, 'small') + rule(`${refunds}when: impact.cash > £1,000`, 'boss'),
    ['shadowed boss small'],
    /support wants refund\.issue .* cash £1,000\.01: small decides, and boss is not reached/,
  ],
  [
    'a higher limit before a lower one',
    rule(`${refunds}when: impact.cash > £1,000`, 'boss') + rule(`${refunds}when: impact.cash > £100`, 'small'),
    [],
  ],
  [
    'limits in two measures',
    rule(`${refunds}when: impact.cash > £100`, 'a') + rule(`${refunds}when: impact.revenue > £100`, 'b'),
    [],
  ],
  [
    'a limit of all behind one of some',
    rule(`${refunds}when: impact.cash > £100`, 'a') + rule('kind: threshold\nwhen: impact.cash > £200', 'b'),
    [],
  ],
  [
    'a single limit behind the same in sum',
    rule(`${refunds}when: impact.cash > £100\nover: 24h`, 'a') + rule(`${refunds}when: impact.cash > £100`, 'b'),
    ['shadowed b a'],
  ],
  [
    'a sum for all behind a sum for each',
    rule(`${refunds}when: impact.cash > £300\nover: 24h\nper: agent`, 'a') +
      rule(`${refunds}when: impact.cash > £500\nover: 24h`, 'b'),
    [],
  ],
  [
    'a longer sum behind a shorter',
    rule(`${refunds}when: impact.cash > £300\nover: 24h`, 'a') +
      rule(`${refunds}when: impact.cash > £500\nover: 7 days`, 'b'),
    [],
  ],
  [
    'a quiet time inside another',
    rule(`${mail}quiet: 22:00-07:00`, 'night') + rule(`${mail}quiet: 23:00-06:00`, 'late'),
    ['shadowed late night'],
  ],
  [
    'a quiet time that overlaps',
    rule(`${mail}quiet: 22:00-07:00`, 'night') + rule(`${mail}quiet: 06:00-08:00`, 'dawn'),
    [],
  ],
  [
    'a quiet time at weekends inside one of every day',
    rule(`${mail}quiet: 22:00-07:00`, 'night') + rule(`${mail}quiet: 22:30-06:00\ndays: [saturday]`, 'late'),
    ['shadowed late night'],
  ],
  [
    'a quiet time of every day behind one at weekends',
    rule(`${mail}quiet: 22:00-07:00\ndays: [saturday]`, 'a') + rule(`${mail}quiet: 22:30-06:00`, 'b'),
    [],
  ],
  [
    'a freeze inside closed days',
    rule(`${mail}only: business-hours`, 'open') +
      rule(`${mail}freeze: { from: 2011-10-08, to: 2011-10-09 }`, 'weekend'),
    ['shadowed weekend open'],
  ],
  [
    'a shorter lead',
    rule('kind: temporal\nscope: { action: promotion.launch }\nlead: 24h', 'a') +
      rule('kind: temporal\nscope: { action: promotion.launch }\nlead: 2h', 'b'),
    ['shadowed b a'],
  ],
  [
    'a weaker floor',
    rule(`${margin}assert: projected.margin >= 15%`, 'a') + rule(`${margin}assert: projected.margin >= 10%`, 'b'),
    ['shadowed b a'],
  ],
  [
    'a weaker floor that asks',
    rule(`${margin}assert: projected.margin >= 15%`, 'a') +
      rule('kind: guardrail\non: sku\nelse: ask\nwhenUnknown: deny\nassert: projected.margin >= 10%', 'b'),
    [],
  ],
  [
    'a weaker floor for other goods',
    rule(`${margin}scope: { category: cards }\nassert: projected.margin >= 15%`, 'a') +
      rule(`${margin}assert: projected.margin >= 10%`, 'b'),
    [],
  ],
  [
    'two lists of objectives for everything',
    rule('kind: priority\nobjectives: [safety, margin]', 'a') +
      rule('kind: priority\nobjectives: [margin, safety]', 'b'),
    ['shadowed b a'],
  ],
  [
    'a list of agents behind a list of objectives',
    rule('kind: priority\nobjectives: [safety, margin]', 'a') + rule('kind: priority\nagents: [orders]', 'b'),
    [],
  ],
  [
    'two modes for one action',
    rule('kind: autonomy\nscope: { action: price.set }\nmode: ask', 'a') +
      rule('kind: autonomy\nscope: { action: price.set }\nmode: tell', 'b'),
    ['shadowed b a'],
  ],
  [
    'a coarser sameness',
    rule('kind: redundancy\nscope: { action: notice.send }\nsame: customer\nwithin: 24h', 'a') +
      rule('kind: redundancy\nscope: { action: notice.send }\nsame: [customer, topic]\nwithin: 2h', 'b'),
    ['shadowed b a'],
  ],
  [
    'a shorter dwell',
    rule('kind: damping\nscope: { action: price.set }\ndwell: 24h', 'a') +
      rule('kind: damping\nscope: { action: price.set }\ndwell: 2h', 'b'),
    ['shadowed b a'],
  ],
  [
    'a season inside everything',
    rule(`${mail}quiet: 22:00-07:00`, 'a') +
      rule('kind: temporal\nscope: { action: campaign.send, season: advent }\nquiet: 23:00-06:00', 'b'),
    ['shadowed b a'],
  ],
];

const UNREACHABLE: readonly Case[] = [
  [
    'two comparisons that exclude each other',
    rule('kind: autonomy\nmode: ask\nwhen: impact.units > 5 && impact.units < 3'),
    ['unreachable r'],
    /impact\.units 6 is refused by "impact\.units < 3", and impact\.units 2 is refused by "impact\.units > 5"/,
  ],
  [
    'an agent that the scope leaves out',
    rule('kind: threshold\nscope: { agent: support }\nwhen: impact.cash > £1 && intent.agent == "pricing"'),
    ['unreachable r'],
  ],
  [
    'a hold whose figures may be missing',
    rule(`${mail}quiet: 22:00-07:00\nwhen: intent.lasts > 24h && intent.lasts < 2h`),
    [],
  ],
  [
    'goods in the scope of a rule about orders',
    rule('kind: temporal\nlead: 1h\nscope: { action: order.cancel, category: candles }'),
    ['unreachable r'],
    /an order\.cancel is about an order/,
  ],
  [
    'a guardrail about orders on a price',
    rule(
      'kind: guardrail\non: order\nscope: { action: price.set }\nassert: projected.refundable >= £0\nelse: deny\nwhenUnknown: allow',
    ),
    ['unreachable r'],
  ],
  [
    'an agent that proposes no such thing',
    rule('kind: autonomy\nscope: { agent: pricing, action: refund.issue }\nmode: ask'),
    ['unreachable r'],
    /by its manifest pricing proposes price\.set/,
  ],
  [
    'an objective that nobody has for it',
    rule('kind: autonomy\nscope: { agent: support, action: refund.issue, objective: growth }\nmode: ask'),
    ['unreachable r'],
  ],
  [
    'an agent of the shop without a manifest',
    rule('kind: autonomy\nscope: { agent: [pricing, own], action: refund.issue }\nmode: ask'),
    [],
  ],
  [
    'a freeze that is over',
    rule(`${mail}freeze: { from: 2010-12-20, to: 2010-12-26 }`),
    ['unreachable r'],
    /on 2011-10-05/,
  ],
  ['a freeze that is going on', rule(`${mail}freeze: { from: 2011-10-01, to: 2011-10-05 }`), []],
  [
    'a season that is over',
    rule('kind: temporal\nscope: { action: campaign.send, season: sale }\nquiet: 22:00-07:00'),
    ['unreachable r'],
  ],
  [
    'a season of every year',
    rule('kind: temporal\nscope: { action: campaign.send, season: advent }\nquiet: 22:00-07:00'),
    [],
  ],
];

const CONTRADICTING: readonly Case[] = [
  [
    'a floor above a ceiling',
    rule(`${margin}assert: projected.net >= £10`, 'floor') + rule(`${margin}assert: projected.net <= £8`, 'ceiling'),
    ['contradicting ceiling floor'],
    /projected\.net £10\.00 keeps floor and breaks ceiling; projected\.net £8\.00 keeps ceiling and breaks floor/,
  ],
  [
    'a floor at the ceiling',
    rule(`${margin}assert: projected.net >= £8`, 'floor') + rule(`${margin}assert: projected.net <= £8`, 'ceiling'),
    [],
  ],
  [
    'a margin that no price has',
    rule(`${margin}assert: projected.margin >= 150%`, 'floor') + rule(`${margin}assert: projected.margin <= 100%`, 'b'),
    ['contradicting floor'],
    /whatever its projected\.margin, floor is broken/,
  ],
  [
    'a floor above a ceiling of other goods',
    rule(`${margin}scope: { category: cards }\nassert: projected.net >= £10`, 'floor') +
      rule(`${margin}scope: { category: candles }\nassert: projected.net <= £8`, 'ceiling'),
    [],
  ],
  [
    'a floor above a ceiling in seasons that meet',
    rule(`${margin}scope: { season: advent }\nassert: projected.net >= £10`, 'floor') +
      rule(`${margin}scope: { season: autumn }\nassert: projected.net <= £8`, 'ceiling'),
    ['contradicting ceiling floor'],
  ],
  [
    'a rule that contradicts itself',
    rule(`${margin}assert: projected.net >= £10 && projected.net <= £8`),
    ['contradicting r'],
  ],
  [
    'hands off and hands free',
    rule('kind: autonomy\nscope: { action: price.set }\nmode: off', 'a') +
      rule('kind: autonomy\nscope: { action: [price.set, promotion.launch] }\nmode: alone', 'b'),
    ['contradicting b a'],
    /both rules concern it, and a decides/,
  ],
  [
    'hands off for some and hands free for all',
    rule('kind: autonomy\nscope: { action: price.set, category: cards }\nmode: off', 'a') +
      rule('kind: autonomy\nscope: { action: price.set }\nmode: alone', 'b'),
    [],
  ],
  [
    'each after the other',
    rule('kind: sequence\nfirst: order.hold\nthen: order.release', 'a') +
      rule('kind: sequence\nfirst: order.release\nthen: order.hold', 'b'),
    ['contradicting b a'],
    /none of them ever begins/,
  ],
  [
    'a wait that is longer than the time allowed',
    rule(`${mail}wait: { after: order.placed, for: 3 days }`, 'wait') +
      rule(`${mail}within: { of: order.placed, for: 1 day }`, 'soon'),
    ['contradicting soon wait'],
  ],
  [
    'a wait that fits',
    rule(`${mail}wait: { after: order.placed, for: 1h }`, 'wait') +
      rule(`${mail}within: { of: order.placed, for: 1 day }`, 'soon'),
    [],
  ],
];

const CYCLIC: readonly Case[] = [
  [
    'a ring of three',
    rule('kind: sequence\nfirst: order.hold\nthen: order.release', 'a') +
      rule('kind: sequence\nfirst: order.release\nthen: order.cancel', 'b') +
      rule('kind: sequence\nfirst: order.cancel\nthen: order.hold', 'c'),
    ['cyclic c b a'],
    /order:563185/,
  ],
  [
    'a chain of three',
    rule('kind: sequence\nfirst: order.hold\nthen: order.release', 'a') +
      rule('kind: sequence\nfirst: order.release\nthen: order.cancel', 'b'),
    [],
  ],
  [
    'lists that turn round for one action',
    rule('kind: priority\nobjectives: [safety, margin, growth]', 'all') +
      rule('kind: priority\nscope: { action: promotion.launch }\nobjectives: [growth, margin]', 'sales'),
    ['cyclic sales all'],
    /pricing wants price\.set .* for margin.*marketing wants promotion\.launch .* for growth|marketing wants promotion\.launch .* for growth.*pricing wants price\.set .* for margin/,
  ],
  [
    'lists that turn round for some goods, whoever asks',
    rule('kind: priority\nobjectives: [safety, margin, growth]', 'all') +
      rule('kind: priority\nscope: { category: candles }\nobjectives: [growth, margin]', 'sales'),
    [],
  ],
];

const IMPOSSIBLE: readonly Case[] = [
  [
    'night and day',
    rule(`${mail}quiet: 18:00-09:00`, 'night') + rule(`${mail}quiet: 09:00-18:00`, 'day'),
    ['impossible-window day night'],
    /at every minute of wednesday 2011-10-05/,
  ],
  [
    'night and day, but for a minute',
    rule(`${mail}quiet: 18:00-09:00`, 'night') + rule(`${mail}quiet: 09:01-18:00`, 'day'),
    [],
  ],
  [
    'only at night, and never at night',
    rule(`${mail}only: 22:00-06:00`, 'only') + rule(`${mail}quiet: 20:00-08:00`, 'quiet'),
    ['impossible-window quiet only'],
  ],
  [
    'only at night, and never at night of other mails',
    rule(`${mail}only: 22:00-06:00`, 'only') +
      rule('kind: temporal\nscope: { action: notice.send }\nquiet: 20:00-08:00', 'quiet'),
    [],
  ],
  [
    'weekends only, and in business hours only',
    rule(`${mail}only: 00:00-24:00\ndays: [saturday, sunday]`, 'weekend') + rule(`${mail}only: business-hours`, 'open'),
    ['impossible-window open weekend'],
  ],
  [
    'night and day in one season',
    rule(`${mail}quiet: 18:00-09:00`, 'night') +
      rule('kind: temporal\nscope: { action: campaign.send, season: advent }\nquiet: 09:00-18:00', 'day'),
    [],
  ],
  [
    'a lead for what begins at once',
    rule('kind: temporal\nscope: { action: price.set }\nlead: 24h'),
    ['impossible-window r'],
    /it would begin at once/,
  ],
  ['a lead for what is planned', rule('kind: temporal\nscope: { action: promotion.launch }\nlead: 24h'), []],
];

for (const [check, cases] of Object.entries({ SHADOWED, UNREACHABLE, CONTRADICTING, CYCLIC, IMPOSSIBLE })) {
  describe(`static analysis: ${check.toLowerCase()}`, () => {
    for (const [what, rules, expected, example] of cases) {
      test(what, () => {
        const found = findingsIn(rules, SEASONS);
        assert.deepEqual(namesOf(found), expected, found.map(({ message }) => message).join('\n'));
        if (!example) return;
        const about = found.filter(({ check: name }) => name !== 'uncovered');
        assert.match(about[0]?.witness ?? '', example);
        assert.equal(about[0]?.place?.file, 'test.yaml');
      });
    }
  });
}

test('a ring is told in the order of time', () => {
  const [found] = findingsIn(
    rule('kind: sequence\nfirst: order.hold\nthen: order.release', 'a') +
      rule('kind: sequence\nfirst: order.release\nthen: order.cancel', 'b') +
      rule('kind: sequence\nfirst: order.cancel\nthen: order.hold', 'c'),
    SEASONS,
  );
  assert.match(
    `${found?.message.split('in a ring: ')[1]}`,
    /^(order\.hold before order\.release before order\.cancel|order\.release before order\.cancel before order\.hold|order\.cancel before order\.hold before order\.release), and that before/,
  );
});
