import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { toInstant } from '#shared/kernel/time.ts';
import { compileRuleSet } from '../compile.ts';
import type { Policy } from '../policy.ts';
import {
  conflictOf,
  guardrailInput,
  rule,
  ruledIntent,
  ruleFile,
  TEST_NOW,
  TEST_SHOP,
  thresholdInput,
} from '../testing.ts';
import { analyse } from './analyse.ts';
import type { StaticFinding } from './finding.ts';
import { TEST_AROUND } from './testing.ts';

/** Raised by hand for the long run: RUNS=600 node --test shared/policy/analysis/refute.test.ts */
const RULE_SETS = Number(process.env.RUNS ?? 40);
const WISHES = 200;

const ACTIONS = ['price.set', 'promotion.launch', 'refund.issue', 'campaign.send'];
const CATEGORIES = ['candles', 'cards'];
const AGENTS = ['pricing', 'marketing', 'support'];
const OBJECTIVES = ['margin', 'growth', 'safety'];
/** What is not about a SKU has no category. */
const THINGS: Readonly<Record<string, ResourceKey>> = { 'refund.issue': 'order:1', 'campaign.send': 'customer:1' };
const LIMITS = [1, 2, 3, 5];

const oneOf = <Item>(items: readonly Item[]) => fc.constantFrom(...items);
const some = (items: readonly string[]) =>
  fc.subarray([...items], { minLength: 1, maxLength: 2 }).map((list) => `[${list.join(', ')}]`);
const maybe = <Item>(item: fc.Arbitrary<Item>) => fc.option(item, { nil: undefined, freq: 2 });

