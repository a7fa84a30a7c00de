import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DAY_MS, HOUR_MS, plus } from '#shared/kernel/time.ts';
import type { Autonomy, Policy } from '#shared/policy/policy.ts';
import { judge } from './resolve.ts';
import { claim, event, launch, NOW, policy, propose, setPrice, skuFacts, world } from './testing.ts';
import type { Claim, Outcome, Proposed } from './types.ts';

const verdicts = (outcome: Outcome) =>
  outcome.decisions.map(({ agent, verdict, rule }) => `${agent} ${verdict} by ${rule}`).sort();
const classes = (outcome: Outcome) => outcome.conflicts.map((conflict) => conflict.class);
const run = (proposed: Proposed[], rules: Policy, around = world()) => judge(event(1), proposed, around, rules);

const notice = (agent: string, customer: string, text: string, id = `${agent}.notice`) =>
  propose(
    agent,
    {
      action: 'notice.send',
      objective: 'customer-care',
      params: { customer, topic: 'delay', order: '1', subject: 's', text },
    },
    { id },
  );
const mail = (agent: string, customer: string) =>
  propose(agent, {
    action: 'campaign.send',
    objective: 'growth',
    params: { customer, campaign: 'c', subject: 's', text: 't' },
  });

describe('one and the same wish', () => {
  const oneWord = (withinMs: number) =>
    policy({
      sameness: (intent) =>
        intent.action === 'notice.send' || intent.action === 'campaign.send'
          ? [{ rule: 'one-word', why: 'One word is enough.', key: `one-word ${intent.params.customer}`, withinMs }]
          : [],
    });

  test('of one type and target it is one action for both, by the rule', () => {
    const outcome = run([notice('support', '1', 'Sorry.'), notice('orders', '1', 'It is late.')], oneWord(0));
    assert.deepEqual(verdicts(outcome), ['orders merged by one-word', 'support merged by one-word']);
    assert.equal(outcome.actions.length, 1);
    assert.deepEqual(classes(outcome), ['redundant']);
  });

  test('of two types the stronger stays and the other is denied, both members of the conflict', () => {
    const outcome = run([mail('marketing', '1'), notice('support', '1', 'Sorry.')], oneWord(0));
    assert.deepEqual(verdicts(outcome), ['marketing denied by one-word', 'support granted by objectives']);
    assert.deepEqual(classes(outcome), ['redundant']);
    assert.deepEqual(
      outcome.conflicts[0]?.members.map((member) => member.agent),
      ['marketing', 'support'],
    );
  });

  test('of two customers it is two wishes', () => {
    const outcome = run([mail('marketing', '1'), notice('support', '2', 'Sorry.')], oneWord(0));
    assert.deepEqual(outcome.conflicts, []);
    assert.equal(outcome.actions.length, 2);
  });

  const granted = (over: Partial<Claim>) =>
    claim({
      claim: 'old/customer:1/contact',
      resource: 'customer:1',
      aspect: 'contact',
      exclusive: false,
      owner: 'support',
      from: plus(NOW, -2 * DAY_MS),
      to: plus(NOW, -DAY_MS),
      layer: {
        action: 'notice.send',
        layer: { contacts: 1 },
        intent: 'old',
        rank: [1, 4, 3],
        same: ['one-word 1'],
      },
      ...over,
    });
  const tables: readonly [string, number, Partial<Claim>, string][] = [
    ['granted two days ago, within three', 3 * DAY_MS, { endedAs: 'window' }, 'marketing denied by one-word'],
    ['granted two days ago, within one', DAY_MS, { endedAs: 'window' }, 'marketing granted by objectives'],
    ['granted, and it failed', 3 * DAY_MS, { endedAs: 'failed' }, 'marketing granted by objectives'],
    ['granted, and it was revoked', 3 * DAY_MS, { endedAs: 'revoked' }, 'marketing granted by objectives'],
  ];
  for (const [name, withinMs, over, verdict] of tables) {
    test(`${name}: ${verdict}`, () => {
      const outcome = run([mail('marketing', '1')], oneWord(withinMs), world({ earlier: [granted(over)] }));
      assert.deepEqual(verdicts(outcome), [verdict]);
    });
  }

  test('the keys that a granted wish fell under are recorded in its claim, and count in the next round of the batch', () => {
    const around = world();
    const first = run([notice('support', '1', 'Sorry.')], oneWord(DAY_MS), around);
    assert.deepEqual(first.claims[0]?.layer.same, ['one-word 1']);
    around.apply(first);
    const second = judge(event(2), [mail('marketing', '1')], around, oneWord(DAY_MS));
    assert.deepEqual(verdicts(second), ['marketing denied by one-word']);
  });

  test('one that waits for a person makes the other wait too', () => {
    const waiting = granted({ owner: 'escalation', action: 'e1', to: plus(NOW, HOUR_MS), from: NOW });
    const outcome = run([mail('marketing', '1')], oneWord(DAY_MS), world({ claims: [waiting] }));
    assert.deepEqual(verdicts(outcome), ['marketing deferred by one-word']);
    assert.equal(outcome.decisions[0]?.wakesOn, 'e1');
  });
});

