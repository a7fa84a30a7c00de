import { z } from 'zod';
import { STANDARD_TYPES } from '#shared/contracts/standard-types.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { type Instant, parseInstant } from '#shared/kernel/time.ts';
import { RULE_LIMITS, type RuleError, ruleErrorText } from '#shared/policy/rule-error.ts';
import { reportIssues } from '#shared/policy/schema-errors.ts';
import { type Path, Source } from '#shared/policy/source.ts';
import { boundEffort } from './effort.ts';
import { compileExpression, type Expression } from './expression.ts';

/** What a body says in our words. */
export interface Told {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at?: Instant | undefined;
}

/** How one sender's own bodies become events: what its author wrote, compiled. */
export interface MappingFile {
  readonly sender: string;
  /** What a body calls itself, for the lists of what was received; empty where the file does not say. Throws like `tell` where asking takes too long. */
  topicOf(body: unknown): string;
  /** The first mapping whose condition holds. Undefined: none does. */
  tell(body: unknown): Told | undefined;
}

const literal = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const expression = z.string().min(1);
/** A replay is ended by who replays. */
const types = [...STANDARD_TYPES.values()].filter(({ inReplayOnly }) => !inReplayOnly).map(({ type }) => type);

const mapping = z.strictObject({
  when: expression.optional(),
  type: z.enum(types as [string, ...string[]]),
  at: expression.optional(),
  data: z.record(z.string(), z.union([literal, z.array(literal).max(RULE_LIMITS.listLength)])),
});

const MAPPINGS_MAX = 100;

const schema = z.strictObject({
  sender: z
    .string()
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'small letters, digits and hyphens only')
    .max(40),
  topic: expression.optional(),
  mappings: z.array(mapping).min(1).max(MAPPINGS_MAX),
  end: z.literal(true),
});

type Written = z.infer<typeof schema>;
type WrittenValue = Written['mappings'][number]['data'][string];
interface Value {
  readonly asks: readonly Expression[];
  of(body: unknown): unknown;
}

interface Compiled {
  readonly type: string;
  readonly when: Expression | undefined;
  readonly at: Expression | undefined;
  readonly data: readonly (readonly [name: string, value: Value])[];
  /** What it takes to tell it once its condition holds. */
  readonly asks: readonly Expression[];
}

/** Reads and checks a mapping file; every fault has its line and column. Pure. */
export function readMappingFile(
  file: string,
  text: string,
): { readonly mapping: MappingFile } | { readonly errors: readonly RuleError[] } {
  if (text.trim() === '') return { errors: [{ file, line: 1, column: 1, message: 'the file is empty' }] };
  const source = new Source(file, text);
  if (source.errors.length > 0) return { errors: source.errors };
  const isWhole = (source.data as { end?: unknown } | null)?.end !== undefined;
  if (!isWhole) {
    source.reportAtEnd('the file does not end with "end: true"; it may have been saved halfway');
    return { errors: source.errors };
  }
  const read = schema.safeParse(source.data);
  if (!read.success) {
    reportIssues(source, schema, [], read.error.issues, source.data);
    return { errors: source.errors };
  }
  const topic = compileAt(source, ['topic'], read.data.topic, 'value');
  const mappings = read.data.mappings.map((one, index) => compileOne(source, ['mappings', index], one));
  if (source.errors.length > 0) return { errors: source.errors };
  return { mapping: mappingFileOf(read.data.sender, topic, mappings) };
}

/** The same for a file that was checked before it was stored. */
export function openMappingFile(file: string, text: string): MappingFile {
  const read = readMappingFile(file, text);
  if ('mapping' in read) return read.mapping;
  throw new PermanentError('bad-config', read.errors.slice(0, 3).map(ruleErrorText).join('\n'));
}

