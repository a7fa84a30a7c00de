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
import type { Outcome, Proposed } from './types.ts';

const verdicts = (outcome: Outcome) =>
  outcome.decisions
    .map((decision) => `${decision.agent} ${decision.actionType} ${decision.verdict} by ${decision.rule}`)
    .sort();
const run = (proposed: Proposed[], around = world(), rules = policy()) => judge(event(1), proposed, around, rules);

describe('one intent', () => {
  test('nothing stands against it: granted, with a claim and an action of its own id', () => {
    const outcome = run([setPrice('pricing', 'A', 950)]);
    assert.deepEqual(verdicts(outcome), ['pricing price.set granted by objectives']);
    assert.equal(outcome.actions[0]?.action, outcome.decisions[0]?.intent);
    assert.deepEqual(
      outcome.claims.map((entry) => [entry.resource, entry.aspect, entry.exclusive, entry.to]),
      [['sku:A', 'price', true, undefined]],
    );
  });

  const refused: readonly [string, Proposed, string][] = [
    ['an unknown action', propose('pricing', { action: 'price.burn', params: {} }), 'contract'],
    ['parameters against the contract', setPrice('pricing', 'A', -5), 'contract'],
    [
      "another agent's action",
      propose('mallory', { action: 'price.set', params: { sku: 'A', priceMinor: 1, currency: 'GBP' } }),
      'manifest',
    ],
    ['what is so already', setPrice('pricing', 'A', 1_000), 'no-op'],
    ['too deep a chain of causes', { ...setPrice('pricing', 'A', 950), event: event(1, { depth: 8 }) }, 'depth'],
    ['a fourth try', { ...setPrice('pricing', 'A', 950), replacements: 4 }, 'replacements'],
    ['a group that covers nothing', launch('marketing', 'category:empty', 1_000), 'nothing-covered'],
  ];
  for (const [name, proposed, rule] of refused) {
    test(`${name} is denied by ${rule}`, () => {
      const outcome = run([proposed]);
      assert.equal(outcome.decisions[0]?.verdict, 'denied');
      assert.equal(outcome.decisions[0]?.rule, rule);
      assert.equal(outcome.actions.length, 0);
    });
  }

  test('what is refused outright is about what it asked for, where that can be read', () => {
    const about = (name: string) => run([refused.find(([one]) => one === name)![1]]).decisions[0]?.resource;
    assert.deepEqual(['a fourth try', 'too deep a chain of causes', "another agent's action"].map(about), [
      'sku:A',
      'sku:A',
      'sku:A',
    ]);
    assert.deepEqual(['an unknown action', 'parameters against the contract'].map(about), [
      'store:unknown',
      'store:unknown',
    ]);
  });

  test('below the floor without room to move: denied, and the agent may offer something else', () => {
    const outcome = run([setPrice('pricing', 'A', 610)]);
    assert.deepEqual(verdicts(outcome), ['pricing price.set denied by margin-floor']);
    assert.deepEqual(
      outcome.events.map((draft) => [draft.type, draft.addressee]),
      [['intent.refused', 'pricing']],
    );
  });

  test('below the floor with room to move: adjusted to the nearest value that holds', () => {
    const outcome = run([setPrice('pricing', 'A', 610, { flex: { param: 'priceMinor', min: 610, max: 1_000 } })]);
    assert.deepEqual(verdicts(outcome), ['pricing price.set adjusted by margin-floor']);
    assert.deepEqual(
      outcome.actions.map((action) => (action.params as { priceMinor: number }).priceMinor),
      [706],
    );
  });

  test('a step towards the floor is not refused because the floor is not reached', () => {
    const outcome = run([setPrice('pricing', 'A', 690)], world({ facts: skuFacts('A', 650) }));
    assert.deepEqual(verdicts(outcome), ['pricing price.set granted by objectives']);
  });

  test('a missing cost is unknown, and the rule says what then', () => {
    const facts = skuFacts('A').filter((entry) => entry.attribute !== 'cost');
    assert.equal(run([setPrice('pricing', 'A', 950)], world({ facts })).decisions[0]?.verdict, 'denied');
  });

  test('held back by a temporal rule: deferred, with a timer that brings it again', () => {
    const until = plus(NOW, HOUR_MS);
    const outcome = run(
      [setPrice('pricing', 'A', 950)],
      world(),
      policy({ hold: () => ({ rule: 'quiet', why: 'Not now.', detail: 'It is night.', verdict: 'deferred', until }) }),
    );
    assert.deepEqual(verdicts(outcome), ['pricing price.set deferred by quiet']);
    assert.deepEqual(
      outcome.timers.map((timer) => [timer.kind, timer.due]),
      [['intent.due', until]],
    );
  });
});