describe('what comes first', () => {
  const first = (otherwise: 'defer' | 'deny') =>
    policy({
      successions: (intent) =>
        intent.action === 'promotion.launch'
          ? [{ rule: 'price-first', why: 'A price settles first.', after: ['price.set'], otherwise }]
          : [],
    });
  // The promotion is stronger, and still comes after the price.
  const both = () => [
    setPrice('pricing', 'A', 980, { objective: 'clearance' }),
    launch('marketing', 'sku:A', 500, { objective: 'safety' }),
  ];

  test('the later waits for the outcome of the first, whoever is stronger', () => {
    const outcome = run(both(), first('defer'));
    assert.deepEqual(verdicts(outcome), ['marketing deferred by price-first', 'pricing granted by objectives']);
    assert.equal(outcome.decisions.find(({ agent }) => agent === 'marketing')?.wakesOn, outcome.actions[0]?.action);
    assert.deepEqual(classes(outcome), ['sequence']);
  });

  test('or is denied, where the rule says so', () => {
    assert.deepEqual(verdicts(run(both(), first('deny'))), [
      'marketing denied by price-first',
      'pricing granted by objectives',
    ]);
  });

  test('where the first does not go ahead, the later need not wait', () => {
    const [, later] = both();
    const outcome = run([setPrice('pricing', 'A', 610), later!], first('defer'));
    assert.deepEqual(verdicts(outcome), ['marketing granted by objectives', 'pricing denied by margin-floor']);
  });

  for (const [state, verdict] of [
    ['pending', 'deferred'],
    ['calling', 'deferred'],
    ['unknown', 'deferred'],
    ['done', 'granted'],
  ] as const) {
    test(`an earlier one that is ${state}: ${verdict}`, () => {
      const held = claim({ resource: 'sku:A', aspect: 'price', actionState: state });
      const outcome = run([launch('marketing', 'sku:A', 500)], first('defer'), world({ claims: [held] }));
      assert.equal(outcome.decisions[0]?.verdict, verdict);
    });
  }

  test('rules that put each other first still decide everything', () => {
    const each = policy({
      successions: ({ action }) => [
        {
          rule: 'circle',
          why: 'After you.',
          after: [action === 'price.set' ? 'promotion.launch' : 'price.set'],
          otherwise: 'defer',
        },
      ],
    });
    assert.deepEqual(
      run(both(), each)
        .decisions.map((decision) => decision.verdict)
        .sort(),
      ['deferred', 'granted'],
    );
  });
});

describe('how free an agent is', () => {
  const mode = (of: Autonomy['mode']) =>
    policy({ autonomy: () => ({ rule: 'loop', why: 'So says the shop.', detail: of, mode: of }) });
  const tables: readonly [Autonomy['mode'], string, number][] = [
    ['alone', 'granted', 0],
    ['off', 'denied', 0],
    ['ask', 'escalated', 1],
    ['tell', 'escalated', 1],
  ];
  for (const [of, verdict, asked] of tables) {
    test(`${of}: ${verdict}`, () => {
      const outcome = run([setPrice('pricing', 'A', 950)], mode(of));
      assert.deepEqual(
        outcome.decisions.map((decision) => decision.verdict),
        [verdict],
      );
      assert.equal(outcome.escalations.length, asked);
    });
  }

  test('silence means yes only where a person is merely told', () => {
    const planned = policy({
      autonomy: () => ({ rule: 'loop', why: 'w', detail: 'd', mode: 'tell' }),
      askPlan: (_rule, now) => ({
        tier: 't',
        recipients: [],
        deadline: plus(now, HOUR_MS),
        remindAt: undefined,
        reminded: [],
        defaultOption: 'proposed',
      }),
    });
    // Adjusting it does not make it another option: it is what the rules would do.
    const flexible = setPrice('pricing', 'A', 610, { flex: { param: 'priceMinor', min: 610, max: 1_000 } });
    const outcome = run([flexible], planned);
    assert.equal(outcome.escalations[0]?.defaultOption, 'proposed');
  });
});

