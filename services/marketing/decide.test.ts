import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Intent } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { type ResourceKey, resource } from '#shared/contracts/resource.ts';
import { DAY_MS, HOUR_MS, plus } from '#shared/kernel/time.ts';
import type { Briefing } from './briefing.ts';
import { decide } from './decide.ts';
import { brief, campaign, event, item, NOW, person, stock, TODAY, type Values } from './testing.ts';

const running = (endsAt: string) => ({
  promotions: { p: { title: 'x', discountBasisPoints: 1_000, startsAt: plus(NOW, -DAY_MS), endsAt } },
});
const mails = (intents: readonly Intent[]) =>
  intents.filter(({ action }) => action === 'campaign.send').map(({ params }) => params.customer);
const discountOf = (intents: readonly Intent[]) =>
  intents.find(({ action }) => action === 'promotion.launch')?.params.discountBasisPoints;

describe('a campaign of the calendar', () => {
  const cases: readonly (readonly [string, Values, number | undefined])[] = [
    ['runs as wished where margin and stock carry it', item(), 1_500],
    ['is shallower where the margin is thin', item({ cost: { minor: 195, currency: 'GBP' } }), 900],
    ['is shallower where the stock is short', item(stock(35)), 600],
    ['leaves out what is out of stock', item(stock(0)), undefined],
    ['leaves out what would sell out at once', item(stock(12)), undefined],
    ['leaves out what has no cost', item({ cost: undefined }), undefined],
    ['leaves out what is promoted already', item(running(plus(NOW, DAY_MS))), undefined],
    ['leaves out what is archived', item({ lifecycle: 'archived' }), undefined],
  ];
  for (const [name, facts, then] of cases) {
    test(name, () => {
      const proposal = decide(campaign(), brief({ 'sku:A': facts }), NOW);
      assert.equal(discountOf(proposal.intents), then, proposal.pass);
    });
  }

  test('announces itself with the SKUs that are in it', () => {
    const given = brief({ 'sku:A': item(), 'sku:B': item(stock(0)) });
    const proposal = decide(campaign({ skus: ['A', 'B', 'A'] }), given, NOW);
    assert.equal(proposal.intents.length, 1);
    assert.deepEqual(proposal.announcements[0]?.data.skus, ['A']);
  });

  test('for a category covers the category as one', () => {
    const proposal = decide(campaign({ skus: [], category: 'candles' }), brief({}), NOW);
    assert.equal(proposal.intents[0]?.params.target, 'category:candles');
    assert.deepEqual(proposal.intents[0]?.flex, { param: 'discountBasisPoints', min: 500, max: 1_500 });
  });

  test('is put on once, and again when the calendar changes it', () => {
    const { data } = decide(campaign(), brief({ 'sku:A': item() }), NOW).announcements[0]!;
    const planned = brief({ 'sku:A': item(), 'campaign:week-1': { plan: data } });
    assert.equal(decide(campaign(), planned, NOW).intents.length, 0);
    assert.equal(decide(campaign({ discountBasisPoints: 1_000 }), planned, NOW).intents.length, 1);
  });

  test('that is over is not put on', () => {
    const over = campaign({ startsAt: plus(NOW, -5 * DAY_MS), endsAt: plus(NOW, -DAY_MS) });
    assert.equal(decide(over, brief({ 'sku:A': item() }), NOW).intents.length, 0);
  });

  const people: readonly (readonly [string, Values, boolean])[] = [
    ['who consented', person(), true],
    ['but nobody whose consent is not known', person({ consent: undefined }), false],
    ['nor withdrew it', person({ consent: { email: false } }), false],
    ['nor bought within 72 hours', person({ 'last-order': { at: plus(NOW, -71 * HOUR_MS), order: 'order:1' } }), false],
    [
      'nor has an open complaint',
      person({ complaint: { open: true, at: plus(NOW, -3 * DAY_MS), message: 'message:1' } }),
      false,
    ],
    [
      'though an old complaint is over',
      person({ complaint: { open: true, at: plus(NOW, -40 * DAY_MS), message: 'message:1' } }),
      true,
    ],
    ['nor was written to today', person({ contacted: { firstDay: TODAY, counts: [1] } }), false],
    ['nor six times in a month', person({ contacted: { firstDay: TODAY - 10, counts: [2, 2, 2] } }), false],
  ];
  for (const [name, facts, told] of people) {
    test(`is mailed to those ${name}`, () => {
      const given = brief({ 'sku:A': item(), 'customer:7': facts });
      assert.deepEqual(mails(decide(campaign(), given, NOW).intents), told ? ['7'] : []);
    });
  }

  test('is mailed to nobody when the calendar says none, or begins too late', () => {
    const given = brief({ 'sku:A': item(), 'customer:7': person() });
    assert.deepEqual(mails(decide(campaign({ audience: 'none' }), given, NOW).intents), []);
    const late = campaign({ startsAt: plus(NOW, 10 * DAY_MS), endsAt: plus(NOW, 12 * DAY_MS) });
    assert.deepEqual(mails(decide(late, given, NOW).intents), []);
  });

  test('is mailed to at most twenty, and to nobody whose mail is on its way', () => {
    const crowd = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`customer:${n}`, person()]));
    const claims = [{ resource: resource('customer', '0'), aspect: 'contact', owner: 'support' }];
    const told = mails(decide(campaign(), brief({ 'sku:A': item(), ...crowd }, claims), NOW).intents);
    assert.equal(told.length, 20);
    assert.ok(!told.includes('0'));
  });
});

