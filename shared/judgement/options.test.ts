import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DAY_MS, HOUR_MS, plus } from '#shared/kernel/time.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { effectsOf } from './effects.ts';
import { judge } from './resolve.ts';
import { event, fact, launch, NOW, policy, propose, setPrice, skuFacts, world } from './testing.ts';
import type { Escalation, Outcome, Proposed } from './types.ts';

const run = (proposed: Proposed[], around = world(), rules: Policy = policy()) =>
  judge(event(1), proposed, around, rules);
const ids = (outcome: Outcome) => outcome.escalations[0]?.options.map((option) => option.id);
const dear = () => world({ facts: skuFacts('A', 10_000, 6_000) });
const clash = () => [setPrice('marketing', 'A', 8_000, { objective: 'growth' }), setPrice('pricing', 'A', 9_000)];
const ruling = (escalation: string, option: string, over = {}) =>
  event(5, { type: 'ruling.given', subject: 'escalation:x', data: { escalation, option, by: 'Jo' }, ...over });

describe('the stake of a component', () => {
  test('is the largest difference between two of its options in each measure, not the sum of what collides', () => {
    const outcome = run(clash(), dear());
    const { options } = outcome.escalations[0]!;
    const revenues = options.map((option) => option.impact.revenueMinor);
    assert.equal(outcome.conflicts[0]?.stake.revenueMinor, Math.max(...revenues));
    assert.equal(options.at(-1)?.impact.revenueMinor, 0);
  });
});

describe('the options of a question', () => {
  const above = (limit: number) =>
    policy({
      ask: ({ intent }) =>
        intent.impact.cashMinor > limit
          ? { rule: 'big', why: 'w', detail: 'd', measure: 'cashMinor', amount: intent.impact.cashMinor, limit }
          : undefined,
    });
  const refund = (amountMinor: number, flex = true) =>
    propose('support', {
      action: 'refund.issue',
      objective: 'customer-care',
      params: { order: '1', amountMinor, currency: 'GBP', note: 'n' },
      ...(flex ? { flex: { param: 'amountMinor', min: 100, max: 2_000 } } : {}),
    });

  test('are what the rules would do, the nearest adjustment that needs nobody, and nothing', () => {
    const outcome = run([refund(1_500)], world(), above(1_000));
    assert.deepEqual(ids(outcome), ['proposed', 'adjusted', 'nothing']);
    assert.deepEqual(
      outcome.escalations[0]?.options.slice(0, 2).map((option) => option.intents[0]?.params),
      [1_500, 1_000].map((amountMinor) => ({ order: '1', amountMinor, currency: 'GBP', note: 'n' })),
    );
  });

  test('have no adjustment where the agent allows none', () => {
    assert.deepEqual(ids(run([refund(1_500, false)], world(), above(1_000))), ['proposed', 'nothing']);
  });

  test('the adjustment that a person chooses is carried out as it was shown', () => {
    const around = world();
    const outcome = run([refund(1_500)], around, above(1_000));
    around.apply(outcome);
    const ruled = effectsOf(ruling(outcome.escalations[0]!.escalation, 'adjusted'), around, above(1_000), undefined);
    const { amountMinor } = ruled.actions[0]!.params as { amountMinor: number };
    assert.equal(amountMinor, 1_000);
  });

  const asking = policy({
    violations: ({ projected }) =>
      (projected.marginBasisPoints ?? 0) < 1_500
        ? [{ rule: 'floor', why: 'w', detail: 'd', otherwise: 'ask', unknown: false }]
        : [],
  });

  test('say which guardrail they do not keep, and only that one is answered by the ruling', () => {
    const around = world();
    const outcome = run([setPrice('pricing', 'A', 650)], around, asking);
    assert.deepEqual(
      outcome.escalations[0]?.options.map(({ id, accepts }) => [id, accepts]),
      [
        ['proposed', ['floor']],
        ['nothing', undefined],
      ],
    );
    around.apply(outcome);
    const event5 = ruling(outcome.escalations[0]!.escalation, 'proposed');
    assert.equal(effectsOf(event5, around, asking, undefined).actions.length, 1);
    const another = policy({
      violations: () => [{ rule: 'another', why: 'w', detail: 'd', otherwise: 'ask', unknown: false }],
    });
    const asked = effectsOf(event5, around, another, undefined);
    assert.deepEqual(asked.actions, []);
    assert.equal(asked.escalations[0]?.replaces, outcome.escalations[0]?.escalation);
  });

  test('that cover only some leaves of a group are carried out on those', () => {
    const around = world({
      facts: [...skuFacts('A', 10_000, 6_000), ...skuFacts('B', 7_000, 6_000)],
      categories: new Map([['candles', ['sku:A', 'sku:B']]]),
    });
    const rules = policy({ autonomy: () => ({ rule: 'loop', why: 'w', detail: 'd', mode: 'ask' }) });
    const outcome = run([launch('marketing', 'category:candles', 1_000)], around, rules);
    assert.deepEqual(outcome.escalations[0]?.options[0]?.intents[0]?.leaves, ['sku:A']);
    around.apply(outcome);
    const ruled = effectsOf(ruling(outcome.escalations[0]!.escalation, 'proposed'), around, rules, undefined);
    assert.deepEqual(ruled.actions[0]?.leaves, ['sku:A']);
  });

  test('count, until there is an answer, with the dearest that could come of it', () => {
    const limits: Policy['limits'] = () => [{ rule: 'day', scope: 'store', measure: 'revenueMinor', overMs: DAY_MS }];
    const outcome = run(clash(), dear(), policy({ limits }));
    assert.equal(outcome.limits.length, 1);
    const revenues = outcome.escalations[0]!.options.map((option) => option.impact.revenueMinor);
    assert.equal(outcome.limits[0]?.amount, Math.max(...revenues));
  });
});

