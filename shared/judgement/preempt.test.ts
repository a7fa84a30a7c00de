import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HOUR_MS, plus } from '#shared/kernel/time.ts';
import { effectsOf } from './effects.ts';
import { judge } from './resolve.ts';
import {
  claim,
  event,
  fact,
  launch,
  NOW,
  policy,
  propose,
  setPrice,
  skuFacts,
  standingAction,
  world,
} from './testing.ts';
import type { Claim, Outcome, Proposed, StandingAction } from './types.ts';

const verdicts = (outcome: Outcome) =>
  outcome.decisions.map(({ agent, actionType, verdict }) => `${agent} ${actionType} ${verdict}`).sort();
const run = (proposed: Proposed[], around = world()) => judge(event(9), proposed, around, policy());

/** A promotion of 20 % that marketing was granted: with a price below £8.82 it breaks the margin floor over a cost of £6. */
const promotion = (over: Partial<Claim> = {}) =>
  claim({
    claim: 'promo/sku:A/promotion',
    resource: 'sku:A',
    aspect: 'promotion',
    exclusive: false,
    owner: 'marketing',
    to: plus(NOW, 48 * HOUR_MS),
    action: 'promo',
    actionState: 'done',
    layer: {
      action: 'promotion.launch',
      layer: { discountBasisPoints: 2_000 },
      intent: 'promo',
      rank: [1, 5, 2],
      objective: 'growth',
      seq: 1,
    },
    ...over,
  });
const launched = (over: Partial<StandingAction> = {}) =>
  standingAction({
    action: 'promo',
    type: 'promotion.launch',
    agent: 'marketing',
    params: { target: 'sku:A', discountBasisPoints: 2_000, title: 'Sale' },
    writes: [{ resource: 'sku:A', attribute: 'promotions', value: { title: 'Sale', discountBasisPoints: 2_000 } }],
    inverse: [{ action: 'promotion.end', params: { target: 'sku:A', title: 'Sale' } }],
    ...over,
  });
const promotions = (value: object) => ({ ...fact('sku:A', 'promotions', value, 7), time: NOW });

