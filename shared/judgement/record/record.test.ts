import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Intent } from '#shared/contracts/answer.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { HOUR_MS, plus } from '#shared/kernel/time.ts';
import type { Policy } from '#shared/policy/policy.ts';
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
} from '../testing.ts';
import type { Claim, OpenEscalation, Proposed } from '../types.ts';
import type { Loaded, World } from '../world.ts';
import { judgeAgain, type KeptDecision, sourcesOf, textsOf } from './again.ts';
import { fromRuns, toRuns } from './reads.ts';
import { recompute } from './recompute.ts';
import { Recorder } from './recorder.ts';
import { References } from './references.ts';

import { answersOf, type Kept, keep, RULE_SET } from './testing.ts';

const again = ({ round, page }: Kept, rules = policy()) => judgeAgain(round, rules, sourcesOf(page));
const textsNow = (kept: Kept, rules = policy()) => {
  const now = again(kept, rules);
  return textsOf(
    now.verdicts.decisions.map((decision) => ({ ...decision, inputs: { ...decision.inputs, ruleSet: RULE_SET } })),
  );
};

const held = claim({
  resource: 'sku:A',
  aspect: 'price',
  owner: 'person',
  layer: { action: 'person.change', layer: { priceMinor: 1_000 }, intent: 'x', rank: [-1] },
  to: plus(NOW, HOUR_MS),
});

