import { type Impact, NO_IMPACT } from '#shared/contracts/actions/define.ts';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { type Instant, plus } from '#shared/kernel/time.ts';
import { startOfDate } from '../business-time.ts';
import type { RuledIntent, ThresholdInput } from '../policy.ts';
import type { DayRange } from '../seasons.ts';
import { figure } from '../units.ts';
import { MEASURES, type MeasureName } from '../vocabulary.ts';
import { type Ground, objectivesOf, proposersOf, thingOf } from './ground.ts';
import type { Names, Region, Span } from './region.ts';

/** A made-up wish that lies in a region, with the conflict that it is part of where the region asks about one. */
export interface Witness {
  readonly intent: RuledIntent;
  readonly conflict: ThresholdInput['conflict'];
}

const NOON_MS = 12 * 3_600_000;
const MEASURE_NAMES = Object.keys(MEASURES) as readonly MeasureName[];
/** So many values are tried of each field; all combinations of them are looked at. */
const TRIED = 3;
const TRIED_AT_MOST = 600;

/** Wishes in a region, the plainest first: at its ends, with and without the facts that may be missing. The same every time. */
export function witnessesIn(region: Region, ground: Ground): readonly Witness[] {
  const found: Witness[] = [];
  for (const action of actionsIn(region)) {
    for (const agent of agentsFor(action, region, ground)) {
      for (const objective of objectivesFor(agent, action, region, ground)) {
        for (const category of thingOf(action) === 'sku' ? categoriesIn(region) : [undefined]) {
          for (const resource of resourcesFor(action, region)) {
            for (const now of momentsIn(region.seasons, ground)) {
              for (const high of [false, true]) {
                for (const known of [true, false]) {
                  if (found.length >= TRIED_AT_MOST) return found;
                  found.push(made({ action, agent, objective, category, resource, now, high, known }, region));
                }
              }
            }
          }
        }
      }
    }
  }
  return found;
}

interface Chosen {
  readonly action: string;
  readonly agent: string;
  readonly objective: string;
  readonly category: string | undefined;
  readonly resource: ResourceKey;
  readonly now: Instant;
  /** Figures at the upper end of what the region allows, instead of the lower. */
  readonly high: boolean;
  /** Whether facts that may be missing are there. */
  readonly known: boolean;
}

function made({ high, known, ...chosen }: Chosen, region: Region): Witness {
  const type = ACTION_TYPES.get(chosen.action);
  const value = (field: string) => figureIn(region.spans.get(field), high);
  const lasts = known ? value('intent.lasts') : undefined;
  return {
    intent: {
      intent: 'example',
      agent: chosen.agent,
      action: chosen.action,
      objective: chosen.objective,
      resource: chosen.resource,
      aspect: type?.hold?.aspect,
      params: known ? paramsIn(region, high) : {},
      category: chosen.category,
      protective: type?.protective ?? false,
      customerVisible: type?.customerVisible ?? false,
      impact: impactIn(region, 'impact', high),
      window: { from: chosen.now, ...(lasts === undefined ? {} : { to: plus(chosen.now, lasts) }) },
      cause: { type: textIn(region.names.get('intent.cause')) ?? 'schedule.due', time: chosen.now },
      now: chosen.now,
      level: undefined,
    },
    conflict: conflictIn(region, chosen, high),
  };
}

function conflictIn(
  region: Region,
  { agent, action }: Pick<Chosen, 'agent' | 'action'>,
  high: boolean,
): Witness['conflict'] {
  const fields = [...region.spans.keys(), ...region.names.keys(), ...region.members.keys()];
  if (!fields.some((field) => field.startsWith('conflict.'))) return undefined;
  return {
    class: textIn(region.names.get('conflict.class')) ?? 'direct',
    stake: impactIn(region, 'conflict.stake', high),
    agents: [...new Set([agent, ...(region.members.get('conflict.agents') ?? [])])],
    actions: [...new Set([action, ...(region.members.get('conflict.actions') ?? [])])],
  };
}

function impactIn(region: Region, root: string, high: boolean): Impact {
  const given = MEASURE_NAMES.map((name) => [MEASURES[name], figureIn(region.spans.get(`${root}.${name}`), high) ?? 0]);
  return { ...NO_IMPACT, ...(Object.fromEntries(given) as Partial<Impact>) };
}

function paramsIn(region: Region, high: boolean): Record<string, unknown> {
  const params: Record<string, unknown> = {};
  for (const [field, span] of region.spans) {
    if (field.startsWith('params.')) params[field.slice('params.'.length)] = figureIn(span, high);
  }
  for (const [field, names] of region.names) {
    if (field.startsWith('params.')) params[field.slice('params.'.length)] = plain(textIn(names));
  }
  return params;
}

