import { z } from 'zod';
import { names, ruleHead, scope } from '../fields.ts';
import type { RuledIntent } from '../policy.ts';
import { compileScope } from '../scope.ts';
import { OBJECTIVES } from '../vocabulary.ts';
import { defineKind } from './define.ts';
import { shapeOf } from './shape.ts';
import { spoke } from './spoken.ts';

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
    const inScope = compileScope(rule.scope, context.model.seasons);
    return {
      id: rule.id,
      actions: rule.scope?.action,
      narrowness: inScope.narrowness,
      ...(objectiveRank && {
        objectiveRank: (intent: RuledIntent) => (inScope.takesIn(intent) ? objectiveRank(intent.objective) : undefined),
      }),
      ...(agentRank && {
        agentRank: (intent: RuledIntent) => (inScope.takesIn(intent) ? agentRank(intent.agent) : undefined),
      }),
      whyOutside: ({ intent }) => inScope.whyNot(intent),
      explain: ({ intent }) =>
        spoke(
          [
            ...placeWords('objective', intent.objective, rule.objectives),
            ...placeWords('agent', intent.agent, rule.agents),
          ].join('; '),
        ),
      shape: shapeOf(rule.scope?.action, inScope, context.model.seasons, undefined, {
        kind: 'priority',
        objectives: rule.objectives,
        agents: rule.agents,
      }),
    };
  },
});

function placeWords(what: string, name: string, order: readonly string[] | undefined): readonly string[] {
  if (!order) return [];
  const place = order.indexOf(name);
  return [
    `${what} ${name} ${place < 0 ? `is not listed and comes after all ${order.length}` : `is ${place + 1} of ${order.length}`}`,
  ];
}

/** Unlisted names rank after all listed ones, equal among themselves. */
function ranks(order: readonly string[] | undefined): ((name: string) => number) | undefined {
  if (!order) return undefined;
  const byName = new Map(order.map((name, index) => [name, index]));
  return (name) => byName.get(name) ?? order.length;
}
