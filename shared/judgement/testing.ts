import type { ActionType } from '#shared/contracts/actions/define.ts';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { Intent } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { Fact } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { HOUR_MS, plus } from '#shared/kernel/time.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { Claim, Proposed, StandingAction } from './types.ts';
import { type Loaded, permission, World } from './world.ts';

/** Builders for tables of given, when, then: the smallest world in which a verdict can be given. */

export const NOW = '2011-10-05T10:00:00.000Z';
const AGENTS = ['pricing', 'inventory', 'marketing', 'support', 'orders'];
const OBJECTIVES = ['safety', 'promise-keeping', 'margin', 'availability', 'customer-care', 'growth', 'clearance'];
export const MARGIN_FLOOR = 1_500;

export function event(seq: number, over: Partial<Envelope> = {}): Envelope {
  return {
    specversion: '1.0',
    id: `00000000-0000-7000-8000-${String(seq).padStart(12, '0')}`,
    source: 'test',
    type: 'competitor.price-changed',
    subject: 'sku:A',
    time: NOW,
    store: 'shop',
    seq,
    now: NOW,
    correlationid: '00000000-0000-7000-8000-000000000000',
    depth: 0,
    dataversion: 1,
    data: {},
    ...over,
  };
}

export function propose(
  agent: string,
  intent: Partial<Intent> & Pick<Intent, 'action' | 'params'>,
  over: Partial<Proposed> = {},
): Proposed {
  const cause = over.event ?? event(1);
  return {
    id: `${cause.id}.${agent}.1.0`,
    agent,
    event: cause,
    replacements: 0,
    intent: { objective: 'margin', reason: 'because', cites: [], ...intent },
    ...over,
  };
}

export const setPrice = (agent: string, sku: string, priceMinor: number, over: Partial<Intent> = {}) =>
  propose(agent, { action: 'price.set', params: { sku, priceMinor, currency: 'GBP' }, ...over });

export const launch = (agent: string, target: string, discountBasisPoints: number, over: Partial<Intent> = {}) =>
  propose(agent, {
    action: 'promotion.launch',
    objective: 'growth',
    params: {
      target,
      discountBasisPoints,
      startsAt: NOW,
      endsAt: plus(NOW, 72 * HOUR_MS),
      title: 'Sale',
      combines: true,
    },
    ...over,
  });

export function fact(resource: ResourceKey, attribute: string, value: unknown, version = 1): Fact {
  return { resource, attribute, value, version, time: NOW };
}

/** A SKU with a price of £10, a cost of £6, 100 units and a category. */
export function skuFacts(name: string, priceMinor = 1_000, costMinor = 600): Fact[] {
  const key: ResourceKey = `sku:${name}`;
  return [
    fact(key, 'price', { minor: priceMinor, currency: 'GBP' }),
    fact(key, 'cost', { minor: costMinor, currency: 'GBP' }),
    fact(key, 'category', 'candles'),
    fact(key, 'available', { units: 100, level: 100, levelTime: NOW, movements: [] }),
    fact(key, 'sold', { firstDay: 15_230, counts: Array(28).fill(10) }),
  ];
}

export function claim(over: Partial<Claim> & Pick<Claim, 'resource' | 'aspect'>): Claim {
  return {
    claim: `old/${over.resource}/${over.aspect}`,
    from: '2011-10-04T10:00:00.000Z',
    exclusive: true,
    owner: 'pricing',
    layer: { action: 'price.set', layer: { priceMinor: 1_000 }, intent: 'old', rank: [1, 2, 0] },
    action: 'old',
    actionState: 'done',
    ...over,
  };
}

/** An action that is done: a price that went from £10 to £9. */
export function standingAction(over: Partial<StandingAction> = {}): StandingAction {
  return {
    action: 'old',
    type: 'price.set',
    agent: 'pricing',
    params: { sku: 'A', priceMinor: 900, currency: 'GBP' },
    leaves: ['sku:A'],
    writes: [{ resource: 'sku:A', attribute: 'price', value: { minor: 900, currency: 'GBP' } }],
    inverse: [{ action: 'price.set', params: { sku: 'A', priceMinor: 1_000, currency: 'GBP' } }],
    cause: 'sku:A',
    notBefore: '2011-10-04T10:00:00.000Z',
    correlation: 'c',
    depth: 1,
    state: 'done',
    ...over,
  };
}

export function world(over: Partial<Loaded> = {}, types: ReadonlyMap<string, ActionType> = ACTION_TYPES): World {
  const permitted = new Set<string>();
  for (const agent of AGENTS)
    for (const objective of OBJECTIVES)
      for (const action of types.keys()) permitted.add(permission(agent, action, objective));
  const loaded = {
    facts: skuFacts('A'),
    claims: [],
    escalations: [],
    categories: new Map(),
    voided: new Map(),
    counted: [],
    permitted,
    refused: [],
    cases: [],
  };
  return new World({ ...loaded, ...over }, types);
}

/** A policy of four plain rules: objectives in order, a margin floor that adjusts, a limit that asks, nothing held back. */
export function policy(over: Partial<Policy> = {}): Policy {
  return {
    hash: 'test',
    shop: {
      name: 'Test',
      currency: 'GBP',
      zone: 'Europe/London',
      respectMs: 168 * HOUR_MS,
      dwellMs: () => HOUR_MS,
      maxMailsPerDay: 20,
      activation: 'on-save',
      schedules: [],
    },
    rules: [],
    precedence: (intent) => ({
      temporal: 1,
      objective: OBJECTIVES.indexOf(intent.objective),
      agent: AGENTS.indexOf(intent.agent),
      rule: 'objectives',
    }),
    hold: () => undefined,
    violations: ({ projected }) => {
      if (projected.netMinor === undefined) return [];
      if (projected.marginBasisPoints === undefined) {
        return [
          {
            rule: 'margin-floor',
            why: 'Keep the margin.',
            detail: 'The cost is not known.',
            otherwise: 'deny',
            unknown: true,
          },
        ];
      }
      if (projected.marginBasisPoints >= MARGIN_FLOOR) return [];
      return [
        {
          rule: 'margin-floor',
          why: 'Keep the margin.',
          detail: `margin ${projected.marginBasisPoints}`,
          otherwise: 'adjust',
          unknown: false,
        },
      ];
    },
    worsens: () => false,
    ask: ({ intent, conflict }) => {
      const amount = conflict?.stake.revenueMinor ?? intent.impact.revenueMinor;
      if (!conflict || amount <= 500_000) return undefined;
      return {
        rule: 'big-conflict',
        why: 'A big clash is for a person.',
        detail: `${amount} is at stake`,
        measure: 'revenueMinor',
        amount,
        limit: 500_000,
      };
    },
    limits: () => [],
    sameness: () => [],
    successions: () => [],
    autonomy: () => undefined,
    damp: () => undefined,
    dampingMs: 0,
    trace: () => [],
    respectMs: () => 168 * HOUR_MS,
    askPlan: (_rule, now) => ({
      tier: 'trading',
      recipients: [{ name: 'Jo', address: 'jo@example.com' }],
      deadline: plus(now, 4 * HOUR_MS),
      remindAt: plus(now, 2 * HOUR_MS),
      reminded: [
        { name: 'Jo', address: 'jo@example.com' },
        { name: 'Max', address: 'max@example.com' },
      ],
      defaultOption: 'nothing',
    }),
    ...over,
  };
}