describe('conflicts', () => {
  test('two prices for one SKU: direct; the stronger objective wins', () => {
    const outcome = run([setPrice('marketing', 'A', 900, { objective: 'growth' }), setPrice('pricing', 'A', 950)]);
    assert.deepEqual(verdicts(outcome), [
      'marketing price.set denied by objectives',
      'pricing price.set granted by objectives',
    ]);
    assert.deepEqual(
      outcome.conflicts.map((conflict) => conflict.class),
      ['direct'],
    );
  });

  test('a price cut and a promotion that each keep the margin but not together: indirect; the weaker is adjusted', () => {
    const outcome = run([
      setPrice('pricing', 'A', 800),
      launch('marketing', 'sku:A', 2_500, { flex: { param: 'discountBasisPoints', min: 300, max: 2_500 } }),
    ]);
    assert.deepEqual(verdicts(outcome), [
      'marketing promotion.launch adjusted by margin-floor',
      'pricing price.set granted by objectives',
    ]);
    assert.deepEqual(
      outcome.conflicts.map((conflict) => conflict.class),
      ['indirect'],
    );
    const [discount = 0] = outcome.actions.flatMap(
      (action) => (action.params as { discountBasisPoints?: number }).discountBasisPoints ?? [],
    );
    assert.ok(discount <= 1_181 && discount >= 1_170, `800 less ${discount} keeps 15 % over 600`);
  });

  test('a price cut and a promotion that hold together are no conflict', () => {
    const outcome = run([setPrice('pricing', 'A', 980), launch('marketing', 'sku:A', 1_000)]);
    assert.deepEqual(outcome.conflicts, []);
    assert.ok(outcome.decisions.every((decision) => decision.verdict === 'granted'));
  });

  test('windows that do not overlap are no conflict', () => {
    const held = claim({
      resource: 'sku:A',
      aspect: 'promotion',
      exclusive: false,
      owner: 'marketing',
      from: plus(NOW, 500 * HOUR_MS),
      to: plus(NOW, 600 * HOUR_MS),
      layer: { action: 'promotion.launch', layer: { discountBasisPoints: 2_500 }, intent: 'old', rank: [1, 5, 2] },
    });
    const outcome = run([launch('marketing', 'sku:A', 2_500)], world({ claims: [held] }));
    assert.deepEqual(outcome.conflicts, []);
  });

  test('two promotions that never run together are not added up, whatever runs beside both', () => {
    const sale = (id: string, from: number, to: number) =>
      claim({
        claim: id,
        resource: 'sku:A',
        aspect: 'promotion',
        exclusive: false,
        owner: 'marketing',
        from: plus(NOW, from * HOUR_MS),
        to: plus(NOW, to * HOUR_MS),
        layer: { action: 'promotion.launch', layer: { discountBasisPoints: 2_000 }, intent: id, rank: [1, 0, 0] },
      });
    const price = setPrice('pricing', 'A', 950);
    assert.deepEqual(run([price], world({ claims: [sale('a', -1, 24), sale('b', 24, 48)] })).conflicts, []);
    const together = run([price], world({ claims: [sale('a', -1, 30), sale('b', 24, 48)] }));
    assert.deepEqual(
      together.conflicts.map(({ class: of, members }) => [of, members.length]),
      [['indirect', 3]],
    );
  });

  test('a category promotion leaves out the SKU that it would push below the floor', () => {
    const around = world({
      facts: [...skuFacts('A'), ...skuFacts('B', 700)],
      categories: new Map([['candles', ['sku:A', 'sku:B']]]),
    });
    const outcome = run([launch('marketing', 'category:candles', 2_000)], around);
    assert.deepEqual(verdicts(outcome), ['marketing promotion.launch adjusted by margin-floor']);
    assert.deepEqual(outcome.actions[0]?.leaves, ['sku:A']);
  });

  test('a category promotion over a SKU whose price is cut in the same round', () => {
    const around = world({
      facts: [...skuFacts('A'), ...skuFacts('B')],
      categories: new Map([['candles', ['sku:A', 'sku:B']]]),
    });
    const outcome = run([launch('marketing', 'category:candles', 2_000), setPrice('pricing', 'A', 750)], around);
    assert.deepEqual(
      outcome.conflicts.map((conflict) => conflict.class),
      ['indirect'],
    );
    assert.deepEqual(outcome.actions.find((action) => action.type === 'promotion.launch')?.leaves, ['sku:B']);
  });

  test('three that keep the margin in pairs and break it together', () => {
    const first = launch('marketing', 'sku:A', 1_200);
    const second = { ...launch('support', 'sku:A', 1_500), id: 'second' };
    const pairs = [
      [setPrice('pricing', 'A', 900), first],
      [setPrice('pricing', 'A', 900), second],
      [first, second],
    ];
    for (const pair of pairs)
      assert.ok(run(pair as Proposed[]).decisions.every((decision) => decision.verdict === 'granted'));
    const outcome = run([setPrice('pricing', 'A', 900), first, second]);
    assert.deepEqual(outcome.decisions.filter((decision) => decision.verdict === 'denied').length, 1);
    assert.deepEqual(outcome.conflicts.length, 1);
  });

  test('the same wish of two agents is one action, and both are merged', () => {
    const outcome = run([setPrice('pricing', 'A', 950), setPrice('marketing', 'A', 950, { objective: 'growth' })]);
    assert.deepEqual(
      outcome.decisions.map((decision) => decision.verdict),
      ['merged', 'merged'],
    );
    assert.equal(outcome.actions.length, 1);
    assert.equal(new Set(outcome.decisions.map((decision) => decision.action)).size, 1);
  });
});