function compileOne(source: Source, path: Path, written: Written['mappings'][number]): Compiled {
  const shape = STANDARD_TYPES.get(written.type)!.data.shape as Readonly<Record<string, z.ZodType>>;
  for (const [name, field] of Object.entries(shape)) {
    const isNeeded = !field.safeParse(undefined).success;
    if (isNeeded && !Object.hasOwn(written.data, name))
      source.report({ path: [...path, 'data'] }, `${written.type} needs "${name}"`);
  }
  const data = Object.entries(written.data).flatMap(([name, value]) => {
    const at = [...path, 'data', name];
    const field = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (field) return [[name, valueAt(source, at, value, field)] as const];
    const known = Object.keys(shape);
    source.report(
      { path: [...path, 'data'], key: name },
      `${written.type} has no "${name}"; it has ${known.join(', ')}.`,
      { name, known },
    );
    return [];
  });
  const told = compileAt(source, [...path, 'at'], written.at, 'value');
  return {
    type: written.type,
    when: compileAt(source, [...path, 'when'], written.when, 'condition'),
    at: told,
    data,
    asks: [...(told ? [told] : []), ...data.flatMap(([, value]) => value.asks)],
  };
}

/** A text is an expression; a number or a flag stands for itself, and is held against the field at once. */
function valueAt(source: Source, path: Path, written: WrittenValue, field: z.ZodType): Value {
  if (Array.isArray(written)) {
    const values = written.map((one, index) => valueAt(source, [...path, index], one, z.unknown()));
    return { asks: values.flatMap(({ asks }) => asks), of: (body) => values.map((value) => value.of(body)) };
  }
  if (typeof written === 'string') {
    const compiled = compileAt(source, path, written, 'value');
    return { asks: compiled ? [compiled] : [], of: (body) => compiled?.of(body) };
  }
  const checked = field.safeParse(written);
  if (!checked.success) source.report({ path }, `${JSON.stringify(written)}: ${checked.error.issues[0]!.message}`);
  return { asks: [], of: () => written };
}

function compileAt(
  source: Source,
  path: Path,
  text: string | undefined,
  wanted: 'value' | 'condition',
): Expression | undefined {
  if (text === undefined) return undefined;
  const compiled = compileExpression(text, wanted);
  if ('expression' in compiled) return compiled.expression;
  const { offset, message, guess } = compiled.bad;
  source.report({ path, offset }, message, guess);
  return undefined;
}

function mappingFileOf(sender: string, topic: Expression | undefined, mappings: readonly Compiled[]): MappingFile {
  const conditions = [...(topic ? [topic] : []), ...mappings.flatMap(({ when }) => when ?? [])];
  return {
    sender,
    topicOf: (body) => {
      if (topic) boundEffort([topic], body);
      const name = quietly(topic, body);
      return typeof name === 'string' ? name : '';
    },
    tell: (body) => {
      boundEffort(conditions, body);
      const found = mappings.find(({ when }) => when === undefined || quietly(when, body) === true);
      if (!found) return undefined;
      boundEffort(found.asks, body);
      const data = Object.fromEntries(
        found.data.map(([name, value]) => [name, at(`data.${name}`, () => value.of(body))]),
      );
      return { type: found.type, data, at: timeOf(at('at', () => found.at?.of(body))) };
    },
  };
}

/** A condition that cannot be asked of this body does not hold: it was written for another. */
function quietly(asked: Expression | undefined, body: unknown): unknown {
  try {
    return asked?.of(body);
  } catch {
    return undefined;
  }
}

function at<Result>(position: string, value: () => Result): Result {
  try {
    return value();
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    throw new PermanentError('unknown-shape', `${position}: ${message}`, { position, cause: thrown });
  }
}

/** Up to here a number can only be seconds: as milliseconds it would be before 1973. */
const SECONDS_MAX = 1e11;

/** A time with an offset, or a number of seconds or milliseconds since 1970. */
function timeOf(value: unknown): Instant | undefined {
  if (value === undefined || value === null) return undefined;
  return at('at', () => {
    if (typeof value === 'string') return parseInstant(value);
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new PermanentError('unknown-shape', 'not a time');
    return parseInstant(new Date(value < SECONDS_MAX ? value * 1_000 : value).toISOString());
  });
}
