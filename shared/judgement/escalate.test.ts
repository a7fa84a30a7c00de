import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { HOUR_MS, plus } from '#shared/kernel/time.ts';
import { effectsOf } from './effects.ts';
import { judge } from './resolve.ts';
import { event, launch, MARGIN_FLOOR, NOW, policy, propose, setPrice, skuFacts, world } from './testing.ts';
import type { Outcome, Proposed } from './types.ts';

const verdicts = (outcome: Outcome) =>
  outcome.decisions
    .map((decision) => `${decision.agent} ${decision.actionType} ${decision.verdict} by ${decision.rule}`)
    .sort();
/** Rules under which every conflict is for a person. */
const asking = () =>
  policy({
    ask: ({ conflict }) =>
      conflict && { rule: 'every-conflict', why: 'w', detail: 'd', measure: 'revenueMinor', amount: 1, limit: 0 },
  });
const run = (proposed: Proposed[], around = world(), rules = policy()) => judge(event(1), proposed, around, rules);

describe('escalations', () => {
  const busy = () => world({ facts: skuFacts('A', 10_000, 6_000) });
  const clash = () => [setPrice('marketing', 'A', 8_000, { objective: 'growth' }), setPrice('pricing', 'A', 9_000)];
  const question = () => {
    const around = busy();
    const outcome = run(clash(), around);
    around.apply(outcome);
    return { around, outcome, escalation: outcome.escalations[0]! };
  };

  test('a clash above the limit is asked, whole, with feasible options and a held key', () => {
    const { outcome, escalation } = question();
    assert.deepEqual(verdicts(outcome), [
      'marketing price.set escalated by big-conflict',
      'pricing price.set escalated by big-conflict',
    ]);
    assert.deepEqual(
      escalation.options.map((option) => option.id),
      ['proposed', 'alternative', 'nothing'],
    );
    assert.deepEqual(
      outcome.claims.map((entry) => [entry.owner, entry.resource, entry.to]),
      [['escalation', 'sku:A', escalation.deadline]],
    );
    assert.deepEqual(
      outcome.timers.map((timer) => timer.timer),
      [`default.${escalation.escalation}`, `remind.${escalation.escalation}`],
    );
  });

  test('the deadline is never later than what the first option rests on, and a reminder comes before it', () => {
    const ends = (hours: number) => plus(NOW, hours * HOUR_MS);
    const asked = (hours: number) => {
      const promotion = launch('marketing', 'sku:A', 1_000);
      const params = { ...promotion.intent.params, endsAt: ends(hours) };
      const clashing = [
        { ...promotion, intent: { ...promotion.intent, params } },
        setPrice('pricing', 'A', 7_500, { objective: 'clearance' }),
      ];
      const outcome = run(clashing, busy(), asking());
      const [escalation] = outcome.escalations;
      return [escalation?.deadline, escalation?.remindAt, outcome.timers.length];
    };
    assert.deepEqual(asked(72), [ends(4), ends(2), 2]);
    assert.deepEqual(asked(3), [ends(3), ends(2), 2]);
    assert.deepEqual(asked(1), [ends(1), undefined, 1]);
  });

  test('what was granted before and is collided with is named in the question', () => {
    const around = busy();
    around.apply(run([launch('marketing', 'sku:A', 2_000)], around));
    const outcome = run([setPrice('pricing', 'A', 8_000, { objective: 'clearance' })], around, asking());
    assert.deepEqual((outcome.escalations[0]!.question as { standing: unknown }).standing, [
      { agent: 'marketing', action: 'promotion.launch', resource: 'sku:A' },
    ]);
  });

  const ruling = (option: string, id: string) =>
    event(5, { type: 'ruling.given', subject: 'escalation:x', data: { escalation: id, option, by: 'Jo' } });

  for (const [option, agent] of [
    ['proposed', 'pricing'],
    ['alternative', 'marketing'],
  ] as const) {
    test(`ruled "${option}": ${agent}'s action is written, and no other`, () => {
      const { around, escalation } = question();
      const outcome = effectsOf(ruling(option, escalation.escalation), around, policy(), undefined);
      assert.deepEqual(
        outcome.actions.map((action) => action.agent),
        [agent],
      );
      assert.deepEqual(
        outcome.endedEscalations.map((ended) => [ended.as, ended.option]),
        [['ruled', option]],
      );
    });
  }

  test('ruled "nothing": nothing is written, the key is free', () => {
    const { around, escalation } = question();
    const outcome = effectsOf(ruling('nothing', escalation.escalation), around, policy(), undefined);
    assert.deepEqual(outcome.actions, []);
    assert.deepEqual(
      outcome.endedClaims.map((ended) => ended.as),
      ['answered'],
    );
  });

  test('the facts have moved: the question is put anew, saying what changed', () => {
    const { escalation } = question();
    const moved = world({ facts: skuFacts('A', 10_000, 9_500), escalations: [{ ...escalation, state: 'answered' }] });
    const outcome = effectsOf(ruling('proposed', escalation.escalation), moved, policy(), undefined);
    assert.deepEqual(
      outcome.endedEscalations.map((ended) => ended.as),
      ['replaced'],
    );
    assert.equal(outcome.escalations[0]?.replaces, escalation.escalation);
    assert.deepEqual(outcome.actions, []);
  });

  test('the deadline passes: the declared default', () => {
    const { around, escalation } = question();
    const due = event(6, { type: 'escalation.due', data: { escalation: escalation.escalation, purpose: 'default' } });
    const outcome = effectsOf(due, around, policy(), undefined);
    assert.deepEqual(
      outcome.endedEscalations.map((ended) => [ended.as, ended.by, ended.option]),
      [['ruled', 'default', 'nothing']],
    );
  });

  test('half of the time has passed: those who were asked are reminded, and the next tier is asked along', () => {
    const { around, escalation } = question();
    const due = event(5, { type: 'escalation.due', data: { escalation: escalation.escalation, purpose: 'remind' } });
    const outcome = effectsOf(due, around, policy(), undefined);
    assert.deepEqual(outcome.reminders, [
      { escalation: escalation.escalation, recipients: ['jo@example.com', 'max@example.com'] },
    ]);
    assert.deepEqual(outcome.endedEscalations, []);
  });

  test('while it waits, a further intent on the key is deferred behind it', () => {
    const { around, escalation } = question();
    const outcome = judge(event(3), [{ ...setPrice('pricing', 'A', 9_500), id: 'later' }], around, policy());
    assert.deepEqual(
      outcome.decisions.map((decision) => [
        decision.verdict,
        decision.wakesOn?.startsWith('time:') || decision.wakesOn === escalation.escalation,
      ]),
      [['deferred', true]],
    );
  });
});

