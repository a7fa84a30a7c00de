import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HOUR_MS, plus } from '#shared/kernel/time.ts';
import { compileRuleSet } from '#shared/policy/compile.ts';
import { ruleFile, TEST_SHOP } from '#shared/policy/testing.ts';
import { judge } from '../resolve.ts';
import { event, launch, NOW, policy, setPrice, world } from '../testing.ts';
import {
  bandOf,
  type CaseFeatures,
  likeness,
  type Party,
  type Precedent,
  ruledFeatures,
  shownCase,
} from './features.ts';
import { propose } from './propose.ts';

const PRICING: Party = {
  agent: 'pricing',
  action: 'price.set',
  objective: 'margin',
  category: 'candles',
  direction: 'up',
};
const MARKETING: Party = { agent: 'marketing', action: 'promotion.launch', objective: 'growth', category: 'candles' };
const REFUND: Party = { agent: 'support', action: 'refund.issue', objective: 'customer-care' };

const FILES = {
  'shop.yaml': TEST_SHOP,
  'money.yaml': ruleFile(`
  - id: big-conflict
    kind: threshold
    when: conflict.stake.revenue > £5,000
    why: A big clash is for a person.
  - id: big-refund
    kind: threshold
    scope: { action: refund.issue }
    when: impact.cash > £100   # a comment that stays
    why: A big refund is for a person.
  - id: refunds-asked
    kind: autonomy
    scope: { action: refund.issue }
    mode: ask
    why: Every refund is asked about.
`),
};

function known(files: Readonly<Record<string, string>> = FILES) {
  const compiled = compileRuleSet(files, 'x');
  assert.ok('rules' in compiled, JSON.stringify(compiled));
  return { rules: compiled.rules, files, currency: 'GBP' };
}

/** Rulings on like cases, one a line, the oldest first: which option, whose wish it carries out, with what at stake. */
function rulings(
  about: Pick<CaseFeatures, 'class' | 'rule' | 'parties'>,
  given: readonly (readonly [option: string, carriedOut: readonly number[], stake?: number, category?: string])[],
): Precedent[] {
  return given.map(([option, carriedOut, stake = 700_000, category], n) => ({
    ...about,
    parties: about.parties.map((party) => (category ? { ...party, category } : party)),
    aspect: 'price',
    measure: about.class === 'limit' ? 'cashMinor' : 'revenueMinor',
    stake,
    option,
    carriedOut,
    escalation: `e${n}`,
    by: 'jo@example.com',
    at: plus(NOW, n * HOUR_MS),
  }));
}

const CLASH = { class: 'indirect', rule: 'big-conflict', parties: [PRICING, MARKETING] };
const BIG_REFUND = { class: 'limit', rule: 'big-refund', parties: [REFUND] };
const ASKED_REFUND = { class: 'limit', rule: 'refunds-asked', parties: [REFUND] };