/** Flags are kept as texts. */
function plain(text: string | undefined): unknown {
  return text === 'true' || text === 'false' ? text === 'true' : text;
}

/** A whole figure inside the span, near its lower or its upper end; undefined where nothing is asked of it. */
export function figureIn(span: Span | undefined, high: boolean): number | undefined {
  if (!span) return undefined;
  const lowest = Number.isFinite(span.min) ? (span.minIn ? Math.ceil(span.min) : Math.floor(span.min) + 1) : undefined;
  const highest = Number.isFinite(span.max) ? (span.maxIn ? Math.floor(span.max) : Math.ceil(span.max) - 1) : undefined;
  let value = high ? (highest ?? (lowest ?? 0) * 2 + 100) : (lowest ?? Math.min(0, highest ?? 0));
  const step = high && highest !== undefined ? -1 : 1;
  while (span.but.has(value)) value += step;
  return value;
}

function textIn(names: Names | undefined): string | undefined {
  if (!names) return undefined;
  if (names.only) return [...names.only][0];
  return names.but.has('other') ? 'another' : 'other';
}

function actionsIn(region: Region): readonly string[] {
  const named = [...(region.names.get('action')?.only ?? ACTION_TYPES.keys())];
  const aboutGoods = region.names.has('sku') || region.names.has('category');
  return (aboutGoods ? named.filter((action) => thingOf(action) === 'sku') : named).slice(0, TRIED);
}

function agentsFor(action: string, region: Region, ground: Ground): readonly string[] {
  const names = region.names.get('agent');
  const proposers = proposersOf(action, ground);
  const all = names?.only ? [...names.only] : ground.model.agents.filter((agent) => !names?.but.has(agent));
  const likely = all.filter((agent) => proposers.includes(agent));
  return [...likely, ...all.filter((agent) => !likely.includes(agent))]
    .slice(0, likely.length > 0 ? likely.length : 1)
    .slice(0, TRIED);
}

function objectivesFor(agent: string, action: string, region: Region, ground: Ground): readonly string[] {
  const names = region.names.get('objective');
  const declared = objectivesOf(agent, action, ground);
  const all = names?.only ? [...names.only] : [...declared, 'margin', 'growth'].filter((one) => !names?.but.has(one));
  const likely = all.filter((one) => declared.includes(one));
  return (likely.length > 0 ? likely : all).slice(0, TRIED);
}

function categoriesIn(region: Region): readonly (string | undefined)[] {
  const names = region.names.get('category');
  if (names?.only) return [...names.only].slice(0, TRIED);
  return [undefined, 'another-category'];
}

function resourcesFor(action: string, region: Region): readonly ResourceKey[] {
  const thing = thingOf(action);
  const skus = region.names.get('sku')?.only;
  if (thing === 'sku') return (skus ? [...skus].slice(0, TRIED) : ['85123A']).map((sku): ResourceKey => `sku:${sku}`);
  return [`${thing}:${thing === 'order' ? '563185' : thing === 'customer' ? '17850' : 'example'}`];
}

/** Noon on the first day of each range; without one, now. */
export function momentsIn(ranges: readonly DayRange[] | undefined, { model, now }: Ground): readonly Instant[] {
  if (!ranges) return [now];
  return ranges.slice(0, TRIED).map(({ from }) => {
    const date = from.length === 'mm-dd'.length ? `${now.slice(0, 4)}-${from}` : from;
    return plus(startOfDate(model.calendar, date), NOON_MS);
  });
}

/** `marketing wants promotion.launch on sku:85123A (candles) for growth, with revenue £600.00`. */
export function inWords({ intent, conflict }: Witness, ground: Ground): string {
  const { currency } = ground.model.shop;
  const words = (impact: Impact) =>
    MEASURE_NAMES.filter((name) => impact[MEASURES[name]] !== 0).map(
      (name) =>
        `${name} ${figure(impact[MEASURES[name]], name === 'units' || name === 'customers' ? 'count' : 'money', currency)}`,
    );
  const figures = words(intent.impact);
  const stake = conflict ? words(conflict.stake) : [];
  return [
    `${intent.agent} wants ${intent.action} on ${intent.resource}${intent.category ? ` (${intent.category})` : ''} for ${intent.objective}`,
    ...(figures.length > 0 ? [`moving ${figures.join(', ')}`] : []),
    ...(stake.length > 0 ? [`in a conflict with ${stake.join(', ')} at stake`] : []),
    ...(intent.now === ground.now ? [] : [`on ${intent.now.slice(0, 10)}`]),
  ].join(', ');
}