describe('properties', () => {
  const anyIntent = fc.record({
    agent: fc.constantFrom('pricing', 'marketing', 'support', 'inventory', 'orders'),
    objective: fc.constantFrom('margin', 'growth', 'clearance', 'availability'),
    sku: fc.constantFrom('A', 'B', 'C'),
    kind: fc.constantFrom('price', 'launch', 'pause', 'category'),
    value: fc.integer({ min: 300, max: 1_500 }),
    flexible: fc.boolean(),
  });
  const build = (
    list: readonly { agent: string; objective: string; sku: string; kind: string; value: number; flexible: boolean }[],
  ): Proposed[] =>
    list.map((entry, index) => {
      const over = {
        objective: entry.objective,
        ...(entry.flexible && entry.kind !== 'pause'
          ? {
              flex:
                entry.kind === 'price'
                  ? { param: 'priceMinor', min: 300, max: 2_000 }
                  : { param: 'discountBasisPoints', min: 1, max: 2_000 },
            }
          : {}),
      };
      const made =
        entry.kind === 'price'
          ? setPrice(entry.agent, entry.sku, entry.value, over)
          : entry.kind === 'pause'
            ? propose(entry.agent, {
                action: 'promotion.pause',
                params: { target: `sku:${entry.sku}` },
                objective: entry.objective,
              })
            : launch(
                entry.agent,
                entry.kind === 'category' ? 'category:candles' : `sku:${entry.sku}`,
                entry.value,
                over,
              );
      return { ...made, id: `i${index}` };
    });
  const around = () =>
    world({
      facts: [...skuFacts('A'), ...skuFacts('B', 800), ...skuFacts('C', 1_300, 400)],
      categories: new Map([['candles', ['sku:A', 'sku:B', 'sku:C']]]),
    });
  const calm = policy({ ask: () => undefined });

  test('every intent is decided exactly once, and nothing else is', () => {
    fc.assert(
      fc.property(fc.array(anyIntent, { maxLength: 8 }), (list) => {
        const proposed = build(list);
        assert.deepEqual(
          judge(event(1), proposed, around(), policy())
            .decisions.map((decision) => decision.intent)
            .sort(),
          proposed.map((entry) => entry.id).sort(),
        );
      }),
    );
  });

  test('the result does not depend on the order of arrival', () => {
    fc.assert(
      fc.property(
        fc
          .array(anyIntent, { maxLength: 7 })
          .chain((list) =>
            fc.tuple(fc.constant(build(list)), fc.shuffledSubarray(build(list), { minLength: list.length })),
          ),
        ([given, shuffled]) => {
          const first = judge(event(1), given, around(), policy());
          const second = judge(event(1), shuffled, around(), policy());
          assert.deepEqual(verdicts(second), verdicts(first));
          assert.deepEqual(
            second.actions.map((action) => JSON.stringify([action.type, action.params, action.leaves])).sort(),
            first.actions.map((action) => JSON.stringify([action.type, action.params, action.leaves])).sort(),
          );
        },
      ),
    );
  });

  test('no two exclusive claims on one key, and the floor holds on every merged state that starts above it', () => {
    fc.assert(
      fc.property(fc.array(anyIntent, { maxLength: 8 }), (list) => {
        const outcome = judge(event(1), build(list), around(), calm);
        const exclusive = outcome.claims
          .filter((entry) => entry.exclusive)
          .map((entry) => `${entry.resource} ${entry.aspect}`);
        assert.equal(new Set(exclusive).size, exclusive.length);
        const facts: Record<string, [number, number]> = {
          'sku:A': [1_000, 600],
          'sku:B': [800, 600],
          'sku:C': [1_300, 400],
        };
        for (const [leaf, [price, cost]] of Object.entries(facts)) {
          const mine = outcome.claims.filter((entry) => entry.resource === leaf);
          const list =
            mine.find((entry) => entry.layer.layer.priceMinor !== undefined)?.layer.layer.priceMinor ?? price;
          const discounts = mine.flatMap((entry) => entry.layer.layer.discountBasisPoints ?? []).sort((a, b) => b - a);
          const net = discounts.reduce((left, discount) => left - Math.round((left * discount) / 10_000), list);
          assert.ok(((net - cost) * 10_000) / net >= MARGIN_FLOOR - 20, `${leaf}: ${net} over ${cost}`);
        }
      }),
    );
  });
});