describe('a question that waits', () => {
  const asked = () => {
    const around = dear();
    const outcome = run(clash(), around);
    around.apply(outcome);
    return { around, escalation: outcome.escalations[0]! };
  };
  const later = (over: Partial<Proposed['intent']>) => [{ ...setPrice('orders', 'A', 9_500, over), id: 'later' }];

  test('is superseded by an intent that outranks every member', () => {
    const { around, escalation } = asked();
    const outcome = judge(event(3), later({ objective: 'safety' }), around, policy({ ask: () => undefined }));
    assert.deepEqual(
      outcome.decisions.map(({ verdict }) => verdict),
      ['granted'],
    );
    assert.deepEqual(outcome.endedEscalations, [
      { escalation: escalation.escalation, as: 'superseded', by: 'later', option: 'nothing' },
    ]);
    assert.deepEqual(outcome.struck.sort(), escalation.members.map((member) => member.id).sort());
    assert.ok(outcome.endedClaims.length > 0 && outcome.wakes.includes(escalation.escalation));
  });

  test('is not superseded by one that outranks only some', () => {
    const { around } = asked();
    const outcome = judge(event(3), later({ objective: 'availability' }), around, policy());
    assert.deepEqual(
      outcome.decisions.map(({ verdict }) => verdict),
      ['deferred'],
    );
    assert.deepEqual(outcome.endedEscalations, []);
  });

  test('nor once it is answered', () => {
    const { escalation } = asked();
    const { around } = asked();
    around.escalations.set(escalation.escalation, { ...escalation, state: 'answered' });
    const outcome = judge(event(3), later({ objective: 'safety' }), around, policy());
    assert.deepEqual(outcome.endedEscalations, []);
  });

  test('makes who waits for one of its members wait for the ruling', () => {
    const rules = policy({
      successions: (intent) =>
        intent.action === 'promotion.launch'
          ? [{ rule: 'price-first', why: 'w', after: ['price.set'], otherwise: 'defer' }]
          : [],
    });
    const outcome = run([...clash(), launch('support', 'sku:A', 500)], dear(), rules);
    assert.equal(
      outcome.decisions.find(({ agent }) => agent === 'support')?.wakesOn,
      outcome.escalations[0]?.escalation,
    );
  });
});

describe('what is remembered', () => {
  const ended = (by: 'Jo' | 'default') => {
    const around = dear();
    const outcome = run(clash(), around);
    around.apply(outcome);
    const { escalation } = outcome.escalations[0]!;
    const due = event(6, { type: 'escalation.due', data: { escalation, purpose: 'default' } });
    return effectsOf(by === 'Jo' ? ruling(escalation, 'nothing') : due, around, policy(), undefined)
      .endedEscalations[0];
  };

  test("is a person's ruling, and not that nobody answered", () => {
    assert.equal(ended('Jo')?.rememberUntil, plus(NOW, 7 * DAY_MS));
    assert.equal(ended('default')?.rememberUntil, undefined);
  });

  const wish = () => setPrice('pricing', 'A', 950);
  const refused = (figure: number) => [
    {
      agent: 'pricing',
      action: 'price.set',
      target: 'sku:A' as const,
      text: 'Jo said no.',
      cited: [{ resource: 'sku:B' as const, attribute: 'price', figure }],
    },
  ];
  const facts = [...skuFacts('A'), fact('sku:B', 'price', { minor: 1_000, currency: 'GBP' })];
  for (const [figure, rule] of [
    [1_000, 'remembered-ruling'],
    [950, 'remembered-ruling'],
    [900, 'objectives'],
    [1_200, 'objectives'],
  ] as const) {
    test(`a figure that was ${figure} and is 1000: decided by ${rule}`, () => {
      assert.equal(run([wish()], world({ facts, refused: refused(figure) })).decisions[0]?.rule, rule);
    });
  }

  test('the question records the figures that its members cite', () => {
    const cites = [{ resource: 'sku:B' as const, attribute: 'price', version: 1 }];
    const [first, second] = clash();
    const around = world({
      facts: [...skuFacts('A', 10_000, 6_000), fact('sku:B', 'price', { minor: 777, currency: 'GBP' })],
    });
    const outcome = run([{ ...first!, intent: { ...first!.intent, cites } }, second!], around);
    const { cited } = outcome.escalations[0]!.question as { cited: unknown };
    assert.deepEqual(cited, [{ resource: 'sku:B', attribute: 'price', figure: 777 }]);
  });
});

test('an escalation that is due in an hour is not due twice', () => {
  const around = dear();
  const outcome = run(clash(), around);
  around.apply(outcome);
  const { escalation } = outcome.escalations[0] as Escalation;
  const due = event(6, { type: 'escalation.due', now: plus(NOW, HOUR_MS), data: { escalation, purpose: 'default' } });
  const first = effectsOf(due, around, policy(), undefined);
  around.apply(first);
  assert.deepEqual(effectsOf(due, around, policy(), undefined).endedEscalations, []);
});
