import { formatMoney } from '#shared/kernel/money.ts';
import type { NamedRule } from '#shared/policy/assemble.ts';
import { Source } from '#shared/policy/source.ts';
import { MEASURES } from '#shared/policy/vocabulary.ts';
import { type Consistent, consistent } from './consistent.ts';
import type { Party, Precedent } from './features.ts';

/** A rule that people's rulings amount to. Nothing of it is in force: it is shown with what it rests on. */
export interface Proposal {
  /** The rule's id: of a new one, or of the one whose limit would move. */
  readonly rule: string;
  readonly kind: 'priority' | 'autonomy' | 'threshold';
  /** In one sentence. */
  readonly says: string;
  /** The rule as it would stand in a rule file. */
  readonly yaml: string;
  /** The file and line of the rule that it would take the place of, and the file's text with it. */
  readonly replaces?: { readonly file: string; readonly line: number; readonly text: string };
  /** The newest first. */
  readonly rulings: readonly Ruled[];
  readonly against: readonly Ruled[];
}

type Ruled = Pick<Precedent, 'escalation' | 'by' | 'at' | 'option'>;

interface Known {
  readonly rules: readonly NamedRule[];
  readonly files: Readonly<Record<string, string>>;
  readonly currency: string;
}

/** The rules that consistent rulings amount to, those with the most rulings behind them first. */
export function propose(precedents: readonly Precedent[], known: Known): Proposal[] {
  const found = [
    ...[...Map.groupBy(precedents, (one) => one.rule).values()].flatMap((alike) => limitMoved(alike, known) ?? []),
    ...[...Map.groupBy(precedents, caseKey).values()].flatMap((alike) => widest(alike, known)),
  ];
  const ids = new Set(known.rules.map((rule) => rule.compiled.id));
  return found
    .filter((proposal) => proposal.replaces || !ids.has(proposal.rule))
    .sort((a, b) => b.rulings.length - a.rulings.length || (a.rule < b.rule ? -1 : 1));
}

/** Class, parties, aspect, rule: what makes two cases alike. */
function caseKey({ class: name, parties, aspect, rule }: Precedent): string {
  const who = parties.map((party) => `${party.agent}:${party.action}`).sort();
  return `${name} ${who.join('+')} ${aspect} ${rule}`;
}

/** A rule about all of these cases where they agree; else about those of single categories that do. */
function widest(alike: readonly Precedent[], known: Known): Proposal[] {
  const whole = ruleFrom(alike, undefined, known);
  if (whole) return [whole];
  const byCategory = Map.groupBy(alike, (one) => {
    const categories = new Set(one.parties.map((party) => party.category));
    return categories.size === 1 ? [...categories][0] : undefined;
  });
  return [...byCategory].flatMap(([category, cases]) =>
    category === undefined ? [] : (ruleFrom(cases, category, known) ?? []),
  );
}

function ruleFrom(alike: readonly Precedent[], category: string | undefined, known: Known): Proposal | undefined {
  return alike[0]?.class === 'limit' ? freedom(alike, category, known) : winner(alike, category);
}

/** People let one party win where the rules would have let another: the order of the two, for these actions. */
function winner(alike: readonly Precedent[], category: string | undefined): Proposal | undefined {
  const agreed = consistent(alike, winnerOf);
  const example = agreed?.rulings[0];
  // Where the rules came to the same, there is no order to change.
  if (!agreed || !example || agreed.way === '' || agreed.rulings.every((one) => one.option !== 'alternative'))
    return undefined;
  const won = example.parties.filter((_, index) => example.carriedOut.includes(index));
  const lost = example.parties.filter((_, index) => !example.carriedOut.includes(index));
  const order = orderOf(won, lost);
  if (!order) return undefined;
  const actions = [...new Set(example.parties.map((party) => party.action))].sort();
  const id = idOf([
    ...new Set(won.map((party) => party.agent)),
    'before',
    ...new Set(lost.map((party) => party.agent)),
    category,
  ]);
  const says = `${partyWords(won)} goes before ${partyWords(lost)}${category ? ` for ${category}` : ''}`;
  return {
    rule: id,
    kind: 'priority',
    says,
    yaml: ruleText([
      ['id', id],
      ['kind', 'priority'],
      ['scope', scopeText({ action: actions, category })],
      [order.by, list(order.names)],
      ['why', quoted(`${says}: so people decided ${agreed.rulings.length} of ${alike.length} times.`)],
    ]),
    ...behind(agreed),
  };
}