describe('how calm a value stays', () => {
  const calm = policy({
    dampingMs: DAY_MS,
    damp: (_intent, changes) =>
      changes.length >= 2
        ? {
            rule: 'calm',
            why: 'Not again.',
            detail: `${changes.length}`,
            verdict: 'deferred',
            until: plus(NOW, HOUR_MS),
          }
        : undefined,
  });
  const change = (sku: string, hours: number, over: Partial<Claim> = {}) =>
    claim({
      claim: `${sku}${hours}`,
      resource: `sku:${sku}`,
      aspect: 'price',
      from: plus(NOW, -hours * HOUR_MS),
      to: plus(NOW, -hours * HOUR_MS + 1),
      endedAs: 'dwell',
      ...over,
    });

  test('two changes of ours within the time hold a third back', () => {
    const outcome = run([setPrice('pricing', 'A', 950)], calm, world({ earlier: [change('A', 2), change('A', 3)] }));
    assert.deepEqual(verdicts(outcome), ['pricing deferred by calm']);
  });

  for (const [name, second] of [
    ['too long ago', change('A', 25)],
    ['never carried out', change('A', 3, { actionState: 'revoked', endedAs: 'revoked' })],
    ['of another aspect', change('A', 3, { aspect: 'promotion' })],
  ] as const) {
    test(`a change ${name} does not count`, () => {
      const around = world({ earlier: [change('A', 2), second] });
      assert.deepEqual(verdicts(run([setPrice('pricing', 'A', 950)], calm, around)), ['pricing granted by objectives']);
    });
  }

  test('of a group only the leaves that are calm are left out', () => {
    const promotion = (hours: number) =>
      change('A', hours, {
        aspect: 'promotion',
        layer: { action: 'promotion.launch', layer: { discountBasisPoints: 500 }, intent: 'o', rank: [1, 5, 2] },
      });
    const around = world({
      facts: [...skuFacts('A'), ...skuFacts('B')],
      categories: new Map([['candles', ['sku:A', 'sku:B']]]),
      earlier: [promotion(2), promotion(3)],
    });
    const outcome = run([launch('marketing', 'category:candles', 500)], calm, around);
    assert.deepEqual(verdicts(outcome), ['marketing adjusted by calm']);
    assert.deepEqual(outcome.actions[0]?.leaves, ['sku:B']);
  });
});

describe('limits over time', () => {
  const limited = policy({
    limits: (intent) =>
      intent.action === 'refund.issue'
        ? [{ rule: 'refunds-a-day', scope: `agent:${intent.agent}`, measure: 'cashMinor', overMs: DAY_MS }]
        : [],
    ask: ({ intent, counted }) => {
      if (intent.action !== 'refund.issue') return undefined;
      const limit = {
        rule: 'refunds-a-day',
        scope: `agent:${intent.agent}`,
        measure: 'cashMinor',
        overMs: DAY_MS,
      } as const;
      const amount = counted(limit) + intent.impact.cashMinor;
      return amount > 1_000
        ? {
            rule: 'refunds-a-day',
            why: 'Enough for a day.',
            detail: `${amount}`,
            measure: 'cashMinor',
            amount,
            limit: 1_000,
          }
        : undefined;
    },
  });
  const refund = (order: string, amountMinor: number, id: string) =>
    propose(
      'support',
      { action: 'refund.issue', objective: 'customer-care', params: { order, amountMinor, currency: 'GBP', note: id } },
      { id },
    );

  for (const [name, orders] of [
    ['of one order', ['1', '1']],
    ['of two orders', ['1', '2']],
  ] as const) {
    test(`two halves ${name}, each below it, are seen together: an implicit conflict of both`, () => {
      const outcome = run([refund(orders[0], 600, 'a'), refund(orders[1], 600, 'b')], limited);
      assert.deepEqual(classes(outcome), ['implicit']);
      assert.deepEqual(outcome.conflicts[0]?.members.map((member) => member.id).sort(), ['a', 'b']);
      assert.equal(outcome.escalations.length, 1);
    });
  }

  test('what was counted before is a member too', () => {
    const counted = [
      { rule: 'refunds-a-day', scope: 'agent:support', measure: 'cashMinor', overMs: DAY_MS, amount: 700 },
    ] as const;
    const outcome = run([refund('1', 600, 'a')], limited, world({ counted }));
    assert.deepEqual(
      outcome.conflicts.map(({ members }) => members.map((member) => member.id)),
      [['a', 'refunds-a-day agent:support']],
    );
  });

  test('below it nobody is asked', () => {
    assert.deepEqual(run([refund('1', 400, 'a'), refund('2', 400, 'b')], limited).escalations, []);
  });
});
