import { type ASTNode, TypeError as CelTypeError, Environment, ParseError } from '@marcbachmann/cel-js';
import { RULE_LIMITS } from '../rule-error.ts';
import { UnitError } from '../units.ts';
import { ARITHMETIC, checkCondition, pathsIn, type TypeOf } from './check.ts';
import type { ParamTypes } from './params.ts';
import { termOf } from './terms.ts';
import { translate } from './translate.ts';
import { FIELDS, type FieldType, type Root, type Values } from './vocabulary.ts';

/** A condition that is ready to be asked. It answers `unknown` where it reads a fact that is missing. */
export interface Condition {
  readonly source: string;
  readonly ast: ASTNode;
  /** The fields that it reads, by their whole path. */
  readonly reads: readonly string[];
  readonly roots: ReadonlySet<Root>;
  readonly typeOf: TypeOf;
  ask(values: Readonly<Partial<Record<Root, Values>>>): boolean | 'unknown';
}

export interface BadCondition {
  readonly offset: number;
  readonly message: string;
  /** Set where a name was mistyped. */
  readonly guess?: { readonly name: string; readonly known: readonly string[] };
}

type View = new (values: Values) => object;

const CEL_TYPES: Readonly<Record<FieldType, string>> = {
  money: 'double',
  percent: 'double',
  duration: 'double',
  count: 'double',
  text: 'string',
  texts: 'list<string>',
  flag: 'bool',
};

/** CEL finds the type of a value by its class, so every root, and every group in a root, has one. */
function viewClass(groups: Readonly<Record<string, View>>): View {
  return class {
    constructor(values: Values) {
      Object.assign(this, values);
      for (const [group, View] of Object.entries(groups)) {
        (this as Record<string, unknown>)[group] = new View(values[group] as Values);
      }
    }
  };
}

interface Language {
  readonly environment: Environment;
  readonly views: Readonly<Record<string, View>>;
  readonly fields: Fields;
  readonly typeOf: TypeOf;
}

type Fields = Readonly<Partial<Record<Root, Readonly<Record<string, FieldType>>>>>;

const languages = new Map<string, Language>();

/** One environment for each set of roots and parameters; a condition of a guardrail cannot name a conflict. */
function languageOf(roots: readonly Root[], params: ParamTypes): Language {
  const key = JSON.stringify([roots, roots.includes('params') ? Object.entries(params).sort() : []]);
  const known = languages.get(key);
  if (known) return known;
  const environment = new Environment({
    limits: {
      maxAstNodes: RULE_LIMITS.conditionNodes,
      maxDepth: RULE_LIMITS.conditionDepth,
      maxListElements: RULE_LIMITS.listLength,
      maxMapEntries: 0,
      maxCallArguments: 4,
    },
  });
  // CEL keeps whole numbers and fractions apart; merchants do not.
  for (const [operator, apply] of Object.entries(ARITHMETIC)) {
    environment.registerOperator(`double ${operator} int`, (a: number, b: bigint) => apply(a, Number(b)));
    environment.registerOperator(`int ${operator} double`, (a: bigint, b: number) => apply(Number(a), b));
  }
  environment.registerOperator('double == int', (a: number, b: bigint) => a === Number(b));
  const views: Record<string, View> = {};
  const fields: Fields = Object.fromEntries(roots.map((root) => [root, root === 'params' ? params : FIELDS[root]]));
  for (const root of roots) views[root] = declare(environment, root, fields[root] ?? {});
  const typeOf: TypeOf = (path) => {
    const dot = path.indexOf('.');
    const ofRoot = fields[path.slice(0, dot) as Root];
    const name = path.slice(dot + 1);
    return ofRoot && Object.hasOwn(ofRoot, name) ? ofRoot[name] : undefined;
  };
  const language = { environment, views, fields, typeOf };
  languages.set(key, language);
  return language;
}

function declare(environment: Environment, root: Root, types: Readonly<Record<string, FieldType>>): View {
  const fields: Record<string, string> = {};
  const inGroups: Record<string, Record<string, string>> = {};
  for (const [name, type] of Object.entries(types)) {
    const [group = '', field] = name.split('.');
    if (field === undefined) fields[name] = CEL_TYPES[type];
    else inGroups[group] = { ...inGroups[group], [field]: CEL_TYPES[type] };
  }
  const groups: Record<string, View> = {};
  for (const [group, members] of Object.entries(inGroups)) {
    const View = viewClass({});
    environment.registerType(`${root}_${group}`, { ctor: View, fields: members });
    fields[group] = `${root}_${group}`;
    groups[group] = View;
  }
  const View = viewClass(groups);
  environment.registerType(`${root}_view`, { ctor: View, fields });
  environment.registerVariable(root, `${root}_view`);
  return View;
}

