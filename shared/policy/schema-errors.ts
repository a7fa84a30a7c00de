import type { z } from 'zod';
import type { Path, Source } from './source.ts';

type Issue = z.core.$ZodIssue;
type Schema = z.core.$ZodType;

/** Reports what a schema found, each at its place in the file and in a merchant's words. */
export function reportIssues(
  source: Source,
  schema: Schema,
  base: Path,
  issues: readonly Issue[],
  data: unknown,
): void {
  for (const issue of issues) {
    const inside = issue.path.filter((step) => typeof step !== 'symbol');
    const path = [...base, ...inside];
    const name = path.at(-1);
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, inside);
      for (const key of issue.keys) {
        source.report({ path, key }, `unknown key "${key}".`, { name: key, known });
      }
    } else if (issue.code === 'invalid_value') {
      const written = valueAt(data, inside);
      const allowed = issue.values.map(String);
      if (written === undefined) source.report({ path }, `${subjectOf(name)} is missing`);
      else {
        const guess = typeof written === 'string' ? { name: written, known: allowed } : undefined;
        source.report({ path }, `${subjectOf(name)} must be ${orList(allowed)}.`, guess);
      }
    } else if (issue.code === 'invalid_key') {
      source.report({ path }, `"${name}" is not a name that can stand here: ${issue.issues[0]?.message ?? ''}`);
    } else {
      source.report({ path }, wordsOf(issue, name, valueAt(data, inside)));
    }
  }
}

function wordsOf(issue: Issue, name: string | number | undefined, written: unknown): string {
  const subject = subjectOf(name);
  if (issue.code === 'custom') return issue.message;
  if (written === undefined) return `${subject} is missing`;
  if (written === null) return `${subject} is empty`;
  if (issue.code === 'invalid_type') {
    return `${subject} must be ${nounOf(issue.expected)}, not ${nounOf(typeOf(written))}`;
  }
  if (issue.code === 'invalid_union' && typeof written === 'number') {
    return `${subject} must be a text or a list of texts; write "${written}" in quotes`;
  }
  if (issue.code === 'invalid_union') return `${subject} must be a text or a list of texts`;
  if (issue.code === 'too_big') return `${subject} is too long or too large (at most ${issue.maximum})`;
  if (issue.code === 'too_small') return `${subject} is too short or too small (at least ${issue.minimum})`;
  return `${subject}: ${issue.message}`;
}

function subjectOf(name: string | number | undefined): string {
  return typeof name === 'string' ? `"${name}"` : 'this entry';
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

function nounOf(type: string): string {
  const nouns: Readonly<Record<string, string>> = {
    string: 'a text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a group of lines "key: value"',
    record: 'a group of lines "key: value"',
  };
  return nouns[type] ?? type;
}

function orList(names: readonly string[]): string {
  return names.length <= 1 ? `"${names[0]}"` : `one of ${names.join(', ')}`;
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const step of path) value = (value as Record<string | number, unknown> | undefined | null)?.[step];
  return value;
}

interface SchemaDef {
  readonly type: string;
  readonly innerType?: Schema;
  readonly in?: Schema;
  readonly element?: Schema;
  readonly valueType?: Schema;
  readonly keyType?: Schema;
  readonly entries?: Readonly<Record<string, string>>;
  readonly shape?: Readonly<Record<string, Schema>>;
}

/** The keys that a map at this path of the schema may have. */
function keysAt(schema: Schema, path: Path): readonly string[] {
  let current: SchemaDef | undefined = unwrap(schema);
  for (const step of path) {
    const next: Schema | undefined = current?.shape?.[String(step)] ?? current?.element ?? current?.valueType;
    if (!next) return [];
    current = unwrap(next);
  }
  const named = current?.keyType && unwrap(current.keyType).entries;
  return Object.keys(current?.shape ?? named ?? {});
}

/** Steps through `optional`, `default` and transformations to what the text itself must look like. */
function unwrap(schema: Schema): SchemaDef {
  let def = schema._zod.def as unknown as SchemaDef;
  for (let inner = def.innerType ?? def.in; inner; inner = def.innerType ?? def.in) {
    def = inner._zod.def as unknown as SchemaDef;
  }
  return def;
}