describe('a stronger intent that breaks a guardrail only together with a weaker claim on another key', () => {
  test('revokes it where its action is pending', () => {
    const around = world({
      claims: [promotion({ actionState: 'pending' })],
      actions: [launched({ state: 'pending' })],
    });
    const outcome = run([setPrice('pricing', 'A', 850)], around);
    assert.deepEqual(verdicts(outcome), ['pricing price.set granted']);
    assert.deepEqual(outcome.revocations, [{ action: 'promo', reason: 'preempted' }]);
    assert.deepEqual(outcome.endedClaims, [{ claim: 'promo/sku:A/promotion', as: 'revoked' }]);
    assert.deepEqual(
      outcome.conflicts.map(({ class: of, members }) => [of, members.map((member) => member.agent)]),
      [['indirect', ['pricing', 'marketing']]],
    );
  });

  test('undoes it where it is done: an intent of the coordinator, with the claim ended', () => {
    const around = world({
      claims: [promotion()],
      actions: [launched()],
      facts: [...skuFacts('A'), promotions({ x: { title: 'Sale', discountBasisPoints: 2_000, startsAt: NOW } })],
    });
    const outcome = run([setPrice('pricing', 'A', 850)], around);
    assert.deepEqual(verdicts(outcome), ['coordinator promotion.end granted', 'pricing price.set granted']);
    assert.deepEqual(
      outcome.actions.map(({ action, agent, type }) => [action, agent, type]),
      [
        ['promo.undo', 'coordinator', 'promotion.end'],
        [outcome.decisions.find(({ agent }) => agent === 'pricing')?.intent, 'pricing', 'price.set'],
      ],
    );
    assert.deepEqual(outcome.endedClaims, [{ claim: 'promo/sku:A/promotion', as: 'undone' }]);
  });

  test('undoes nothing where somebody has changed it since, and a person is told', () => {
    const around = world({
      claims: [promotion()],
      actions: [launched()],
      facts: [...skuFacts('A'), promotions({ x: { title: 'Sale', discountBasisPoints: 3_000, startsAt: NOW } })],
    });
    const outcome = run([setPrice('pricing', 'A', 850)], around);
    assert.deepEqual(verdicts(outcome), ['pricing price.set denied']);
    assert.deepEqual(
      outcome.leftToPeople.map(({ action, reason }) => [action, reason]),
      [['promo', 'changed-meanwhile']],
    );
    assert.deepEqual(outcome.endedClaims, []);
  });

  test('waits where it is just being called', () => {
    const around = world({
      claims: [promotion({ actionState: 'calling' })],
      actions: [launched({ state: 'calling' })],
    });
    const outcome = run([setPrice('pricing', 'A', 850)], around);
    assert.deepEqual(verdicts(outcome), ['pricing price.set deferred']);
    assert.equal(outcome.decisions[0]?.wakesOn, 'promo');
  });

  const notTaken: readonly [string, Partial<Claim>, StandingAction[]][] = [
    ['is stronger', { layer: { ...promotion().layer, rank: [1, 0, 0] } }, [launched()]],
    ['has no way back', {}, [launched({ inverse: [] })]],
    ['is a person’s', { owner: 'person' }, [launched()]],
    ['waits for a person', { owner: 'escalation' }, [launched()]],
  ];
  for (const [name, over, actions] of notTaken) {
    test(`takes nothing back that ${name}`, () => {
      const outcome = run([setPrice('pricing', 'A', 850)], world({ claims: [promotion(over)], actions }));
      assert.deepEqual(verdicts(outcome), ['pricing price.set denied']);
      assert.deepEqual([outcome.endedClaims, outcome.revocations], [[], []]);
    });
  }

  test('rather moves its own flexible parameter', () => {
    const flexible = setPrice('pricing', 'A', 850, { flex: { param: 'priceMinor', min: 850, max: 1_000 } });
    const outcome = run([flexible], world({ claims: [promotion()], actions: [launched()] }));
    assert.deepEqual(verdicts(outcome), ['pricing price.set adjusted']);
    assert.deepEqual(outcome.endedClaims, []);
  });

  test('takes back no more than it needs, the weakest first', () => {
    const small = promotion({
      claim: 'small/sku:A/promotion',
      action: 'small',
      owner: 'support',
      layer: { ...promotion().layer, layer: { discountBasisPoints: 500 }, rank: [1, 6, 3] },
    });
    const around = world({
      claims: [promotion(), small],
      actions: [
        launched(),
        launched({ action: 'small', inverse: [{ action: 'promotion.end', params: { target: 'sku:A' } }] }),
      ],
    });
    // £9.20 keeps the floor with 20 % off, and not with 5 % off besides.
    const outcome = run([setPrice('pricing', 'A', 920)], around);
    assert.deepEqual(
      outcome.endedClaims.map((ended) => ended.claim),
      ['small/sku:A/promotion'],
    );
  });

  test('a price that is taken back shows its earlier value in what is judged', () => {
    const cut = claim({
      claim: 'old/sku:A/price',
      resource: 'sku:A',
      aspect: 'price',
      owner: 'pricing',
      layer: { action: 'price.set', layer: { priceMinor: 760 }, intent: 'old', rank: [1, 6, 3], seq: 1 },
    });
    const was = standingAction({
      params: { sku: 'A', priceMinor: 760, currency: 'GBP' },
      writes: [{ resource: 'sku:A', attribute: 'price', value: { minor: 760, currency: 'GBP' } }],
    });
    const around = world({ claims: [cut], actions: [was], facts: skuFacts('A', 760) });
    const outcome = run([launch('marketing', 'sku:A', 2_000)], around);
    assert.deepEqual(verdicts(outcome), ['coordinator price.set granted', 'marketing promotion.launch granted']);
    const undo = outcome.actions.find(({ agent }) => agent === 'coordinator');
    assert.deepEqual(undo?.params, { sku: 'A', priceMinor: 1_000, currency: 'GBP' });
    // Its own inverse is the value that it expects to find: what the executor compares before it sets the price.
    assert.deepEqual(undo?.inverse, [{ action: 'price.set', params: { sku: 'A', priceMinor: 760, currency: 'GBP' } }]);
  });

  test('what it displaces on another aspect is undone where there is a way back', () => {
    const reorder = claim({
      claim: 'po/sku:A/reorder',
      resource: 'sku:A',
      aspect: 'reorder',
      exclusive: false,
      owner: 'inventory',
      action: 'po',
      layer: { action: 'reorder.place', layer: { reorderUnits: 50 }, intent: 'po', rank: [1, 6, 3], seq: 1 },
    });
    const placed = standingAction({
      action: 'po',
      type: 'reorder.place',
      agent: 'inventory',
      writes: [],
      inverse: [{ action: 'reorder.cancel', params: { sku: 'A', supplier: 's' } }],
    });
    const archive = propose('marketing', { action: 'product.archive', params: { sku: 'A' } });
    const outcome = run([archive], world({ claims: [reorder], actions: [placed] }));
    assert.deepEqual(verdicts(outcome), ['coordinator reorder.cancel granted', 'marketing product.archive granted']);
    assert.deepEqual(outcome.endedClaims, [{ claim: 'po/sku:A/reorder', as: 'undone' }]);
  });
});