/** The wishes that were carried out; `` where none was, undefined where all were. */
function winnerOf({ parties, carriedOut }: Precedent): string | undefined {
  if (carriedOut.length === parties.length) return undefined;
  return carriedOut
    .map((index) => `${parties[index]!.agent}:${parties[index]!.action}`)
    .sort()
    .join('+');
}

/** Objectives are compared before agents, so agents are put in order only where all want it for one objective. */
function orderOf(
  won: readonly Party[],
  lost: readonly Party[],
): { readonly by: 'objectives' | 'agents'; readonly names: readonly string[] } | undefined {
  for (const [by, trait] of [
    ['objectives', 'objective'],
    ['agents', 'agent'],
  ] as const) {
    const first = [...new Set(won.map((party) => party[trait]))];
    const then = [...new Set(lost.map((party) => party[trait]))];
    if (first.length === 1 && then.length === 1 && first[0] === then[0]) continue;
    return first.some((name) => then.includes(name)) ? undefined : { by, names: [...first, ...then] };
  }
  return undefined;
}

/** What nothing collides with and people always refuse is left alone; what an autonomy rule asks about and they always allow is only told. */
function freedom(alike: readonly Precedent[], category: string | undefined, known: Known): Proposal | undefined {
  const agreed = consistent(alike, (one) => (one.carriedOut.length > 0 ? 'yes' : 'no'));
  const example = agreed?.rulings[0];
  const party = example?.parties[0];
  const rule = known.rules.find((one) => one.compiled.id === example?.rule);
  if (!agreed || !example || !party || !rule) return undefined;
  const asks = rule.compiled.shape.says;
  const asked = asks.kind === 'autonomy' && asks.mode === 'ask';
  if (agreed.way === 'yes' && !asked) return undefined;
  const mode = agreed.way === 'yes' ? 'tell' : 'off';
  const when =
    mode === 'off' && asks.kind === 'threshold' && asks.overMs === undefined ? aboveText(asks, known) : undefined;
  if (mode === 'off' && asks.kind !== 'autonomy' && !when) return undefined;
  const written = asks.kind === 'autonomy' ? writtenOf(rule, known) : {};
  const id = idOf([party.agent, party.action.replace('.', '-'), mode === 'tell' ? 'told' : 'left-alone', category]);
  const what = `${party.agent} ${party.action}${category ? ` for ${category}` : ''}${when ? ` above ${when.limit}` : ''}`;
  const says =
    mode === 'tell'
      ? `${what} is told instead of asked by ${example.rule}, and silence means yes`
      : `${what} is not done`;
  return {
    rule: id,
    kind: 'autonomy',
    says: written.when ? `${says}, where ${written.when}` : says,
    yaml: ruleText([
      ['id', id],
      ['kind', 'autonomy'],
      [
        'scope',
        scopeText({ ...written.scope, action: [party.action], agent: party.agent, ...(category && { category }) }),
      ],
      ...(when ? [['when', when.text] as const] : []),
      ...(written.when ? [['when', quoted(written.when)] as const] : []),
      ['mode', mode],
      ['why', quoted(`${says}: so people decided ${agreed.rulings.length} of ${alike.length} times.`)],
    ]),
    ...behind(agreed),
  };
}

interface WrittenAutonomy {
  readonly when?: string;
  readonly scope?: Partial<Record<'category' | 'sku' | 'objective' | 'season', string | readonly string[]>>;
}

/** Where the rule that was ruled on speaks at all: rulings say nothing of what it never asked about. */
function writtenOf({ file, compiled }: NamedRule, { files }: Known): WrittenAutonomy {
  const { rules = [] } = new Source(file, files[file] ?? '').data as { rules?: ({ id?: string } & WrittenAutonomy)[] };
  return rules.find((rule) => rule.id === compiled.id) ?? {};
}

type Threshold = Extract<NamedRule['compiled']['shape']['says'], { kind: 'threshold' }>;

