import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DAY_MS, HOUR_MS, plus } from '#shared/kernel/time.ts';
import { effectsOf } from './effects.ts';
import { judge } from './resolve.ts';
import { claim, event, fact, launch, NOW, policy, setPrice, skuFacts, standingAction, world } from './testing.ts';
import type { Claim, Outcome, Proposed } from './types.ts';

/** A price of £9 that a watching store did not get: it still asks £10. */
const held = (over: Partial<Claim> = {}) =>
  claim({
    resource: 'sku:A',
    aspect: 'price',
    layer: { action: 'price.set', layer: { priceMinor: 900 }, intent: 'old', rank: [1, 2, 0], seq: 3 },
    ...over,
  });
const watched = () => standingAction({ state: 'watched' });
const revoked = (reason: string) =>
  event(9, { type: 'action.revoked', subject: 'store:shop', data: { action: 'old', actionReason: reason } });
const verdicts = (outcome: Outcome) =>
  outcome.decisions.map(({ agent, verdict, rule }) => `${agent} ${verdict} by ${rule}`);
const run = (proposed: Proposed[], around = world()) => judge(event(9), proposed, around, policy());

describe('what a watching store would have done', () => {
  test('keeps its claim in place of the fact that it would have become, and its share of the limits', () => {
    const around = world({ claims: [held()], actions: [watched()] });
    const outcome = effectsOf(revoked('watch'), around, policy(), undefined);
    assert.deepEqual(outcome.closedClaims, [{ claim: 'old/sku:A/price', until: plus(NOW, 7 * DAY_MS) }]);
    assert.deepEqual([outcome.endedClaims, outcome.struck, outcome.wakes], [[], [], ['old']]);
  });

  test('a claim with an end of its own keeps that', () => {
    const around = world({ claims: [held({ to: plus(NOW, HOUR_MS) })], actions: [watched()] });
    assert.deepEqual(effectsOf(revoked('watch'), around, policy(), undefined).closedClaims, []);
  });

  test('any other revocation ends the claim, as it always did', () => {
    const outcome = effectsOf(revoked('expired'), world({ claims: [held()], actions: [] }), policy(), undefined);
    assert.deepEqual(outcome.endedClaims, [{ claim: 'old/sku:A/price', as: 'revoked' }]);
    assert.deepEqual(outcome.struck, ['old']);
  });

  test('the same wish again is not a second change', () => {
    const around = world({ claims: [held({ to: plus(NOW, DAY_MS) })], actions: [watched()] });
    assert.deepEqual(verdicts(run([setPrice('pricing', 'A', 900)], around)), ['pricing denied by no-op']);
  });

  test('what others want is judged against it: a promotion that only the higher price would bear', () => {
    const facts = skuFacts('A');
    const alone = run([launch('marketing', 'sku:A', 2_500)], world({ facts }));
    assert.deepEqual(verdicts(alone), ['marketing granted by objectives']);
    const lower = held({ to: plus(NOW, DAY_MS), layer: { ...held().layer, layer: { priceMinor: 750 } } });
    const beside = run([launch('marketing', 'sku:A', 2_500)], world({ facts, claims: [lower], actions: [watched()] }));
    assert.deepEqual(verdicts(beside), ['marketing denied by margin-floor']);
  });

  test('it is taken back by the end of its claims alone: the store is not told to undo what it never did', () => {
    const promotion = claim({
      claim: 'promo/sku:A/promotion',
      resource: 'sku:A',
      aspect: 'promotion',
      exclusive: false,
      owner: 'marketing',
      to: plus(NOW, 2 * DAY_MS),
      action: 'promo',
      layer: { action: 'promotion.launch', layer: { discountBasisPoints: 2_000 }, intent: 'promo', rank: [1, 5, 2] },
    });
    const launched = standingAction({
      action: 'promo',
      type: 'promotion.launch',
      agent: 'marketing',
      params: { target: 'sku:A', discountBasisPoints: 2_000, title: 'Sale' },
      writes: [],
      inverse: [{ action: 'promotion.end', params: { target: 'sku:A', title: 'Sale' } }],
      state: 'watched',
    });
    const outcome = run([setPrice('pricing', 'A', 850)], world({ claims: [promotion], actions: [launched] }));
    assert.deepEqual(verdicts(outcome), ['pricing granted by objectives']);
    assert.deepEqual(outcome.endedClaims, [{ claim: 'promo/sku:A/promotion', as: 'undone' }]);
    assert.deepEqual(
      outcome.actions.map(({ type }) => type),
      ['price.set'],
    );
  });

  for (const [name, cause] of [
    ['before its time came', revoked('watch')],
    ['after it', event(9, { type: 'order.cancelled', subject: 'order:1', data: {} })],
  ] as const)
    test(`a cause that is voided ${name} ends its claims, undoes nothing and tells no person`, () => {
      const around = world({
        claims: [held()],
        actions: [{ ...watched(), cause: 'order:1' }],
        facts: [...skuFacts('A'), fact('sku:A', 'price', { minor: 1_100, currency: 'GBP' }, 8)],
        voided: new Map([['order:1', 7]]),
      });
      const outcome = effectsOf(cause, around, policy(), undefined);
      assert.deepEqual(outcome.endedClaims, [{ claim: 'old/sku:A/price', as: 'voided' }]);
      assert.deepEqual(outcome.struck, ['old']);
      assert.deepEqual([outcome.actions, outcome.leftToPeople, outcome.closedClaims], [[], [], []]);
    });
});
