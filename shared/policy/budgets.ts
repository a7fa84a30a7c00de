import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { NamedRule } from './assemble.ts';
import type { CompiledRule } from './kinds/define.ts';
import { shapeOf } from './kinds/shape.ts';
import { thresholdOver } from './kinds/threshold.ts';
import { compileScope } from './scope.ts';
import type { ShopModel } from './shop.ts';
import { SHOP_FILE } from './shop-schema.ts';
import type { Source } from './source.ts';
import { parseMoney, UnitError } from './units.ts';
import { MEASURES } from './vocabulary.ts';

/** A budget of shop.yaml is a limit that all agents share: the rule `budget-<name>`. */
export function budgetRules(model: ShopModel, source: Source): NamedRule[] {
  return Object.entries(model.budgets).flatMap(([name, budget]) => {
    const path = ['budgets', name];
    const measure = budget.measure ?? 'cash';
    const known = [...ACTION_TYPES.keys()];
    for (const action of budget.counts.filter((one) => !ACTION_TYPES.has(one))) {
      source.report({ path: [...path, 'counts'] }, `unknown action "${action}".`, { name: action, known });
    }
    let limit = 0;
    try {
      const counted = measure === 'units' || measure === 'customers';
      limit = counted ? wholeNumber(budget.amount) : parseMoney(budget.amount, model.shop.currency);
    } catch (thrown) {
      if (!(thrown instanceof UnitError)) throw thrown;
      source.report({ path: [...path, 'amount'] }, thrown.message);
      return [];
    }
    const id = `budget-${name}`;
    const why = `The shop's budget for ${name.replaceAll('-', ' ')} is shared by all agents.`;
    const comparison = { path: `impact.${measure}`, operator: '>', limit, unit: unitOf(measure) } as const;
    const rule = { id, why, over: budget.over, per: 'store' } as const;
    const everything = compileScope(undefined, model.seasons);
    const written = `impact.${measure} > ${budget.amount}`;
    const compiled: CompiledRule = {
      id,
      actions: budget.counts,
      narrowness: 0,
      ...(budget.ask && { ask: budget.ask }),
      ...thresholdOver(rule, everything, comparison, MEASURES[measure], model.shop.currency),
      whyOutside: () => undefined,
      shape: shapeOf(
        budget.counts,
        everything,
        model.seasons,
        {
          source: written,
          comparisons: [{ field: comparison.path, operator: comparison.operator, value: limit }],
          exact: true,
          reads: [comparison.path],
        },
        {
          kind: 'threshold',
          measure: MEASURES[measure],
          operator: '>',
          limit,
          stake: false,
          overMs: budget.over,
          per: 'store',
          ask: budget.ask ?? model.ask,
        },
      ),
    };
    return [
      {
        compiled,
        kind: 'threshold',
        file: SHOP_FILE,
        line: source.position({ path: ['budgets'], key: name }).line,
        why,
      },
    ];
  });
}

function unitOf(measure: keyof typeof MEASURES): 'money' | 'count' {
  return measure === 'units' || measure === 'customers' ? 'count' : 'money';
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text.trim())) throw new UnitError(`"${text}" is not a whole number`);
  return Number(text);
}