/** People let what a threshold asks about go ahead as the rules would have it: it asks too early. */
function limitMoved(alike: readonly Precedent[], { rules, files, currency }: Known): Proposal | undefined {
  const rule = rules.find((entry) => entry.compiled.id === alike[0]?.rule);
  const says = rule?.compiled.shape.says;
  if (!rule || says?.kind !== 'threshold' || says.overMs !== undefined) return undefined;
  const agreed = consistent(alike, (one) => (one.option === 'proposed' ? 'as proposed' : 'otherwise'));
  if (agreed?.way !== 'as proposed') return undefined;
  const limit = limitAbove(agreed, says);
  const text = limit && movedText(files[rule.file] ?? '', rule, limit, says, currency);
  if (!limit || !text) return undefined;
  const words = (value: number) => figureText(value, says.measure, currency);
  return {
    rule: rule.compiled.id,
    kind: 'threshold',
    says: `${rule.compiled.id} asks above ${words(limit)} instead of ${words(says.limit)}`,
    yaml: text.rule,
    replaces: { file: rule.file, line: rule.line, text: text.file },
    ...behind(agreed),
  };
}

/** Above every stake that was let through, in two figures, and below the smallest that was not. */
function limitAbove({ rulings, against }: Consistent, says: Threshold): number | undefined {
  const most = Math.max(...rulings.map((one) => one.stake));
  const unit = 10 ** Math.max(says.measure.endsWith('Minor') ? 2 : 0, Math.floor(Math.log10(Math.max(most, 1))) - 1);
  const limit = Math.ceil(most / unit) * unit;
  if (limit <= says.limit || against.some((one) => one.stake <= limit)) return undefined;
  return limit;
}

const MEASURE_NAMES = new Map(Object.entries(MEASURES).map(([name, measure]) => [measure, name]));

/** The rule's text with its limit moved, and the whole file's. */
function movedText(
  file: string,
  rule: Pick<NamedRule, 'line'>,
  limit: number,
  says: Pick<Threshold, 'measure'>,
  currency: string,
): { readonly rule: string; readonly file: string } | undefined {
  const lines = file.split('\n');
  const from = rule.line - 1;
  const length = lines.slice(from + 1).findIndex((line) => /^\s*- |^\S/.test(line));
  const end = length < 0 ? lines.length : from + 1 + length;
  const pattern = new RegExp(`(\\.${MEASURE_NAMES.get(says.measure)}\\s*>=?\\s*)[^\\s&|)"']+`);
  const at = lines.findIndex((line, index) => index >= from && index < end && pattern.test(line));
  if (at < 0) return undefined;
  const moved = lines.with(at, lines[at]!.replace(pattern, `$1${figureText(limit, says.measure, currency)}`));
  return { rule: `${moved.slice(from, end).join('\n').trimEnd()}\n`, file: moved.join('\n') };
}

function aboveText(says: Threshold, { currency }: Known): { readonly text: string; readonly limit: string } {
  const limit = figureText(says.limit, says.measure, currency);
  return { text: `impact.${MEASURE_NAMES.get(says.measure)} ${says.operator} ${limit}`, limit };
}

function figureText(value: number, measure: Threshold['measure'], currency: string): string {
  return measure.endsWith('Minor') ? formatMoney(value, currency).replace(/\.00$/, '') : String(value);
}

function behind({ rulings, against }: Consistent): Pick<Proposal, 'rulings' | 'against'> {
  const ruled = ({ escalation, by, at, option }: Precedent): Ruled => ({ escalation, by, at, option });
  return { rulings: rulings.map(ruled), against: against.map(ruled) };
}

function partyWords(parties: readonly Party[]): string {
  return [...new Set(parties.map((party) => `${party.agent} ${party.action}`))].join(' and ');
}

function idOf(parts: readonly (string | undefined)[]): string {
  return parts
    .flatMap((part) => part ?? [])
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-|-$/g, '');
}

type Narrowing = Readonly<Record<string, string | readonly string[] | undefined>>;

function scopeText({ action, ...narrower }: Narrowing & { readonly action: readonly string[] }): string {
  const parts = [`action: ${list(action)}`];
  for (const [key, value] of Object.entries(narrower))
    if (value !== undefined)
      parts.push(`${key}: ${typeof value === 'string' ? quoted(value) : `[${value.map(quoted).join(', ')}]`}`);
  return `{ ${parts.join(', ')} }`;
}

function ruleText(parts: readonly (readonly [string, string])[]): string {
  return parts.map(([key, value], index) => `${index === 0 ? '  - ' : '    '}${key}: ${value}\n`).join('');
}

const list = (names: readonly string[]) =>
  names.length === 1 ? quoted(names[0]!) : `[${names.map(quoted).join(', ')}]`;

/** Bare where nothing in it could be read as anything but text. */
function quoted(text: string): string {
  return /^[a-z][a-z0-9.-]*$/i.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
