import { type Impact, NO_IMPACT } from '#shared/contracts/actions/define.ts';
import type { Projection } from '#shared/contracts/projection.ts';
import { compileRuleSet } from './compile.ts';
import type { GuardrailInput, Policy, RuledIntent, ThresholdInput } from './policy.ts';
import { ruleErrorText } from './rule-error.ts';

/** A shop with one person, for tests of single rules. */
export const TEST_SHOP = `name: Test shop
currency: GBP
zone: Europe/London
hours: { weekdays: 09:00-17:00 }
people:
  - { name: Tess, address: tess@example.com, roles: [trading] }
  - { name: Olive, address: olive@example.com, roles: [owner] }
tiers: { trading: trading, owner: owner }
ask: { tier: owner, within: 4h }
activation: on-save
respect: 7 days
dwell: { price: 48h }
maxMails: 20
end: true
`;

export const TEST_NOW = '2011-10-05T12:00:00.000Z';

/** A policy of the test shop and these rules, written as the items of a rule file; throws with the errors in words. */
export function policyOf(rules: string, shop = TEST_SHOP): Policy {
  const result = compileRuleSet({ 'shop.yaml': shop, 'test.yaml': ruleFile(rules) }, 'test');
  if ('policy' in result) return result.policy;
  throw new Error(result.errors.map(ruleErrorText).join('\n'));
}

/** What is wrong with these rules, in words; empty where nothing is. */
export function faultsOf(rules: string, shop = TEST_SHOP): readonly string[] {
  const result = compileRuleSet({ 'shop.yaml': shop, 'test.yaml': ruleFile(rules) }, 'test');
  return 'policy' in result ? [] : result.errors.map(ruleErrorText);
}

export function ruleFile(rules: string): string {
  return `rules:\n${rules}\nend: true\n`;
}

/** An intent of pricing on one SKU; name what the test is about. */
export function ruledIntent(
  given: Partial<Omit<RuledIntent, 'impact'>> & { impact?: Partial<Impact> } = {},
): RuledIntent {
  return {
    intent: 'i',
    agent: 'pricing',
    action: 'price.set',
    objective: 'margin',
    resource: 'sku:85123A',
    aspect: 'price',
    params: {},
    category: 'candles',
    protective: false,
    customerVisible: true,
    window: { from: TEST_NOW },
    cause: { type: 'competitor.price-changed', time: TEST_NOW },
    now: TEST_NOW,
    level: undefined,
    ...given,
    impact: { ...NO_IMPACT, ...given.impact },
  };
}

export function guardrailInput(
  projected: Partial<Projection>,
  given: Partial<Omit<GuardrailInput, 'projected'>> = {},
): GuardrailInput {
  return {
    leaf: 'sku:85123A',
    category: 'candles',
    actions: ['price.set'],
    now: TEST_NOW,
    ...given,
    projected: {
      discountBasisPoints: 0,
      contacts: 0,
      spendMinor: 0,
      refundMinor: 0,
      reorderUnits: 0,
      states: [],
      ...projected,
    },
  };
}

export function thresholdInput(intent: RuledIntent, given: Partial<ThresholdInput> = {}): ThresholdInput {
  return { intent, conflict: undefined, counted: () => 0, now: TEST_NOW, ...given };
}

/** The stake of a conflict between pricing and marketing. */
export function conflictOf(stake: Partial<Impact>): NonNullable<ThresholdInput['conflict']> {
  return {
    class: 'direct',
    stake: { ...NO_IMPACT, ...stake },
    agents: ['pricing', 'marketing'],
    actions: ['price.set', 'promotion.launch'],
  };
}

/** One rule with the usual head; `body` is the rest, in flow or block style. */
export function rule(body: string, id = 'r'): string {
  return `  - id: ${id}\n    why: because\n${body
    .trim()
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')}\n`;
}