describe('what cannot be sold is not promoted', () => {
  const short = (coverDays: number) =>
    event('stock-out.expected', { available: 5, unitsPerDay: 2, coverDays, leadTimeDays: 10 });
  const out = event('stock.changed', { level: 0 });
  const promoted = running(plus(NOW, 6 * DAY_MS));
  const launched = [
    { resource: 'sku:A' as ResourceKey, aspect: 'promotion', owner: 'marketing', action: 'promotion.launch' },
  ];
  const paused = [
    { resource: 'sku:A' as ResourceKey, aspect: 'promotion', owner: 'marketing', action: 'promotion.pause' },
  ];
  const cases: readonly (readonly [string, Envelope, Briefing, boolean])[] = [
    ['paused at zero', out, brief({ 'sku:A': item({ ...promoted, ...stock(0) }) }), true],
    [
      'paused below zero',
      event('stock.changed', { level: -4 }),
      brief({ 'sku:A': item({ ...promoted, ...stock(-4) }) }),
      true,
    ],
    ['paused when granted and not yet launched', out, brief({ 'sku:A': item(stock(0)) }, launched), true],
    ['paused when the stock ends before the promotion', short(4), brief({ 'sku:A': item(promoted) }), true],
    ['kept when the promotion ends first', short(8), brief({ 'sku:A': item(promoted) }), false],
    ['not paused where nothing is promoted', out, brief({ 'sku:A': item(stock(0)) }), false],
    ['not paused twice', out, brief({ 'sku:A': item({ ...promoted, ...stock(0) }) }, paused), false],
  ];
  for (const [name, when, given, then] of cases) {
    test(name, () => {
      const { intents } = decide(when, given, NOW);
      assert.equal(intents[0]?.action === 'promotion.pause', then);
    });
  }
});

describe('back in stock', () => {
  const waiting = (...asked: string[]) => ({
    'restock-subscribers': Object.fromEntries(asked.map((customer, n) => [customer, { at: plus(NOW, -n * HOUR_MS) }])),
  });
  const back = event('stock.changed', { level: 2 });

  test('tells those who asked first, no more of them than there are units, and forgets them', () => {
    const given = brief({ 'sku:A': item({ ...stock(2), ...waiting('1', '2', '3') }) });
    const { intents, announcements } = decide(back, given, NOW);
    assert.deepEqual(
      intents.map(({ params }) => params.customer),
      ['3', '2'],
    );
    assert.deepEqual(announcements, [{ type: 'restock.announced', subject: 'sku:A', data: { customers: ['3', '2'] } }]);
  });

  test('tells nobody while the units are promised, nobody twice, and nobody who asked long ago', () => {
    assert.equal(decide(back, brief({ 'sku:A': item({ ...stock(-3), ...waiting('1') }) }), NOW).intents.length, 0);
    const claims = [{ resource: resource('customer', '1'), aspect: 'contact', owner: 'marketing' }];
    assert.equal(
      decide(back, brief({ 'sku:A': item({ ...stock(2), ...waiting('1') }) }, claims), NOW).intents.length,
      0,
    );
    const old = { 'restock-subscribers': { 1: { at: plus(NOW, -61 * DAY_MS) } } };
    assert.equal(decide(back, brief({ 'sku:A': item({ ...stock(2), ...old }) }), NOW).intents.length, 0);
  });
});