/** Translates, parses, type-checks and bounds a condition. */
export function compileCondition(
  source: string,
  roots: readonly Root[],
  currency: string,
  params: ParamTypes = {},
): { readonly condition: Condition } | { readonly bad: BadCondition } {
  // Parameters make a language for each set of actions, so only conditions that may name them get one.
  const language = languageOf(source.includes('params') ? roots : roots.filter((root) => root !== 'params'), params);
  const { environment } = language;
  try {
    const written = translate(source, currency);
    const first = environment.parse(written.text);
    const { fault, shares } = checkCondition(first.ast, written.units, language.typeOf);
    const translation =
      shares.length === 0 ? written : translate(source, currency, new Set(shares.map((at) => written.original(at))));
    const parsed = translation === written ? first : environment.parse(translation.text);
    const place = (offset: number) => written.original(offset);
    if (fault) return { bad: { offset: place(fault.at), message: fault.message } };
    const { valid, type, error } = parsed.check();
    if (!valid)
      return {
        bad: badFrom(error, translation.text, (offset) => translation.original(offset), roots, language.fields),
      };
    if (type !== 'bool')
      return { bad: { offset: 0, message: 'a condition must be true or false; compare it with something' } };
    return { condition: conditionOf(source, translation.text, parsed, language) };
  } catch (thrown) {
    if (thrown instanceof UnitError) return { bad: { offset: thrown.offset, message: thrown.message } };
    if (thrown instanceof ParseError || thrown instanceof CelTypeError) {
      const translation = translate(source, currency);
      return {
        bad: badFrom(thrown, translation.text, (offset) => translation.original(offset), roots, language.fields),
      };
    }
    throw thrown;
  }
}

function conditionOf(
  source: string,
  text: string,
  parsed: ReturnType<Environment['parse']>,
  { environment, views, typeOf }: Language,
): Condition {
  const reads = [...new Set(pathsIn(parsed.ast, typeOf))];
  const roots = new Set(reads.map((path) => path.slice(0, path.indexOf('.')) as Root));
  const contextOf = (values: Readonly<Partial<Record<Root, Values>>>) => {
    const context: Record<string, unknown> = {};
    for (const root of roots) {
      const given = values[root];
      const View = views[root];
      if (!given || !View) return undefined;
      context[root] = new View(given);
    }
    return context;
  };
  const term = termOf(parsed.ast, parsed, text, environment, typeOf);
  const ask: Condition['ask'] = (values) => {
    let made: { readonly context: ReturnType<typeof contextOf> } | undefined;
    const context = () => {
      made ??= { context: contextOf(values) };
      return made.context;
    };
    return term({ values, context });
  };
  return { source, ast: parsed.ast, reads, roots, typeOf, ask };
}

const NO_PARAMS =
  '"params" needs a scope with actions that have parameters in common, such as scope: { action: price.set }';

function badFrom(
  error: ParseError | CelTypeError | undefined,
  text: string,
  place: (offset: number) => number,
  roots: readonly Root[],
  fields: Fields,
): BadCondition {
  const start = error?.range?.start ?? 0;
  const offset = place(start);
  const name = /^\.?([A-Za-z_]\w*)/.exec(text.slice(start))?.[1] ?? '';
  const summary = error?.summary ?? 'not a condition';
  if (error?.code === 'unknown_variable') {
    return {
      offset,
      message: `unknown name "${name}"; this kind of rule knows ${roots.join(', ')}.`,
      guess: { name, known: roots },
    };
  }
  if (error?.code === 'no_such_key') {
    const field = /No such key: (\w+)/.exec(summary)?.[1] ?? name;
    const known = Object.values(fields).flatMap((ofRoot) => Object.keys(ofRoot).flatMap((path) => path.split('.')));
    const noParams =
      fields.params && Object.keys(fields.params).length === 0 && text.slice(0, start).endsWith('params.');
    if (noParams) return { offset, message: NO_PARAMS };
    return { offset, message: `unknown field "${field}".`, guess: { name: field, known } };
  }
  const slip = slipIn(text, start);
  if (slip) return { offset: place(slip.at), message: slip.message };
  return { offset, message: `not a condition: ${lowerFirst(summary).replace('EOF', 'end of text')}` };
}

/** What people write who do not write conditions every day; undefined where it is something else. */
function slipIn(text: string, start: number): { readonly at: number; readonly message: string } | undefined {
  const word = /^(?:[^"']|"[^"]*"|'[^']*')*?(?<![\w.])(and|or|not)\b/i.exec(text);
  if (word?.[1]) {
    const sign = { and: '&&', or: '||', not: '!' }[word[1].toLowerCase()];
    return { at: word[0].length - word[1].length, message: `write ${sign} instead of "${word[1]}"` };
  }
  if (/^[\p{Zs}\p{Cf}]/u.test(text.slice(start).replace(/^ +/, ''))) {
    const at = start + text.slice(start).search(/[^ ]|$/);
    return { at, message: 'here stands a character that cannot be seen; delete it, or write a blank' };
  }
  const at = start + text.slice(start).search(/\S|$/);
  const letter = /^[^\p{ASCII}£€¥]/u.exec(text.slice(at))?.[0];
  if (letter !== undefined)
    return { at, message: `"${letter}" cannot stand here, whatever it looks like; type it anew` };
  const amount = /^[£€$¥] ?[\d.,]*/.exec(text.slice(at))?.[0];
  if (amount !== undefined) return { at, message: `"${amount}" is not an amount of money; write for example £5,000` };
  if (/^=(?!=)/.test(text.slice(at))) return { at, message: 'write == (equal), >= (at least) or <= (at most)' };
  return undefined;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
