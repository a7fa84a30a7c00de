import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Scope } from './fields.ts';
import type { RuledIntent } from './policy.ts';
import type { Seasons } from './seasons.ts';
import type { Path, Source } from './source.ts';
import { OBJECTIVES } from './vocabulary.ts';

/** A scope that is ready to be asked. The action is not its business: the index settled it. */
export interface CompiledScope {
  readonly spec: Partial<Scope>;
  /** Among rules of which one speaks, the narrower goes first; 0 is everything. */
  readonly narrowness: number;
  takesIn(intent: RuledIntent): boolean;
  takesThing(thing: Thing): boolean;
  /** The first part of the scope that keeps it out, in words; undefined where it is inside. */
  whyNot(intent: RuledIntent): string | undefined;
  whyNotThing(thing: Thing): string | undefined;
}

/** What a rule that knows no agent is asked about. */
export interface Thing {
  readonly resource: string;
  readonly category: string | undefined;
  readonly now: Instant;
}

/** A single SKU is narrower than any category, a category narrower than any action, and so on. */
const WEIGHTS: Readonly<Record<keyof Scope, number>> = {
  sku: 32,
  category: 16,
  action: 8,
  agent: 4,
  objective: 2,
  season: 1,
};

/** Reports action types, agents, objectives and seasons that nobody knows: a mistyped name would silently switch a rule off. */
export function checkScope(
  source: Source,
  path: Path,
  scope: Partial<Scope> | undefined,
  agents: readonly string[],
  seasons: Seasons,
): void {
  const known = {
    action: [...ACTION_TYPES.keys()],
    agent: agents,
    objective: OBJECTIVES as readonly string[],
    season: [...seasons.ranges.keys()],
  } as const;
  // A SKU is written here as on its label; the key of a resource (sku:85123A) would be like none.
  for (const field of ['sku', 'category'] as const) {
    const keyed = scope?.[field]?.find((name) => name.startsWith(`${field}:`));
    if (keyed)
      source.report({ path: [...path, field] }, `write "${keyed.slice(field.length + 1)}", without "${field}:"`);
  }
  for (const field of ['action', 'agent', 'objective', 'season'] as const) {
    for (const name of scope?.[field] ?? []) {
      if (known[field].includes(name)) continue;
      const where = field === 'season' && known.season.length === 0 ? '; shop.yaml has no "seasons"' : '.';
      source.report({ path: [...path, field] }, `unknown ${field} "${name}"${where}`, { name, known: known[field] });
    }
  }
}

export function compileScope(scope: Partial<Scope> | undefined, seasons: Seasons): CompiledScope {
  const spec = scope ?? {};
  const { category, agent, objective, sku, season } = spec;
  const inSeason = (now: Instant) => season === undefined || season.some((name) => seasons.isOn(name, now));
  const whyNotThing = ({ resource, category: its, now }: Thing) =>
    outside('category', its, category) ??
    (holdsSku(sku, resource) ? undefined : outside('sku', resource, sku)) ??
    (inSeason(now) ? undefined : `scope.season: ${now.slice(0, 10)} is not in ${season?.join(', ')}`);
  return {
    spec,
    narrowness: (Object.keys(WEIGHTS) as (keyof Scope)[]).reduce((sum, key) => sum + (spec[key] ? WEIGHTS[key] : 0), 0),
    takesIn: scope
      ? (intent) =>
          holdsName(category, intent.category) &&
          holdsName(agent, intent.agent) &&
          holdsName(objective, intent.objective) &&
          holdsSku(sku, intent.resource) &&
          inSeason(intent.now)
      : () => true,
    takesThing: (thing) => holdsName(category, thing.category) && holdsSku(sku, thing.resource) && inSeason(thing.now),
    whyNot: (intent) =>
      outside('agent', intent.agent, agent) ?? outside('objective', intent.objective, objective) ?? whyNotThing(intent),
    whyNotThing,
  };
}

/** `scope.category: bags is not candles`, or undefined where the name is one of those listed. */
export function outside(
  field: keyof Scope,
  name: string | undefined,
  names: readonly string[] | undefined,
): string | undefined {
  if (holdsName(names, name)) return undefined;
  return `scope.${field}: ${name ?? 'none'} is not ${(names ?? []).join(' or ')}`;
}

function holdsName(names: readonly string[] | undefined, name: string | undefined): boolean {
  return names === undefined || (name !== undefined && names.includes(name));
}

function holdsSku(skus: readonly string[] | undefined, resource: string): boolean {
  return skus === undefined || (resource.startsWith('sku:') && skus.includes(resource.slice(4)));
}
