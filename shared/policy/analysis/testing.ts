import { compileRuleSet } from '../compile.ts';
import { ruleErrorText } from '../rule-error.ts';
import { ruleFile, TEST_NOW, TEST_SHOP } from '../testing.ts';
import { analyse } from './analyse.ts';
import type { StaticFinding } from './finding.ts';
import type { Around } from './ground.ts';

const wants = (type: string, ...objectives: string[]) => ({ type, objectives, maxPerAnswer: 10 });

/** Who proposes what in these tests: much as the agents of the house do. */
export const TEST_AROUND: Around = {
  now: TEST_NOW,
  manifests: [
    { agent: 'pricing', actions: [wants('price.set', 'margin', 'growth', 'availability', 'clearance')] },
    {
      agent: 'marketing',
      actions: [
        wants('promotion.launch', 'growth'),
        wants('campaign.send', 'growth'),
        wants('notice.send', 'customer-care'),
      ],
    },
    { agent: 'inventory', actions: [wants('reorder.place', 'availability'), wants('reorder.cancel', 'clearance')] },
    {
      agent: 'support',
      actions: [
        wants('refund.issue', 'customer-care'),
        wants('credit.give', 'customer-care'),
        wants('notice.send', 'promise-keeping'),
      ],
    },
    {
      agent: 'orders',
      actions: [
        wants('order.hold', 'safety'),
        wants('order.release', 'promise-keeping'),
        wants('order.cancel', 'safety'),
      ],
    },
  ],
};

/** What the analysis finds in these rules (the items of a rule file); throws where they do not load. */
export function findingsIn(rules: string, shop = TEST_SHOP, around = TEST_AROUND): readonly StaticFinding[] {
  const compiled = compileRuleSet({ 'shop.yaml': shop, 'test.yaml': ruleFile(rules) }, 'test');
  if ('errors' in compiled) throw new Error(compiled.errors.map(ruleErrorText).join('\n'));
  return analyse(compiled, around);
}

/** `shadowed boss small-refund`: check and rules of every finding about a rule. */
export function namesOf(findings: readonly StaticFinding[]): readonly string[] {
  return findings.filter(({ check }) => check !== 'uncovered').map(({ check, rules }) => [check, ...rules].join(' '));
}