describe('a recorded round', () => {
  const rounds: readonly [string, Proposed[], Partial<Loaded>][] = [
    ['one wish that is granted', [setPrice('pricing', 'A', 950)], {}],
    ['two that collide', [setPrice('pricing', 'A', 950), setPrice('marketing', 'A', 900)], {}],
    ['a third that breaks the floor with them', [setPrice('pricing', 'A', 720), launch('marketing', 'sku:A', 500)], {}],
    ['one against a claim in force', [setPrice('pricing', 'A', 950)], { claims: [held] }],
    ['one whose facts are missing', [setPrice('pricing', 'B', 950)], {}],
    ['one that nobody permits', [propose('pricing', { action: 'order.tag', params: { order: '1', tag: 'x' } })], {}],
    [
      'one that a person has refused',
      [setPrice('pricing', 'A', 950)],
      { refused: [{ agent: 'pricing', action: 'price.set', target: 'sku:A', text: 'No.' }] },
    ],
    [
      'one that rests on what was voided',
      [setPrice('pricing', 'A', 950, {})],
      { voided: new Map([['sku:A' as ResourceKey, 9]]) },
    ],
    [
      'a group',
      [launch('marketing', 'category:candles', 500)],
      {
        facts: [...skuFacts('A'), ...skuFacts('B')],
        categories: new Map([['candles', ['sku:A', 'sku:B'] as ResourceKey[]]]),
      },
    ],
    [
      'a big clash that is escalated',
      [setPrice('pricing', 'A', 90_000), setPrice('marketing', 'A', 900)],
      { cases: [] },
    ],
  ];
  for (const [name, proposed, loaded] of rounds) {
    test(`${name} comes out the same, and nothing is missing`, () => {
      const kept = keep(answersOf(proposed), loaded);
      assert.ok(kept.round.decisions.length > 0);
      assert.equal(recompute(kept.round, policy(), sourcesOf(kept.page)), undefined);
      assert.deepEqual(again(kept).missed, []);
      assert.deepEqual(textsNow(kept), textsOf(kept.round.decisions));
    });
  }

  test('refers to all that it needs, and to nothing that it has whole', () => {
    const kept = keep(answersOf([setPrice('pricing', 'A', 950)]), { claims: [held] });
    const references = new References();
    references.add(kept.round.inputs);
    assert.deepEqual([...references.claims], [held.claim]);
    assert.ok([...references.facts.values()].some(([resource, name]) => resource === 'sku:A' && name === 'price'));
    const facts = [...references.facts.values()].map(([resource, attribute, version]) =>
      kept.page.facts.find(
        (one) => one.resource === resource && one.attribute === attribute && one.version === version,
      ),
    );
    assert.equal(recompute(kept.round, policy(), sourcesOf({ ...kept.page, facts: facts as never })), undefined);
  });

  test('the order in which answers came plays no part', () => {
    const agents = ['pricing', 'marketing', 'inventory', 'support', 'orders'];
    const wish = fc.record({
      agent: fc.constantFrom(...agents),
      sku: fc.constantFrom('A', 'B'),
      price: fc.integer({ min: 500, max: 1_500 }),
    });
    fc.assert(
      fc.property(fc.array(wish, { minLength: 1, maxLength: 8 }), fc.infiniteStream(fc.nat()), (wishes, dice) => {
        const answers = answersOf(wishes.map(({ agent, sku, price }) => setPrice(agent, sku, price)));
        const kept = keep(answers, {
          facts: [...skuFacts('A'), ...skuFacts('B')],
          claims: [claim({ resource: 'sku:B', aspect: 'price' })],
        });
        const shuffled = [...answers]
          .map((answer) => ({ answer, at: dice.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ answer }) => answer);
        assert.equal(recompute({ ...kept.round, answers: shuffled }, policy(), sourcesOf(kept.page)), undefined);
      }),
      { numRuns: 200 },
    );
  });

  test('claims of one order are told apart where they differ in more than their leaf', () => {
    const claims = ['A', 'B', 'C'].flatMap((sku): Claim[] => [
      claim({
        claim: `one/sku:${sku}/promotion`,
        resource: `sku:${sku}`,
        aspect: 'promotion',
        exclusive: false,
        owner: 'marketing',
      }),
      claim({
        claim: `two/sku:${sku}/promotion`,
        resource: `sku:${sku}`,
        aspect: 'promotion',
        exclusive: false,
        to: plus(NOW, sku === 'B' ? 1 : HOUR_MS),
      }),
    ]);
    const facts = ['A', 'B', 'C'].flatMap((sku) => skuFacts(sku));
    const reversed = { claims: [...claims].reverse(), facts };
    for (const loaded of [{ claims, facts }, reversed]) {
      const inner = world(loaded);
      const recorder = new Recorder(inner);
      const asked = ['A', 'B', 'C'].map((sku) => recorder.claimsOn(`sku:${sku}`, NOW));
      const reads = JSON.parse(JSON.stringify(recorder.reads(new Set())));
      const kept = {
        round: { ...keep([], {}).round, inputs: { judgement: 1, answers: [], verdicts: reads } },
        page: { facts, claims, escalations: [], actions: [] },
      };
      const { around } = judgeAgain(kept.round, policy(), sourcesOf(kept.page));
      assert.deepEqual(
        ['A', 'B', 'C'].map((sku) => around.claimsOn(`sku:${sku}`, NOW)),
        asked,
      );
    }
  });

  test('what never came into a table is in the record whole', () => {
    const inner = world({ claims: [held] });
    const recorder = new Recorder(inner);
    recorder.claimsOn('sku:A', NOW);
    const reads = recorder.reads(new Set([held.claim]))!;
    assert.deepEqual(reads.unwritten, [held]);
    const references = new References();
    references.add({ judgement: 1, answers: [], verdicts: reads });
    assert.equal(references.claims.size, 0);
  });

  test('a void cause, with the actions and questions that rest on it', () => {
    const open: OpenEscalation = {
      escalation: 'e1',
      instance: 'i',
      key: 'k',
      rule: 'r',
      state: 'open',
      options: [],
      members: [{ ...setPrice('pricing', 'A', 950), event: event(1, { subject: 'order:7' }) }],
      deadline: NOW,
      defaultOption: 'nothing',
      tier: 'trading',
    };
    const cancelled = event(1, { type: 'order.cancelled', subject: 'order:7' });
    const actions = [standingAction({ action: 'a1', cause: 'order:7', state: 'pending' })];
    const kept = keep([], { escalations: [open], actions }, policy(), cancelled);
    const { effects, missed } = again(kept);
    assert.deepEqual(missed, []);
    assert.deepEqual(
      effects?.revocations.map((entry) => entry.action),
      ['a1'],
    );
    assert.deepEqual(
      effects?.endedEscalations.map((entry) => entry.escalation),
      ['e1'],
    );
  });

  test('a group of two thousand leaves with a claim on each stays small', () => {
    const leaves = Array.from({ length: 2_000 }, (_, n): ResourceKey => `sku:${10_000 + n}A`);
    const kept = keep(answersOf([launch('marketing', 'category:candles', 500)]), {
      facts: leaves.flatMap((leaf) => skuFacts(leaf.slice(4))),
      categories: new Map([['candles', leaves]]),
      claims: leaves.map((leaf) =>
        claim({
          claim: `0199f0c4-7a6e-7e7b-b9ff-0d2c5b1b1f4e.pricing.1.0/${leaf}/price`,
          resource: leaf,
          aspect: 'price',
        }),
      ),
    });
    const bytes = JSON.stringify(kept.round.inputs).length;
    assert.ok(bytes < 60 * 2_000, `${bytes} bytes`);
    assert.equal(recompute(kept.round, policy(), sourcesOf(kept.page)), undefined);
  });
});

