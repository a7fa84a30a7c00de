import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import { BASIS_POINTS } from '#shared/kernel/money.ts';
import type { SimpleComparison } from '../condition/simple.ts';
import type { RuleShape } from '../kinds/shape.ts';
import type { DayRange } from '../seasons.ts';

/** The figures that a field may have: from one to another, each included or not, without single ones. */
export interface Span {
  readonly min: number;
  readonly minIn: boolean;
  readonly max: number;
  readonly maxIn: boolean;
  readonly but: ReadonlySet<number>;
}

/** The texts that a field may have: only these, or all but these. */
export interface Names {
  readonly only: ReadonlySet<string> | undefined;
  readonly but: ReadonlySet<string>;
}

/** A set of wishes as a product: for every field what it may be; a field that is not named may be anything, or missing. */
export interface Region {
  readonly names: ReadonlyMap<string, Names>;
  readonly spans: ReadonlyMap<string, Span>;
  /** Lists that must hold these texts. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
  readonly seasons: readonly DayRange[] | undefined;
  /** Whether this is the whole of what the rule asks, not only a part of it. */
  readonly exact: boolean;
}

const ANY: Names = { only: undefined, but: new Set() };
const EVERY: Span = {
  min: Number.NEGATIVE_INFINITY,
  minIn: false,
  max: Number.POSITIVE_INFINITY,
  maxIn: false,
  but: new Set(),
};

/** Figures that are never below nought, whatever an action does. */
const NEVER_NEGATIVE = /^(?:impact|conflict\.stake)\.|^intent\.lasts$|^projected\.contacts$/;

/** What a condition calls the parts of a scope that every wish has. A category may be missing, and then scope and condition differ. */
const SCOPE_FIELDS: Readonly<Record<string, string>> = {
  'intent.action': 'action',
  'intent.agent': 'agent',
  'intent.objective': 'objective',
};

/** What a rule is asked about: its scope and its condition, as far as they can be read as plain comparisons. */
export function regionOf(shape: RuleShape): Region {
  const names = new Map<string, Names>();
  const add = (field: string, only: ReadonlySet<string>) =>
    names.set(field, both(names.get(field) ?? ANY, { only, but: new Set() }));
  add('action', new Set(shape.actions ?? ACTION_TYPES.keys()));
  for (const [field, set] of Object.entries(shape.scope)) add(field, set);
  const scoped: Region = { names, spans: new Map(), members: new Map(), seasons: shape.seasons, exact: true };
  const { condition } = shape;
  return condition ? narrowed(scoped, condition.comparisons, condition.exact) : scoped;
}

/** The region in which these comparisons hold too. */
export function narrowed(region: Region, comparisons: readonly SimpleComparison[], exact: boolean): Region {
  const names = new Map(region.names);
  const spans = new Map(region.spans);
  const members = new Map(region.members);
  for (const { field: written, operator, value } of comparisons) {
    const field = SCOPE_FIELDS[written] ?? written;
    if (operator === 'has') members.set(field, new Set([...(members.get(field) ?? []), String(value)]));
    else if (typeof value === 'number')
      spans.set(field, meet(spans.get(field) ?? wholeSpan(field), spanOf(operator, value)));
    else names.set(field, both(names.get(field) ?? ANY, namesOf(operator, value)));
  }
  return { ...region, names, spans, members, exact: region.exact && exact };
}

export function intersection(a: Region, b: Region): Region {
  return {
    names: merged(a.names, b.names, both),
    spans: merged(a.spans, b.spans, meet),
    members: merged(a.members, b.members, (one, other) => new Set([...one, ...other])),
    seasons: a.seasons && b.seasons ? commonDays(a.seasons, b.seasons) : (a.seasons ?? b.seasons),
    exact: a.exact && b.exact,
  };
}

/** The field that leaves nothing, or undefined where the region holds something as far as can be told. */
export function emptyField(region: Region): string | undefined {
  for (const [field, names] of region.names) if (names.only?.size === 0) return field;
  for (const [field, span] of region.spans) if (isEmptySpan(span)) return field;
  return region.seasons?.length === 0 ? 'season' : undefined;
}

/** Whether every wish of `inner` lies in `outer`. Only an exact outer region can be sure to hold it. */
export function contains(outer: Region, inner: Region): boolean {
  if (!outer.exact) return false;
  for (const [field, names] of outer.names) if (!holdsNames(names, inner.names.get(field))) return false;
  for (const [field, span] of outer.spans) if (!holdsSpan(span, inner.spans.get(field))) return false;
  for (const [field, texts] of outer.members) {
    if (![...texts].every((text) => inner.members.get(field)?.has(text))) return false;
  }
  return (
    outer.seasons === undefined ||
    (inner.seasons?.every((one) => outer.seasons!.some((all) => holdsDays(all, one))) ?? false)
  );
}