describe('a voided cause', () => {
  const cancelled = (over = {}) => event(9, { type: 'order.cancelled', subject: 'order:1', ...over });
  const placed = (over: Partial<StandingAction> = {}) =>
    standingAction({
      action: 'po',
      type: 'reorder.place',
      agent: 'inventory',
      writes: [],
      inverse: [{ action: 'reorder.cancel', params: { sku: 'A', supplier: 's' } }],
      cause: 'order:1',
      ...over,
    });
  const effects = (action: StandingAction, seen = cancelled()) =>
    effectsOf(seen, world({ actions: [action] }), policy(), undefined);

  test('what is done is undone', () => {
    const outcome = effects(placed());
    assert.deepEqual(
      outcome.actions.map(({ action, agent, type }) => [action, agent, type]),
      [['po.undo', 'coordinator', 'reorder.cancel']],
    );
    assert.deepEqual(verdicts(outcome), ['coordinator reorder.cancel granted']);
  });

  test('what has no way back is listed for a person', () => {
    const refund = placed({ action: 'r', type: 'refund.issue', inverse: [] });
    assert.deepEqual(
      effects(refund).leftToPeople.map(({ action, reason }) => [action, reason]),
      [['r', 'not-undoable']],
    );
  });

  const left: readonly [string, StandingAction, ReturnType<typeof event>][] = [
    ['what caused the event itself', placed(), cancelled({ causationid: 'po' })],
    ['what the coordinator undid', placed({ agent: 'coordinator' }), cancelled()],
    ['what was undone before', placed({ undone: true }), cancelled()],
    ['a notice, which takes nothing from anybody', placed({ type: 'notice.send', inverse: [] }), cancelled()],
    ['a tag, which holds nothing', placed({ type: 'order.tag', inverse: [] }), cancelled()],
  ];
  for (const [name, action, seen] of left) {
    test(`${name} is left alone`, () => {
      const outcome = effects(action, seen);
      assert.deepEqual([outcome.actions, outcome.leftToPeople, outcome.revocations], [[], [], []]);
    });
  }

  test('twice in one batch is undone once', () => {
    const around = world({ actions: [placed()] });
    const first = effectsOf(cancelled(), around, policy(), undefined);
    around.apply(first);
    assert.deepEqual(effectsOf(cancelled({ seq: 10 }), around, policy(), undefined).actions, []);
  });

  test('what was being called meanwhile is undone when it is done', () => {
    const held = claim({
      claim: 'po/sku:A/reorder',
      resource: 'sku:A',
      aspect: 'reorder',
      exclusive: false,
      action: 'po',
      layer: { action: 'reorder.place', layer: {}, intent: 'po', rank: [1, 3, 2], seq: 4 },
    });
    const around = world({ claims: [held], actions: [placed()], voided: new Map([['order:1', 6]]) });
    const done = event(8, { type: 'action.done', subject: 'store:shop', data: { action: 'po' } });
    const outcome = effectsOf(done, around, policy(), undefined);
    assert.deepEqual(
      outcome.actions.map(({ action }) => action),
      ['po.undo'],
    );
    assert.deepEqual(outcome.endedClaims, [{ claim: 'po/sku:A/reorder', as: 'undone' }]);
  });
});

describe("a person's change", () => {
  const lowered = (minor: number) => event(9, { type: 'price.changed', data: { minor, currency: 'GBP' } });
  const change = (minor: number, around: ReturnType<typeof world>) =>
    effectsOf(lowered(minor), around, policy(), {
      attribute: 'price',
      was: { minor: 1_000, currency: 'GBP' },
      is: { minor, currency: 'GBP' },
    });

  test('tells the owner of a claim on another key that it breaks; nothing is taken back', () => {
    const around = world({ claims: [promotion()], actions: [launched()], facts: skuFacts('A', 850) });
    const outcome = change(850, around);
    assert.deepEqual(
      outcome.events.map(({ type, addressee, data }) => [type, addressee, data.claim, data.resource]),
      [['claim.broken', 'marketing', 'promo/sku:A/promotion', 'sku:A']],
    );
    const { objective } = outcome.events[0]!.data.proposal as { objective: string };
    assert.equal(objective, 'growth');
    assert.deepEqual([outcome.endedClaims, outcome.revocations], [[], []]);
  });

  test('tells nobody where the guardrail holds, or was broken before', () => {
    const holds = world({ claims: [promotion()], actions: [launched()], facts: skuFacts('A', 950) });
    assert.deepEqual(change(950, holds).events, []);
    const broken = world({ claims: [promotion()], actions: [launched()], facts: skuFacts('A', 850, 850) });
    assert.deepEqual(change(850, broken).events, []);
  });

  test('is respected for as long as the rule says', () => {
    const rules = policy({ respectMs: () => HOUR_MS });
    const before = { attribute: 'price', was: { minor: 1_000 }, is: { minor: 900 } };
    assert.equal(effectsOf(lowered(900), world(), rules, before).claims[0]?.to, plus(NOW, HOUR_MS));
  });
});
