import type { ActionType } from '#shared/contracts/actions/define.ts';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { Citation, Intent } from '#shared/contracts/answer.ts';
import type { Fact } from '#shared/contracts/facts.ts';
import { DAY_MS, plus } from '#shared/kernel/time.ts';
import { AGENTS, OBJECTIVES } from '#shared/policy/vocabulary.ts';
import { factKey, readFacts } from './facts.ts';
import { asContractWants, friendly, inside, isRequired, type Place, readFields } from './fields.ts';
import { readWritten, type Terms } from './values.ts';

/** What an agent wants where the case does not say what for. */
const USUAL_OBJECTIVE: Readonly<Record<string, string>> = {
  orders: 'promise-keeping',
  support: 'customer-care',
  inventory: 'availability',
  pricing: 'margin',
  marketing: 'growth',
};

const SOON_MS = 3 * DAY_MS;

/** Parameters that seldom matter to a case and need not be written. */
function usualParams({ now, currency }: Terms): Readonly<Record<string, unknown>> {
  return {
    currency,
    startsAt: now,
    endsAt: plus(now, SOON_MS),
    until: plus(now, SOON_MS),
    expectedAt: plus(now, 10 * DAY_MS),
    combines: true,
    restock: false,
    title: 'Sale',
    subject: 'News',
    text: 'Hello.',
    note: 'Said in the case.',
    purpose: 'campaign',
    campaign: 'autumn',
    supplier: 'acme',
    holdReason: 'other',
    cancelReason: 'customer',
    handle: 'case',
    tag: 'case',
    code: 'CASE',
    topic: 'answer',
    occasion: 'cart',
    service: 'express',
  };
}

/** Keys that stand beside the action in an intent of a case. */
const BESIDE = ['objective', 'flex', 'saw', 'reason', 'replaces', 'state', 'since'] as const;

export interface ReadIntent {
  readonly intent: Intent;
  readonly type: ActionType;
  /** What stands beside it, for claims. */
  readonly state?: string;
  readonly since?: string;
}

/** `{ price.set: { sku: 85123A, price: £8 }, objective: margin, flex: { price: £8 to £9 } }`. */
export function readIntent(
  agent: string,
  written: Readonly<Record<string, unknown>>,
  facts: ReadonlyMap<string, Fact>,
  terms: Terms,
  place: Place,
): ReadIntent | undefined {
  const named = Object.keys(written).filter((key) => !BESIDE.includes(key as never));
  const [action] = named;
  const known = [...ACTION_TYPES.keys()];
  const type = ACTION_TYPES.get(action ?? '');
  if (named.length !== 1 || action === undefined) {
    place.source.report({ path: place.path }, 'name one action, such as price.set: { sku: 85123A, price: £8 }');
    return undefined;
  }
  if (!type) {
    const guess = { name: action, known: [...known, ...BESIDE] };
    place.source.report({ path: place.path, key: action }, `unknown action "${action}".`, guess);
    return undefined;
  }
  if (!(AGENTS as readonly string[]).includes(agent) && agent !== 'person') {
    const guess = { name: agent, known: AGENTS };
    place.source.report({ path: place.path.slice(0, -1), key: agent }, `unknown agent "${agent}".`, guess);
  }
  const objective = String(written.objective ?? USUAL_OBJECTIVE[agent] ?? 'safety');
  if (!(OBJECTIVES as readonly string[]).includes(objective)) {
    const guess = { name: objective, known: OBJECTIVES };
    place.source.report({ path: [...place.path, 'objective'] }, `unknown objective "${objective}".`, guess);
  }
  const params = readParams(type, written[action], terms, inside(place, action));
  const flex = params && readFlex(type, written.flex, terms, place);
  if (!params || (written.flex !== undefined && !flex)) return undefined;
  const intent: Intent = {
    action,
    objective,
    params,
    ...(flex ? { flex } : {}),
    reason: String(written.reason ?? 'it said so in the case'),
    cites: readSeen(type, params, written.saw, facts, terms, place),
    ...(written.replaces === undefined ? {} : { replaces: String(written.replaces) }),
  };
  return { intent, type, ...text(written, 'state'), ...text(written, 'since') };
}

function text<Key extends 'state' | 'since'>(written: Readonly<Record<string, unknown>>, key: Key) {
  return (written[key] === undefined ? {} : { [key]: String(written[key]) }) as { readonly [K in Key]?: string };
}

function readParams(type: ActionType, raw: unknown, terms: Terms, place: Place): Record<string, unknown> | undefined {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    place.source.report({ path: place.path }, `${type.type} is written with its fields in braces`);
    return undefined;
  }
  const { shape } = type.params;
  const before = place.source.reported;
  const read = asContractWants(readFields(raw as never, Object.keys(shape), terms, place), shape);
  if (place.source.reported > before) return undefined;
  const usual = usualParams(terms);
  for (const [key, schema] of Object.entries(shape)) {
    if (read[key] === undefined && key in usual && isRequired(schema)) read[key] = usual[key];
  }
  const parsed = type.params.safeParse(read);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = String(issue?.path[0] ?? '');
  const words =
    read[field] === undefined && field in shape
      ? `${type.type} needs ${JSON.stringify(friendly(field))}`
      : `${type.type}: ${issue?.path.map((step) => friendly(String(step))).join('.')}: ${issue?.message}`;
  place.source.report({ path: place.path }, words);
  return undefined;
}

/** `flex: { price: £8 to £9 }`. */
function readFlex(type: ActionType, raw: unknown, terms: Terms, place: Place): Intent['flex'] {
  const [name, range] = Object.entries((raw ?? {}) as Record<string, unknown>)[0] ?? [];
  if (name === undefined) return undefined;
  const [low, high] = String(range)
    .split(' to ')
    .map((end) => readWritten(end, terms));
  const min = Number(low?.value);
  const max = Number(high?.value);
  const param = [`${name}${low?.ending ?? ''}`, name].find((field) => field in type.params.shape);
  if (param !== undefined && Number.isInteger(min) && Number.isInteger(max)) return { param, min, max };
  place.source.report(
    { path: [...place.path, 'flex'] },
    'flex names one parameter and its range, such as { price: £8 to £9 }',
  );
  return undefined;
}

/** What the agent saw: a fact that is no longer so was cited at an older version. */
function readSeen(
  type: ActionType,
  params: Record<string, unknown>,
  raw: unknown,
  facts: ReadonlyMap<string, Fact>,
  terms: Terms,
  place: Place,
): Citation[] {
  if (raw === undefined) return [];
  const target = type.target(params);
  return readFacts(target, raw as Record<string, unknown>, facts, terms, inside(place, 'saw')).map((seen) => {
    const now = facts.get(factKey(target, seen.attribute));
    const same = now !== undefined && JSON.stringify(now.value) === JSON.stringify(seen.value);
    const version = now === undefined ? seen.version : same ? now.version : now.version - 1;
    return { resource: target, attribute: seen.attribute, version };
  });
}
