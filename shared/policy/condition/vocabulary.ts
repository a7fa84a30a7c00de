import type { Impact } from '#shared/contracts/actions/define.ts';
import type { GuardrailInput, RuledIntent, ThresholdInput } from '../policy.ts';
import type { Unit } from '../units.ts';
import { PROJECTED } from './projected.ts';

/** What a condition may look at, with the unit of every figure. Conditions are type-checked against this when a file is loaded. */
export type FieldType = Unit | 'text' | 'texts' | 'flag';
export type Root = 'intent' | 'impact' | 'params' | 'conflict' | 'projected' | 'leaf';

const IMPACT = {
  revenue: 'money',
  margin: 'money',
  cash: 'money',
  units: 'count',
  customers: 'count',
} as const satisfies Record<string, FieldType>;

/** Field names by root; a dot in a name is a group of its own (`conflict.stake.revenue`). Those of `params` depend on the actions of the rule's scope. */
export const FIELDS: Readonly<Record<Root, Readonly<Record<string, FieldType>>>> = {
  intent: {
    agent: 'text',
    action: 'text',
    objective: 'text',
    resource: 'text',
    aspect: 'text',
    category: 'text',
    protective: 'flag',
    visible: 'flag',
    lasts: 'duration',
    cause: 'text',
  },
  impact: IMPACT,
  params: {},
  conflict: {
    class: 'text',
    agents: 'texts',
    actions: 'texts',
    'stake.revenue': 'money',
    'stake.margin': 'money',
    'stake.cash': 'money',
    'stake.units': 'count',
    'stake.customers': 'count',
  },
  projected: Object.fromEntries(Object.entries(PROJECTED).map(([name, { type }]) => [name, type])),
  leaf: { resource: 'text', category: 'text', actions: 'texts' },
};

/** Values by root and field; a field whose facts are missing is left out, and reading it fails. */
export type Values = Readonly<Record<string, unknown>>;

function impactValues(impact: Impact): Values {
  return {
    revenue: impact.revenueMinor,
    margin: impact.marginMinor,
    cash: impact.cashMinor,
    units: impact.units,
    customers: impact.customers,
  };
}

export function intentValues(intent: RuledIntent): Values {
  const { from, to } = intent.window;
  return {
    agent: intent.agent,
    action: intent.action,
    objective: intent.objective,
    resource: intent.resource,
    aspect: intent.aspect,
    category: intent.category,
    protective: intent.protective,
    visible: intent.customerVisible,
    lasts: to === undefined ? undefined : Date.parse(to) - Date.parse(from),
    cause: intent.cause.type,
  };
}

export function intentImpactValues(intent: RuledIntent): Values {
  return impactValues(intent.impact);
}

export function conflictValues(conflict: NonNullable<ThresholdInput['conflict']>): Values {
  return {
    class: conflict.class,
    agents: conflict.agents,
    actions: conflict.actions,
    stake: impactValues(conflict.stake),
  };
}

/** However many act on it, a condition looks at each action type once. */
export function leafValues({ leaf, category, actions }: GuardrailInput): Values {
  return { resource: leaf, category, actions: actions.length > 1 ? [...new Set(actions)] : actions };
}
