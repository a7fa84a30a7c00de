import type { Impact } from '#shared/contracts/actions/define.ts';

/** What an intent can be for. Rules put these in order; manifests name which of them an agent's action may serve. */
export const OBJECTIVES = [
  'safety',
  'promise-keeping',
  'margin',
  'availability',
  'customer-care',
  'growth',
  'clearance',
] as const;
export type Objective = (typeof OBJECTIVES)[number];

/** The agents of the house; a shop that adds others names them under `agents` in its shop.yaml. */
export const AGENTS = ['orders', 'support', 'inventory', 'pricing', 'marketing', 'coordinator'] as const;

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export type Measure = keyof Impact;
export type MeasureName = 'revenue' | 'margin' | 'cash' | 'units' | 'customers';

/** How rule files name the figures of an impact. */
export const MEASURES: Readonly<Record<MeasureName, Measure>> = {
  revenue: 'revenueMinor',
  margin: 'marginMinor',
  cash: 'cashMinor',
  units: 'units',
  customers: 'customers',
};
