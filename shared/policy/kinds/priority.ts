import { z } from 'zod';
import { names, ruleHead, scope } from '../fields.ts';
import type { RuledIntent } from '../policy.ts';
import { takesIn } from '../scope.ts';
import { OBJECTIVES } from '../vocabulary.ts';
import { defineKind } from './define.ts';

/** Which objective, and which agent, goes first when two intents cannot both hold. */
export const priority = defineKind({
  kind: 'priority',
  about: 'Puts objectives, and agents, in order: the earlier goes first where two intents cannot both hold.',
  schema: z.strictObject({
    kind: z.literal('priority'),
    ...ruleHead,
    objectives: z.array(z.enum(OBJECTIVES)).min(1).optional().describe('The strongest first'),
    agents: names.optional().describe('The strongest first'),
    scope: scope.optional(),
  }),
  compile(rule, context) {
    if (!rule.objectives && !rule.agents) {
      context.report('id', 'a priority rule lists "objectives", "agents" or both');
      return undefined;
    }
    for (const agent of rule.agents ?? []) {
      if (context.model.agents.includes(agent)) continue;
      context.source.report({ path: [...context.path, 'agents'] }, `unknown agent "${agent}".`, {
        name: agent,
        known: context.model.agents,
      });
    }
    for (const key of ['objectives', 'agents'] as const) {
      const repeated = rule[key]?.find((name, index, all) => (all as readonly string[]).indexOf(name) !== index);
      if (repeated !== undefined) context.report(key, `"${repeated}" stands in "${key}" twice`);
    }
    const objectiveRank = ranks(rule.objectives);
    const agentRank = ranks(rule.agents);
    return {
      id: rule.id,
      actions: rule.scope?.action,
      scoped: rule.scope !== undefined,
      ...(objectiveRank && {
        objectiveRank: (intent: RuledIntent) =>
          takesIn(rule.scope, intent) ? objectiveRank(intent.objective) : undefined,
      }),
      ...(agentRank && {
        agentRank: (intent: RuledIntent) => (takesIn(rule.scope, intent) ? agentRank(intent.agent) : undefined),
      }),
    };
  },
});

/** Unlisted names rank after all listed ones, equal among themselves. */
function ranks(order: readonly string[] | undefined): ((name: string) => number) | undefined {
  if (!order) return undefined;
  const byName = new Map(order.map((name, index) => [name, index]));
  return (name) => byName.get(name) ?? order.length;
}
