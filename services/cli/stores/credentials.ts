import { readFileSync } from 'node:fs';
import { didYouMean } from '#shared/kernel/suggest.ts';
import { UsageError } from '../command.ts';
import { readRegular } from '../read-regular.ts';
import type { Asker } from './ask.ts';

/** Names and values out of a credentials file, with the names as `named` writes them. */
export type Given = ReadonlyMap<string, string>;

/** One thing that a platform hands to the merchant. */
export interface Asked {
  readonly name: string;
  /** As the platform's own page calls it. */
  readonly question: string;
  /** What is wrong with the text, where that can be seen. */
  fault?(text: string): string | undefined;
  /** It may be left empty: another one stands in for it. */
  readonly optional?: true;
  /** Its owner chose it, so that it may hold any letter. */
  readonly isFree?: true;
}

const BYTES_MAX = 64 * 1024;
const LENGTH_MAX = 4_096;
const STANDARD_INPUT = '-';

/**
 * Lines `name=value` or `NAME: value`, as in an environment file and as BigCommerce hands its credentials out. `#` begins
 * a comment; quotes around a value are taken off. Secrets are never read from the command line, where every user of the
 * machine could see them.
 */
export function readGiven(file: string, known: readonly string[], read: (path: string) => string = readText): Given {
  const given = new Map<string, string>();
  for (const [index, raw] of read(file).split(/\r?\n/).entries()) {
    const text = raw.trim();
    if (text === '' || text.startsWith('#') || /^[-=]+$/.test(text)) continue;
    const match = /^(?:export\s+)?([A-Za-z][A-Za-z0-9 _-]*?)\s*[=:]\s*(.+)$/.exec(text);
    if (!match) throw new UsageError(`${placeOf(file, index)}: not a line "name=value".`);
    const name = named(match[1]!);
    if (!known.includes(name))
      throw new UsageError(
        `${placeOf(file, index)}: unknown name "${name}".${didYouMean(name, known)} Known: ${known.join(', ')}.`,
      );
    if (given.has(name)) throw new UsageError(`${placeOf(file, index)}: "${name}" is there twice.`);
    given.set(name, match[2]!.trim().replace(/^(["'])(.*)\1$/, '$2'));
  }
  if (given.size === 0) throw new UsageError(`${shownName(file)} holds no line "name=value".`);
  return given;
}

/** `CLIENT SECRET`, `client-secret` and `client_secret` are one name. */
const named = (text: string) => text.toLowerCase().replace(/[ -]+/g, '_');
const shownName = (file: string) => (file === STANDARD_INPUT ? 'The standard input' : file);
const placeOf = (file: string, index: number) => `${shownName(file)}:${index + 1}`;

function readText(file: string): string {
  try {
    const text = file === STANDARD_INPUT ? readFileSync(0, 'utf8') : readRegular(file, BYTES_MAX);
    if (text.length > BYTES_MAX) throw new Error('it is too large');
    return text.replace(/^\uFEFF/, '');
  } catch (thrown) {
    throw new UsageError(`${shownName(file)} cannot be read (${(thrown as Error).message}).`);
  }
}

/**
 * What was given, checked; what was not is asked for, hidden, where somebody can answer. With a file nobody is asked: a
 * script that forgot a line should fail and not wait.
 */
export async function collect(
  asked: readonly Asked[],
  given: Given,
  asker: Asker,
): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for (const one of asked) {
    const value = given.get(one.name) ?? (await askFor(one, asker));
    if (value === undefined || value === '') continue;
    const fault = faultOf(one, value);
    if (fault) throw new UsageError(`${one.question}: ${fault}`);
    values.set(one.name, value);
  }
  return values;
}

async function askFor(one: Asked, asker: Asker): Promise<string | undefined> {
  if (!asker.canAsk && one.optional) return undefined;
  if (!asker.canAsk)
    throw new UsageError(
      `${one.name} is missing: write a line "${one.name}=…" into a file and name it with --credentials.`,
    );
  for (let question = one.question; ; ) {
    const text = await asker.askSecret(question);
    if (text === '' && one.optional) return undefined;
    const fault = faultOf(one, text);
    if (fault === undefined) return text;
    // A slip of the finger is no reason to begin again.
    question = `${one.question}: ${fault} Again`;
  }
}

function faultOf(one: Asked, text: string): string | undefined {
  if (text === '') return 'it is empty.';
  if (text.length > LENGTH_MAX) return 'it is too long.';
  if (one.isFree ? /\p{Cc}/u.test(text) : !/^[\x21-\x7e]+$/.test(text))
    return 'it holds a blank or a character that no secret has.';
  return one.fault?.(text);
}