export function isEmptySpan(span: Span): boolean {
  if (span.min > span.max) return true;
  return span.min === span.max && (!span.minIn || !span.maxIn || span.but.has(span.min));
}

export function spanOf(operator: SimpleComparison['operator'], value: number): Span {
  if (operator === '<') return { ...EVERY, max: value };
  if (operator === '<=') return { ...EVERY, max: value, maxIn: true };
  if (operator === '>') return { ...EVERY, min: value };
  if (operator === '>=') return { ...EVERY, min: value, minIn: true };
  if (operator === '!=') return { ...EVERY, but: new Set([value]) };
  return { ...EVERY, min: value, minIn: true, max: value, maxIn: true };
}

export function meet(a: Span, b: Span): Span {
  const lower = a.min === b.min ? (a.minIn ? b : a) : a.min > b.min ? a : b;
  const upper = a.max === b.max ? (a.maxIn ? b : a) : a.max < b.max ? a : b;
  const but = new Set([...a.but, ...b.but]);
  return { min: lower.min, minIn: lower.minIn, max: upper.max, maxIn: upper.maxIn, but };
}

/** What a figure may be before any rule is asked: of a price no more than all of it is margin. */
export function wholeSpan(field: string): Span {
  if (field === 'projected.margin') return { ...EVERY, max: BASIS_POINTS, maxIn: true };
  return NEVER_NEGATIVE.test(field) ? { ...EVERY, min: 0, minIn: true } : EVERY;
}

function namesOf(operator: SimpleComparison['operator'], value: SimpleComparison['value']): Names {
  const texts = new Set(Array.isArray(value) ? (value as readonly string[]) : [String(value)]);
  return operator === '!=' ? { only: undefined, but: texts } : { only: texts, but: new Set() };
}

function both(a: Names, b: Names): Names {
  const but = new Set([...a.but, ...b.but]);
  const only = a.only && b.only ? new Set([...a.only].filter((name) => b.only!.has(name))) : (a.only ?? b.only);
  return only ? { only: new Set([...only].filter((name) => !but.has(name))), but: new Set() } : { only, but };
}

function holdsNames(outer: Names, inner: Names | undefined): boolean {
  if (!inner) return false;
  if (inner.only) return [...inner.only].every((name) => (outer.only?.has(name) ?? true) && !outer.but.has(name));
  return outer.only === undefined && [...outer.but].every((name) => inner.but.has(name));
}

function holdsSpan(outer: Span, inner: Span | undefined): boolean {
  if (!inner) return false;
  const lower = inner.min > outer.min || (inner.min === outer.min && (outer.minIn || !inner.minIn));
  const upper = inner.max < outer.max || (inner.max === outer.max && (outer.maxIn || !inner.maxIn));
  return lower && upper && [...outer.but].every((value) => inner.but.has(value) || !lies(inner, value));
}

export function lies(span: Span, value: number): boolean {
  const low = value > span.min || (value === span.min && span.minIn);
  return low && (value < span.max || (value === span.max && span.maxIn)) && !span.but.has(value);
}

/** Ranges of every year and ranges of one year are not compared with each other; nor is one that passes the new year cut. */
function commonDays(a: readonly DayRange[], b: readonly DayRange[]): readonly DayRange[] {
  return a.flatMap((one) =>
    b.flatMap((other): readonly DayRange[] => {
      const plain = one.from.length === other.from.length && one.from <= one.to && other.from <= other.to;
      if (!plain) return holdsDays(other, one) ? [one] : holdsDays(one, other) ? [other] : [one];
      const from = one.from > other.from ? one.from : other.from;
      const to = one.to < other.to ? one.to : other.to;
      return from <= to ? [{ from, to }] : [];
    }),
  );
}

function holdsDays(outer: DayRange, inner: DayRange): boolean {
  if (outer.from === inner.from && outer.to === inner.to) return true;
  if (outer.from.length !== inner.from.length || outer.from > outer.to || inner.from > inner.to) return false;
  return inner.from >= outer.from && inner.to <= outer.to;
}

function merged<Value>(
  a: ReadonlyMap<string, Value>,
  b: ReadonlyMap<string, Value>,
  join: (one: Value, other: Value) => Value,
): ReadonlyMap<string, Value> {
  const all = new Map(a);
  for (const [field, value] of b) {
    const known = all.get(field);
    all.set(field, known === undefined ? value : join(known, value));
  }
  return all;
}