describe('recomputing names the first decision that differs', () => {
  const answers = answersOf([setPrice('pricing', 'A', 950), setPrice('pricing', 'B', 950)]);
  const facts = [...skuFacts('A'), ...skuFacts('B')];
  const kept = () => keep(answers, { facts, claims: [claim({ resource: 'sku:B', aspect: 'price' })] });
  const [onA, onB] = ['0', '1'].map((index) => `${event(1).id}.pricing.1.${index}`);
  const strict: Partial<Policy> = {
    hold: (intent) =>
      intent.resource === 'sku:B' ? { verdict: 'denied', rule: 'new', why: 'w', detail: 'd' } : undefined,
  };
  const changedFact = (resource: ResourceKey) => (one: Kept['page']) => ({
    ...one,
    facts: one.facts.map((each) =>
      each.resource === resource && each.attribute === 'cost'
        ? fact(resource, 'cost', { minor: 940, currency: 'GBP' })
        : each,
    ),
  });
  const plants: readonly [string, (one: Kept) => Kept, Partial<Policy>, string | undefined, RegExp][] = [
    [
      'a changed fact',
      (one) => ({ ...one, page: changedFact('sku:B')(one.page) }),
      {},
      onB,
      /verdict: kept "granted", now "denied"/,
    ],
    ['another changed fact', (one) => ({ ...one, page: changedFact('sku:A')(one.page) }), {}, onA, /verdict/],
    [
      'a changed verdict',
      (one) => ({
        ...one,
        round: {
          ...one.round,
          decisions: one.round.decisions.map((each) => (each.intent === onB ? { ...each, verdict: 'denied' } : each)),
        },
      }),
      {},
      onB,
      /verdict: kept "denied", now "granted"/,
    ],
    [
      'a changed reason',
      (one) => ({
        ...one,
        round: {
          ...one.round,
          decisions: one.round.decisions.map((each) =>
            each.intent === onA ? { ...each, reasons: [{ rule: 'x', why: '', detail: '' }] } : each,
          ),
        },
      }),
      {},
      onA,
      /reasons/,
    ],
    [
      'a changed figure',
      (one) => ({
        ...one,
        round: {
          ...one.round,
          decisions: one.round.decisions.map((each) =>
            each.intent === onA ? { ...each, params: { ...(each.params as object), priceMinor: 951 } } : each,
          ),
        },
      }),
      {},
      onA,
      /params/,
    ],
    ['a changed rule set', (one) => one, strict, onB, /rule: kept "\w+", now "new"|now "denied"/],
    [
      'a decision that is gone',
      (one) => ({
        ...one,
        round: { ...one.round, decisions: one.round.decisions.filter((each) => each.intent !== onA) },
      }),
      {},
      onA,
      /no decision is kept/,
    ],
    [
      'a decision too many',
      (one) => ({
        ...one,
        round: {
          ...one.round,
          decisions: [...one.round.decisions, { ...one.round.decisions[0], intent: 'x.y.1.0' } as KeptDecision],
        },
      }),
      {},
      'x.y.1.0',
      /now there is no decision/,
    ],
    [
      'a changed answer',
      (one) => ({
        ...one,
        round: {
          ...one.round,
          answers: one.round.answers.map((each) => ({
            ...each,
            body: {
              intents: each.body.intents.map(
                (intent): Intent => ({ ...intent, params: { ...intent.params, priceMinor: 949 } }),
              ),
            },
          })),
        },
      }),
      {},
      onA,
      /params/,
    ],
    [
      'a fact that is gone',
      (one) => ({ ...one, page: { ...one.page, facts: one.page.facts.filter((each) => each.resource !== 'sku:B') } }),
      {},
      onB,
      /./,
    ],
    ['a claim that is gone', (one) => ({ ...one, page: { ...one.page, claims: [] } }), {}, onB, /./],
  ];
  for (const [name, plant, rules, intent, words] of plants) {
    test(name, () => {
      const planted = plant(kept());
      const found = recompute(planted.round, policy(rules), sourcesOf(planted.page));
      assert.equal(found?.seq, 1);
      assert.equal(found.intent, intent);
      assert.match(found.differs, words);
    });
  }

  const judgedBy = (judgement: number) => {
    const { round } = kept();
    return { ...round, inputs: { ...round.inputs, judgement } };
  };

  test('and the version that judged, where it is another one and this one decides otherwise', () => {
    const round = judgedBy(0);
    assert.equal(recompute(round, policy(), sourcesOf(kept().page)), undefined, 'what comes out the same is the same');
    const changed = { ...round, decisions: round.decisions.map((one) => ({ ...one, rule: 'of-then' })) };
    const found = recompute(changed, policy(), sourcesOf(kept().page));
    assert.equal(found?.judgement, 0);
    assert.match(found.differs, /version 0 of the judgement, and this is version \d+; rule: kept "of-then"/);
  });

  test('and nothing, where nothing was changed', () => {
    assert.equal(recompute(kept().round, policy(), sourcesOf(kept().page)), undefined);
  });
});

describe('runs', () => {
  test('come back as the numbers that they were', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50)), (numbers) => {
        assert.deepEqual(fromRuns(toRuns(numbers)), numbers);
      }),
    );
    assert.deepEqual(toRuns([4, 5, 6, 9]), [4, 3, 9, 1]);
  });
});

test('a recorder answers exactly what its surroundings answer', () => {
  const inner: World = world({
    claims: [held],
    counted: [{ rule: 'r', scope: 'store', measure: 'cashMinor', overMs: 1, amount: 7 }],
  });
  const recorder = new Recorder(inner);
  assert.equal(recorder.facts.get('sku:A', 'price'), inner.facts.get('sku:A', 'price'));
  assert.equal(recorder.category('sku:A'), 'candles');
  assert.deepEqual(recorder.claimsOn('sku:A', NOW), [held]);
  assert.equal(recorder.counted({ rule: 'r', scope: 'store', measure: 'cashMinor', overMs: 1 }), 7);
  assert.equal(recorder.permits('pricing', 'price.set', 'margin'), true);
  assert.deepEqual(recorder.leavesOf('sku:A'), ['sku:A']);
});