describe('attention', () => {
  const spike = (views: number) => event('traffic.spiked', { views, baselineViews: 100, windowMinutes: 60 });
  const praise = (over: Values = {}) =>
    event(
      'mention.detected',
      { sku: 'A', source: 'blog', sentiment: 'positive', reach: 20_000, ...over },
      'store:sandbox',
    );
  const lately = {
    'campaign:attention-A': { plan: { skus: ['A'], discountBasisPoints: 700, startsAt: NOW, endsAt: NOW } },
  };
  const cases: readonly (readonly [string, Envelope, Readonly<Record<string, Values>>, boolean])[] = [
    ['sells what there is plenty of', spike(500), { 'sku:A': item() }, true],
    ['gives nothing away when the rush sells it', spike(3_000), { 'sku:A': item() }, false],
    [
      'waits until demand is known',
      spike(500),
      { 'sku:A': item({ sold: { firstDay: TODAY - 2, counts: [1, 0, 1] } }) },
      false,
    ],
    ['gives nothing away of what sells out anyway', spike(500), { 'sku:A': item(stock(100)) }, false],
    ['is more than a busy hour', spike(250), { 'sku:A': item() }, false],
    ['is used once a fortnight', spike(500), { 'sku:A': item(), ...lately }, false],
    ['by praise counts', praise(), { 'sku:A': item() }, true],
    ['by scorn does not', praise({ sentiment: 'negative' }), { 'sku:A': item() }, false],
    ['that few see does not', praise({ reach: 500 }), { 'sku:A': item() }, false],
    ['of the whole shop moves no SKU', praise({ sku: undefined }), { 'sku:A': item() }, false],
  ];
  for (const [name, when, given, then] of cases) {
    test(name, () => {
      const proposal = decide(when, brief(given), NOW);
      assert.equal(discountOf(proposal.intents), then ? 700 : undefined, proposal.pass);
    });
  }
});

describe('win-back and what was deferred', () => {
  const due = event('schedule.due', { name: 'weekly-review' }, 'schedule:weekly-review');
  const quiet = (days: number) => person({ 'last-order': { at: plus(NOW, -days * DAY_MS), order: 'order:1' } });

  test('writes to those who have gone quiet, and only to them', () => {
    const given = brief({
      'customer:1': quiet(20),
      'customer:2': quiet(60),
      'customer:3': quiet(300),
      'customer:4': { ...quiet(60), consent: { email: false } },
    });
    assert.deepEqual(mails(decide(due, given, NOW).intents), ['2']);
    assert.equal(decide(event('schedule.due', { name: 'daily-review' }, 'schedule:d'), given, NOW).intents.length, 0);
  });

  const again = (proposal: Intent, given: Briefing) =>
    decide(
      event('intent.due', { agent: 'marketing', intent: 'i1', proposal, origin: 'e' }, 'store:sandbox'),
      given,
      NOW,
    );

  test('a deferred promotion comes again while it makes sense', () => {
    const [proposal] = decide(campaign(), brief({ 'sku:A': item() }), NOW).intents;
    assert.equal(again(proposal!, brief({ 'sku:A': item() })).intents[0]?.replaces, 'i1');
    assert.equal(again(proposal!, brief({ 'sku:A': item(stock(0)) })).intents.length, 0);
  });

  const [launched] = decide(campaign(), brief({ 'sku:A': item() }), NOW).intents;
  const promoted = { promotions: { p1: { title: 'Autumn', discountBasisPoints: 1_500, startsAt: NOW } } };
  const broken = (proposal: Intent | undefined) =>
    event('claim.broken', { agent: 'marketing', claim: 'x', resource: 'sku:A', proposal }, 'store:sandbox');

  test('a promotion with which a rule no longer holds, since a person changed something, is paused once', () => {
    const running = brief({ 'sku:A': item(promoted) });
    const [pause] = decide(broken(launched), running, NOW).intents;
    assert.deepEqual([pause?.action, pause?.objective, pause?.params.target], ['promotion.pause', 'margin', 'sku:A']);
    assert.equal(again(pause!, running).intents[0]?.objective, 'margin', 'it does not wait for the shelf to be empty');
    const paused = [{ resource: 'sku:A' as const, aspect: 'promotion', owner: 'marketing', action: 'promotion.pause' }];
    assert.equal(decide(broken(launched), brief({ 'sku:A': item(promoted) }, paused), NOW).intents.length, 0);
    assert.equal(decide(broken(launched), brief({ 'sku:A': item() }), NOW).intents.length, 0);
    assert.equal(decide(broken(undefined), running, NOW).intents.length, 0);
  });

  test('a deferred mail does not come when consent was withdrawn since', () => {
    const [, mail] = decide(campaign(), brief({ 'sku:A': item(), 'customer:7': person() }), NOW).intents;
    assert.equal(again(mail!, brief({ 'customer:7': person() })).intents.length, 1);
    assert.equal(again(mail!, brief({ 'customer:7': person({ consent: { email: false } }) })).intents.length, 0);
  });
});