describe('claims', () => {
  const stronger = { layer: { action: 'price.set', layer: { priceMinor: 900 }, intent: 'old', rank: [1, 0, 0] } };

  test('a stronger claim with an end: deferred until then', () => {
    const to = plus(NOW, HOUR_MS);
    const outcome = run(
      [setPrice('marketing', 'A', 950)],
      world({ claims: [claim({ resource: 'sku:A', aspect: 'price', to, ...stronger })] }),
    );
    assert.deepEqual(verdicts(outcome), ['marketing price.set deferred by claim']);
    assert.equal(outcome.timers[0]?.due, to);
  });

  test('a weaker pending one is preempted: its action is revoked first', () => {
    const outcome = run(
      [setPrice('pricing', 'A', 950)],
      world({
        claims: [
          claim({
            resource: 'sku:A',
            aspect: 'price',
            owner: 'marketing',
            actionState: 'pending',
            layer: { action: 'price.set', layer: {}, intent: 'old', rank: [1, 5, 2] },
          }),
        ],
      }),
    );
    assert.deepEqual(outcome.revocations, [{ action: 'old', reason: 'preempted' }]);
    assert.deepEqual(outcome.endedClaims, [{ claim: 'old/sku:A/price', as: 'revoked' }]);
    assert.equal(outcome.decisions[0]?.verdict, 'granted');
  });

  test('a weaker one that is being called: deferred until its outcome', () => {
    const outcome = run(
      [setPrice('pricing', 'A', 950)],
      world({
        claims: [
          claim({
            resource: 'sku:A',
            aspect: 'price',
            owner: 'marketing',
            actionState: 'calling',
            layer: { action: 'price.set', layer: {}, intent: 'old', rank: [1, 5, 2] },
          }),
        ],
      }),
    );
    assert.equal(outcome.decisions[0]?.verdict, 'deferred');
    assert.equal(outcome.decisions[0]?.wakesOn, 'old');
  });

  test("an agent's newer intent amends its own claim", () => {
    const outcome = run(
      [setPrice('pricing', 'A', 950)],
      world({ claims: [claim({ resource: 'sku:A', aspect: 'price', actionState: 'pending' })] }),
    );
    assert.deepEqual(outcome.endedClaims, [{ claim: 'old/sku:A/price', as: 'amended' }]);
  });

  test("a person's change is respected", () => {
    const outcome = run(
      [setPrice('pricing', 'A', 950)],
      world({ claims: [claim({ resource: 'sku:A', aspect: 'price', owner: 'person', to: plus(NOW, HOUR_MS) })] }),
    );
    assert.deepEqual(verdicts(outcome), ['pricing price.set denied by respect']);
  });

  test('a price that somebody set by hand becomes a claim of that person', () => {
    const seen = event(9, { type: 'price.changed', data: { minor: 1_200, currency: 'GBP' } });
    const around = world({ claims: [claim({ resource: 'sku:A', aspect: 'price', actionState: 'pending' })] });
    const outcome = effectsOf(seen, around, policy(), {
      attribute: 'price',
      was: { minor: 1_000, currency: 'GBP' },
      is: { minor: 1_200, currency: 'GBP' },
    });
    assert.deepEqual(
      outcome.claims.map((entry) => [entry.owner, entry.layer.layer.priceMinor]),
      [['person', 1_200]],
    );
    assert.deepEqual(outcome.revocations, [{ action: 'old', reason: 'displaced' }]);
  });

  test('a voided cause revokes what rests on it', () => {
    const around = world({
      actions: [standingAction({ cause: 'order:1', state: 'pending' })],
      claims: [claim({ resource: 'order:1', aspect: 'fulfilment' })],
    });
    const outcome = effectsOf(event(9, { type: 'order.cancelled', subject: 'order:1' }), around, policy(), undefined);
    assert.deepEqual(outcome.revocations, [{ action: 'old', reason: 'voided' }]);
  });

  test('an intent on a cause that was voided meanwhile is stale', () => {
    const proposed = propose(
      'support',
      { action: 'refund.issue', params: { order: '1', amountMinor: 5, currency: 'GBP', note: 'x' } },
      { event: event(1, { subject: 'order:1' }) },
    );
    const outcome = run([proposed], world({ voided: new Map([['order:1', 7]]) }));
    assert.deepEqual(verdicts(outcome), ['support refund.issue denied by freshness']);
    assert.deepEqual(
      outcome.conflicts.map((conflict) => conflict.class),
      ['stale'],
    );
  });

  test('a citation that has moved is stale', () => {
    const facts = [...skuFacts('A'), fact('sku:B', 'price', { minor: 1, currency: 'GBP' }, 9)];
    const outcome = run(
      [setPrice('pricing', 'A', 950, { cites: [{ resource: 'sku:B', attribute: 'price', version: 3 }] })],
      world({ facts }),
    );
    assert.deepEqual(verdicts(outcome), ['pricing price.set denied by freshness']);
  });
});