const scopes = fc
  .record({
    action: maybe(some(ACTIONS)),
    category: maybe(some(CATEGORIES)),
    agent: maybe(some(AGENTS)),
    season: maybe(oneOf(['[advent]', '[autumn]'])),
  })
  .map((parts) => {
    const given = Object.entries(parts).flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${value}`]));
    return given.length === 0 ? '' : `scope: { ${given.join(', ')} }\n`;
  });
const whens = maybe(
  fc
    .tuple(
      oneOf(['impact.units', 'impact.customers']),
      oneOf(['>', '<=', '==', '!=']),
      oneOf(LIMITS),
      maybe(oneOf(['intent.agent == "pricing"', 'intent.category != "cards"', 'impact.units < 3'])),
    )
    .map(([field, operator, limit, more]) => `when: ${field} ${operator} ${limit}${more ? ` && ${more}` : ''}\n`),
).map((text) => text ?? '');
const hours = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 23 }))
  .filter(([from, to]) => from !== to);
const clock = (hour: number) => `${String(hour).padStart(2, '0')}:00`;

const BODIES: readonly fc.Arbitrary<string>[] = [
  fc
    .tuple(scopes, whens, hours, oneOf(['', 'days: [saturday]\n']), oneOf(['quiet', 'only']))
    .map(
      ([scope, when, [from, to], days, form]) =>
        `kind: temporal\n${scope}${when}${days}${form}: ${clock(from)}-${clock(to)}`,
    ),
  fc
    .tuple(scopes, oneOf(['revenue', 'cash']), oneOf(LIMITS), oneOf(['', 'over: 24h\n', 'over: 7 days\nper: agent\n']))
    .map(([scope, measure, limit, over]) => `kind: threshold\n${scope}${over}when: impact.${measure} > £${limit}`),
  fc
    .tuple(scopes, oneOf(LIMITS), oneOf(['', ' && impact.units > 2', ' && conflict.class == "direct"']))
    .map(([scope, limit, more]) => `kind: threshold\n${scope}when: conflict.stake.revenue >= £${limit}${more}`),
  fc
    .tuple(scopes, whens, oneOf(['alone', 'tell', 'ask', 'off']))
    .map(([scope, when, mode]) => `kind: autonomy\n${scope}${when}mode: ${mode}`),
  fc
    .tuple(scopes, fc.shuffledSubarray(OBJECTIVES, { minLength: 1 }))
    .map(([scope, list]) => `kind: priority\n${scope}objectives: [${list.join(', ')}]`),
  fc
    .tuple(
      oneOf(LIMITS),
      oneOf(['>=', '<=', '>']),
      oneOf(['deny', 'adjust', 'ask']),
      oneOf(['deny', 'allow']),
      maybe(some(CATEGORIES)),
    )
    .map(
      ([limit, operator, otherwise, unknown, category]) =>
        `kind: guardrail\non: sku\n${category ? `scope: { category: ${category} }\n` : ''}assert: projected.net ${operator} £${limit}\nelse: ${otherwise}\nwhenUnknown: ${unknown}`,
    ),
  fc
    .tuple(whens, oneOf(LIMITS))
    .map(([when, hoursLong]) => `kind: damping\nscope: { action: price.set }\n${when}dwell: ${hoursLong}h`),
];
/** Rules of one kind are the likelier to get into each other's way. */
const ruleTexts = oneOf(BODIES).chain((body) => fc.array(body, { minLength: 3, maxLength: 6 }));
const SHOP = TEST_SHOP.replace(
  'end: true\n',
  'seasons:\n  advent: { from: 11-27, to: 12-24 }\n  autumn: { from: 09-01, to: 11-30 }\nend: true\n',
);

const moments = fc
  .integer({ min: 0, max: 366 * 48 })
  .map((halves) => toInstant(Date.parse(TEST_NOW) + halves * 1_800_000));
const minors = oneOf([0, 100, 101, 200, 201, 300, 301, 500, 501]);
const wishes = fc.record({
  action: oneOf(ACTIONS),
  agent: oneOf(AGENTS),
  objective: oneOf(OBJECTIVES),
  category: oneOf([undefined, ...CATEGORIES, 'bags']),
  units: oneOf([0, 1, 2, 3, 4, 5, 6]),
  customers: oneOf([0, 1, 2, 3, 4, 5, 6]),
  revenue: minors,
  net: oneOf([undefined, 50, 100, 200, 250, 300, 400, 500, 600]),
  counted: minors,
  stake: oneOf([undefined, 0, 100, 200, 300, 500, 600]),
  changed: oneOf([0, 1, 2, 3, 5]),
  now: moments,
});
type Wish = typeof wishes extends fc.Arbitrary<infer One> ? One : never;

/** The rule of each kind that decides about a wish, as the judgement would ask for it. */
function decidersOf(policy: Policy, wish: Wish): readonly (string | undefined)[] {
  const { action, agent, objective, units, customers, revenue, net, counted, stake, changed, now } = wish;
  const resource = THINGS[action] ?? 'sku:85123A';
  const category = resource.startsWith('sku:') ? wish.category : undefined;
  const intent = ruledIntent({
    resource,
    action,
    agent,
    objective,
    category,
    now,
    window: { from: now },
    impact: { units, customers, revenueMinor: revenue, cashMinor: revenue },
  });
  const conflict = stake === undefined ? undefined : conflictOf({ revenueMinor: stake });
  const changes = [{ at: toInstant(Date.parse(now) - changed * 3_600_000), level: 1, action }];
  return [
    policy.hold(intent, now)?.rule,
    policy.ask(thresholdInput(intent, { conflict, counted: () => counted, now }))?.rule,
    policy.autonomy(intent)?.rule,
    policy.damp(intent, changes, now)?.rule,
    policy.precedence(intent).rule,
    policy.violations(
      guardrailInput(net === undefined ? {} : { netMinor: net }, { leaf: resource, category, actions: [action], now }),
    )[0]?.rule,
  ];
}

const claims = ({ check, level }: StaticFinding) =>
  check === 'shadowed' || (check === 'unreachable' && level === 'error');

describe('no finding is false', () => {
  const confirmed = { shadowed: 0, unreachable: 0 };

  test(`${RULE_SETS} random sets: a rule called shadowed or unreachable decides nothing, whatever is wished`, () => {
    fc.assert(
      fc.property(ruleTexts, fc.integer(), (texts, seed) => {
        const rules = texts.map((body, index) => rule(body, `r${index}`)).join('');
        const compiled = compileRuleSet({ 'shop.yaml': SHOP, 'test.yaml': ruleFile(rules) }, 'test');
        fc.pre('policy' in compiled);
        if (!('policy' in compiled)) return;
        const dead = analyse(compiled, TEST_AROUND).filter(claims);
        if (dead.length === 0) return;
        const tried = fc.sample(wishes, { seed, numRuns: WISHES });
        const deciding = new Set(tried.flatMap((wish) => decidersOf(compiled.policy, wish)));
        for (const { check, rules: named, witness, message } of dead) {
          assert.ok(!deciding.has(named[0]), `${message}\n${rules}`);
          assert.ok(witness.length > 0);
          confirmed[check as keyof typeof confirmed]++;
        }
      }),
      { numRuns: RULE_SETS },
    );
  });

  test('and there were some to refute', () => {
    assert.ok(confirmed.shadowed > RULE_SETS / 20, `${confirmed.shadowed} shadowed`);
    assert.ok(confirmed.unreachable > 0, `${confirmed.unreachable} unreachable`);
  });
});