describe('rules that rulings amount to', () => {
  const cases: readonly [string, Precedent[], string[]][] = [
    ['nothing, where nobody has ruled', [], []],
    [
      'nothing from two rulings',
      rulings(CLASH, [
        ['alternative', [1]],
        ['alternative', [1]],
      ]),
      [],
    ],
    [
      'an order of objectives, where people let the weaker win three times',
      rulings(CLASH, [
        ['alternative', [1]],
        ['alternative', [1]],
        ['alternative', [1]],
      ]),
      ['priority objectives: [growth, margin]'],
    ],
    [
      'an order of agents, where both want it for one objective',
      rulings({ ...CLASH, parties: [PRICING, { ...MARKETING, objective: 'margin' }] }, [
        ['alternative', [1]],
        ['alternative', [1]],
        ['alternative', [1]],
      ]),
      ['priority agents: [marketing, pricing]'],
    ],
    [
      'the same with one of five against, if it is long ago',
      rulings(CLASH, [
        ['nothing', []],
        ['alternative', [1]],
        ['alternative', [1]],
        ['alternative', [1]],
        ['alternative', [1]],
      ]),
      ['priority objectives: [growth, margin]'],
    ],
    [
      'nothing, where the latest but one is against',
      rulings(CLASH, [
        ['alternative', [1]],
        ['alternative', [1]],
        ['alternative', [1]],
        ['nothing', []],
        ['alternative', [1]],
      ]),
      [],
    ],
    [
      'nothing, where the latest is against',
      rulings(CLASH, [
        ['alternative', [1]],
        ['alternative', [1]],
        ['alternative', [1]],
        ['alternative', [1]],
        ['nothing', []],
      ]),
      [],
    ],
    [
      'nothing, where fewer than four in five agree',
      rulings(CLASH, [
        ['nothing', []],
        ['alternative', [1]],
        ['alternative', [1]],
        ['alternative', [1]],
      ]),
      [],
    ],
    [
      'an order for one category, where only that one agrees',
      rulings(CLASH, [
        ['alternative', [1]],
        ['nothing', [], 1, 'lamps'],
        ['alternative', [1]],
        ['nothing', [], 1, 'lamps'],
        ['alternative', [1]],
      ]),
      ['priority objectives: [growth, margin]'],
    ],
    [
      'a higher limit, where what the rules would do is always let through',
      rulings(CLASH, [
        ['proposed', [0], 640_000],
        ['proposed', [0], 712_300],
        ['proposed', [1], 500_100],
      ]),
      ['threshold when: conflict.stake.revenue > £7,200'],
    ],
    [
      'nothing, where something smaller was not let through',
      rulings(BIG_REFUND, [
        ['nothing', [], 11_000],
        ['proposed', [0], 15_000],
        ['proposed', [0], 15_000],
        ['proposed', [0], 15_000],
        ['proposed', [0], 15_000],
      ]),
      [],
    ],
    [
      'a higher limit on single wishes, the comment kept',
      rulings(BIG_REFUND, [
        ['proposed', [0], 12_500],
        ['proposed', [0], 14_000],
        ['proposed', [0], 14_900],
      ]),
      ['threshold when: impact.cash > £150   # a comment that stays'],
    ],
    [
      'hands off above the limit, where it is always refused',
      rulings(BIG_REFUND, [
        ['nothing', []],
        ['nothing', []],
        ['nothing', []],
      ]),
      ['autonomy mode: off'],
    ],
    [
      'telling instead of asking, where it is always allowed',
      rulings(ASKED_REFUND, [
        ['proposed', [0]],
        ['proposed', [0]],
        ['proposed', [0]],
      ]),
      ['autonomy mode: tell'],
    ],
    [
      'nothing about a rule that is gone',
      rulings({ ...BIG_REFUND, rule: 'long-gone' }, [
        ['nothing', []],
        ['nothing', []],
        ['nothing', []],
      ]),
      [],
    ],
  ];
  for (const [name, precedents, expected] of cases) {
    test(name, () => {
      const proposals = propose(precedents, known());
      const words = proposals.map((one) => {
        const line = one.yaml
          .split('\n')
          .find(
            (text) =>
              /^ {4}(objectives|agents|mode|when): /.test(text) && !(one.kind === 'autonomy' && text.includes('when')),
          );
        return `${one.kind} ${line?.trim()}`;
      });
      assert.deepEqual(words, expected);
    });
  }

  test('each loads beside the rules that there are, or in place of the one that it moves', () => {
    const all = cases.flatMap(([, precedents]) => propose(precedents, known()));
    assert.ok(all.length >= 8);
    for (const proposal of all) {
      const files = proposal.replaces
        ? { ...FILES, [proposal.replaces.file]: proposal.replaces.text }
        : { ...FILES, 'new.yaml': `rules:\n${proposal.yaml}end: true\n` };
      const compiled = compileRuleSet(files, 'y');
      assert.ok('policy' in compiled, `${proposal.yaml}\n${JSON.stringify(compiled)}`);
      assert.equal(compiled.policy.rules.length, known().rules.length + (proposal.replaces ? 0 : 1));
    }
  });

  test('names the rulings behind it, the newest first, and those against', () => {
    const [proposal] = propose(
      rulings(CLASH, [
        ['nothing', []],
        ['alternative', [1]],
        ['alternative', [1]],
        ['alternative', [1]],
        ['alternative', [1]],
      ]),
      known(),
    );
    assert.deepEqual(
      proposal?.rulings.map((one) => one.escalation),
      ['e4', 'e3', 'e2', 'e1'],
    );
    assert.deepEqual(
      proposal?.against.map((one) => one.escalation),
      ['e0'],
    );
  });

  test('does not say again what a rule of that name says already', () => {
    const precedents = rulings(ASKED_REFUND, [
      ['proposed', [0]],
      ['proposed', [0]],
      ['proposed', [0]],
    ]);
    const [proposal] = propose(precedents, known());
    assert.deepEqual(propose(precedents, known({ ...FILES, 'new.yaml': `rules:\n${proposal!.yaml}end: true\n` })), []);
  });

  test('a category whose name needs care is written with care', () => {
    const odd = 'on: "fire" #1';
    const precedents = rulings({ ...CLASH, parties: [PRICING, MARKETING] }, [
      ['alternative', [1], 1, odd],
      ['nothing', [], 1, 'lamps'],
      ['alternative', [1], 1, odd],
      ['nothing', [], 1, 'lamps'],
      ['alternative', [1], 1, odd],
    ]);
    const [proposal] = propose(precedents, known());
    const compiled = compileRuleSet({ ...FILES, 'new.yaml': `rules:\n${proposal!.yaml}end: true\n` }, 'y');
    assert.ok('rules' in compiled, JSON.stringify(compiled));
    const made = compiled.rules.find((rule) => rule.compiled.id === proposal!.rule);
    assert.deepEqual([...(made?.compiled.shape.scope.category ?? [])], [odd]);
  });
});

