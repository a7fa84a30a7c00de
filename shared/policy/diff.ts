import { SHOP_FILE } from './shop-schema.ts';
import { Source } from './source.ts';

/** One value that two versions of a rule, or of shop.yaml, do not share. */
interface ChangedValue {
  /** `assert`, `ask.within`; `file` where the rule moved, `order` where it now speaks before or after others. */
  readonly key: string;
  /** The words that differ, as written; undefined where the key is new or gone. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export type RuleChange =
  | { readonly change: 'added' | 'removed'; readonly rule: string; readonly place: string; readonly about: string }
  | {
      readonly change: 'changed';
      readonly rule: string;
      readonly place: string;
      readonly values: readonly ChangedValue[];
    };

type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

interface Written {
  readonly id: string;
  readonly kind: string;
  readonly file: string;
  readonly line: number;
  readonly body: { readonly [key: string]: Plain };
}

/** Rule by rule what differs between two sets of files, both of which load. Comments and layout do not count; order does where it decides. */
export function diffRuleSets(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly RuleChange[] {
  const old = writtenIn(before);
  const now = writtenIn(after);
  const oldById = new Map(old.map((rule) => [rule.id, rule]));
  const nowById = new Map(now.map((rule) => [rule.id, rule]));
  const removed = old.filter((rule) => !nowById.has(rule.id)).map((rule) => whole('removed', rule));
  const moved = movedIn(old, now);
  const others = now.flatMap((rule): RuleChange[] => {
    const was = oldById.get(rule.id);
    if (!was) return [whole('added', rule)];
    const values = [
      ...changedValues(was.body, rule.body, ''),
      ...(was.file === rule.file ? [] : [{ key: 'file', from: was.file, to: rule.file }]),
      ...(moved.has(rule.id) ? [orderOf(rule.id, old, now)] : []),
    ];
    return values.length === 0 ? [] : [{ change: 'changed', rule: rule.id, place: placeOf(rule), values }];
  });
  const shop = changedValues(shopOf(before), shopOf(after), '');
  return [
    ...removed,
    ...others,
    ...(shop.length === 0
      ? []
      : [{ change: 'changed', rule: SHOP_FILE, place: SHOP_FILE, values: shop } satisfies RuleChange]),
  ];
}

/** `margin-floor: assert 15% -> 12%`; a line for each thing that changed. */
export function ruleChangeText(change: RuleChange): readonly string[] {
  if (change.change !== 'changed') {
    return [`${change.rule}: ${change.change} (${change.about}, ${change.place})`];
  }
  return change.values.map(({ key, from, to }) => {
    if (from === undefined) return `${change.rule}: ${key} added: ${to}`;
    if (to === undefined) return `${change.rule}: ${key} removed, was: ${from}`;
    return `${change.rule}: ${key} ${from} -> ${to}`;
  });
}

function whole(change: 'added' | 'removed', rule: Written): RuleChange {
  return {
    change,
    rule: rule.id,
    place: placeOf(rule),
    about: `${rule.kind}: ${String(rule.body.why ?? '')}`,
  };
}

const placeOf = (rule: Written) => `${rule.file}:${rule.line}`;

function writtenIn(files: Readonly<Record<string, string>>): readonly Written[] {
  return Object.keys(files)
    .filter((name) => name !== SHOP_FILE)
    .sort()
    .flatMap((file) => {
      const source = new Source(file, files[file] ?? '');
      const rules = (source.data as { rules?: unknown } | null | undefined)?.rules;
      return (Array.isArray(rules) ? rules : []).flatMap((rule: unknown, index): Written[] => {
        const { id, kind, ...body } = (rule ?? {}) as { id?: unknown; kind?: unknown };
        if (typeof id !== 'string' || typeof kind !== 'string') return [];
        const { line } = source.position({ path: ['rules', index] });
        // A rule that changes its kind is another rule, but a reader looks for it under its id.
        return [{ id, kind, file, line, body: { kind, ...body } as Written['body'] }];
      });
    });
}

function shopOf(files: Readonly<Record<string, string>>): { readonly [key: string]: Plain } {
  const data = new Source(SHOP_FILE, files[SHOP_FILE] ?? '').data;
  return (data ?? {}) as { readonly [key: string]: Plain };
}

function changedValues(
  before: { readonly [key: string]: Plain },
  after: { readonly [key: string]: Plain },
  prefix: string,
): ChangedValue[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key): ChangedValue[] => {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    const from = before[key];
    const to = after[key];
    if (isMap(from) && isMap(to)) return changedValues(from, to, path);
    if (from === undefined || to === undefined) {
      return [
        { key: path, from: from === undefined ? undefined : text(from), to: to === undefined ? undefined : text(to) },
      ];
    }
    if (text(from) === text(to)) return [];
    return [{ key: path, ...words(text(from), text(to)) }];
  });
}

function isMap(value: Plain | undefined): value is { readonly [key: string]: Plain } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As a merchant would write it; one name and a list of one name are the same. */
function text(value: Plain): string {
  if (Array.isArray(value)) return value.map(text).join(', ');
  if (isMap(value)) {
    return Object.entries(value)
      .map(([key, inner]) => `${key}: ${text(inner)}`)
      .join(', ');
  }
  return String(value);
}

/** From the first word that differs: `projected.margin >= 15%` and `… >= 12%` give `15%` and `12%`. Ends stay, so that no figure loses its unit. */
function words(from: string, to: string): { readonly from: string; readonly to: string } {
  const a = from.split(' ');
  const b = to.split(' ');
  let head = 0;
  while (head < Math.min(a.length, b.length) - 1 && a[head] === b[head]) head++;
  return { from: a.slice(head).join(' '), to: b.slice(head).join(' ') };
}

/** Ids of rules that stand in both sets and changed their place among the rules of their kind: the fewest that explain the new order. */
function movedIn(old: readonly Written[], now: readonly Written[]): ReadonlySet<string> {
  const moved = new Set<string>();
  for (const kind of new Set(now.map((rule) => rule.kind))) {
    const before = old.filter((rule) => rule.kind === kind).map((rule) => rule.id);
    const after = now.filter((rule) => rule.kind === kind && before.includes(rule.id)).map((rule) => rule.id);
    const stayed = longestRising(after.map((id) => before.indexOf(id)));
    for (const [index, id] of after.entries()) if (!stayed.has(index)) moved.add(id);
  }
  return moved;
}

/** Indexes of a longest rising run of the numbers, gaps allowed. */
function longestRising(numbers: readonly number[]): ReadonlySet<number> {
  const ends: number[] = [];
  const previous: (number | undefined)[] = [];
  for (const [index, number] of numbers.entries()) {
    let length = ends.findIndex((end) => numbers[end]! >= number);
    if (length === -1) length = ends.length;
    previous[index] = ends[length - 1];
    ends[length] = index;
  }
  const stayed = new Set<number>();
  for (let index = ends.at(-1); index !== undefined; index = previous[index]) stayed.add(index);
  return stayed;
}

function orderOf(id: string, old: readonly Written[], now: readonly Written[]): ChangedValue {
  return { key: 'order', from: standing(id, old), to: standing(id, now) };
}

function standing(id: string, rules: readonly Written[]): string {
  const kind = rules.find((rule) => rule.id === id)?.kind;
  const same = rules.filter((rule) => rule.kind === kind);
  const before = same[same.findIndex((rule) => rule.id === id) - 1];
  return before ? `after ${before.id}` : `first ${kind} rule`;
}