describe('the features of a case', () => {
  const rules = policy({
    ask: ({ intent }) => ({
      rule: 'big',
      why: 'w',
      detail: 'd',
      measure: 'revenueMinor',
      amount: intent.impact.revenueMinor,
      limit: 1,
    }),
  });
  const asked = (cases: Parameters<typeof world>[0] = {}) =>
    judge(event(1), [setPrice('pricing', 'A', 1_200), launch('marketing', 'sku:A', 500)], world(cases), rules)
      .escalations[0]!;

  test('say who wants what for which objective, and which way', () => {
    const { features } = asked().question as { features: CaseFeatures };
    assert.equal(features.rule, 'big');
    assert.equal(features.measure, 'revenueMinor');
    assert.ok(features.stake > 0);
    const pricing = features.parties.find((party) => party.agent === 'pricing');
    assert.deepEqual(pricing, {
      agent: 'pricing',
      action: 'price.set',
      objective: 'margin',
      category: 'candles',
      direction: 'up',
    });
  });

  test('a ruling adds what was chosen and whose wish that carries out', () => {
    const { features } = asked().question as { features: CaseFeatures };
    const { options, members } = asked();
    const ids = members.map((member) => member.id);
    const chosen = options[0]!;
    const ruled = ruledFeatures(features, options, ids, chosen.id);
    assert.equal(ruled.option, chosen.id);
    assert.deepEqual(
      ruled.carriedOut.map((index) => ids[index]).sort(),
      chosen.intents.map((one) => one.intent).sort(),
    );
    assert.deepEqual(ruledFeatures(features, options, ids, 'nothing').carriedOut, []);
  });

  test('a like case is shown in the question with what was chosen and how alike it was', () => {
    const first = asked();
    const { features } = first.question as { features: CaseFeatures };
    const before = ruledFeatures(
      features,
      first.options,
      first.members.map((member) => member.id),
      'nothing',
    );
    const again = asked({ cases: [{ key: first.key, option: 'nothing', by: 'jo', at: NOW, features: before }] });
    assert.deepEqual((again.question as { likeCases: unknown }).likeCases, [
      {
        option: 'nothing',
        by: 'jo',
        at: NOW,
        chose: 'nothing was done',
        alike: 'alike in everything that is compared',
      },
    ]);
  });

  test('a case of before features were kept is shown without them', () => {
    const one = { option: 'nothing', by: 'default', at: NOW };
    assert.deepEqual(shownCase(one, rulings(CLASH, [['nothing', []]])[0]!), one);
  });

  const a = rulings(CLASH, [['nothing', []]])[0]!;
  const likenesses: readonly [string, Partial<CaseFeatures>, string][] = [
    ['the same', {}, 'alike in everything that is compared'],
    [
      'another category',
      { parties: [{ ...PRICING, category: 'lamps' }, MARKETING] },
      'same objective, direction, size of the stake; other category',
    ],
    [
      'another way and a far larger stake',
      { parties: [{ ...PRICING, direction: 'down' }, MARKETING], stake: 70_000_000 },
      'same category, objective; other direction, size of the stake',
    ],
    ['another order of the parties', { parties: [MARKETING, PRICING] }, 'alike in everything that is compared'],
  ];
  for (const [name, over, words] of likenesses)
    test(`likeness: ${name}`, () => assert.equal(likeness(a, { ...a, ...over }), words));

  test('stakes are alike within half a power of ten', () => {
    assert.deepEqual([0, 30_000, 31_000, 32_000, 90_000, 100_000].map(bandOf), [0, 9, 9, 10, 10, 11]);
  });
});
