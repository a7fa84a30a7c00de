import { parseArgs } from 'node:util';
import { didYouMean } from '#shared/kernel/suggest.ts';
import { type Command, DATA_OPTION, EXIT, type Invocation, type OptionSpec, UsageError } from './command.ts';

type Options = Readonly<Record<string, string | boolean | undefined>>;

/** What every command understands that asks the running system. */
const OF_THE_API: Readonly<Record<string, OptionSpec>> = {
  url: {
    type: 'string',
    value: 'URL',
    about: 'the operator listener  [of what runs on the data folder, or http://127.0.0.1:8081]',
  },
  port: {
    type: 'string',
    value: 'P',
    about: 'the port that "npm start -- --port P" was given; the listener is at P+1',
  },
  ...DATA_OPTION,
};

/** What every command understands. */
const OF_ALL: Readonly<Record<string, OptionSpec>> = {
  json: { type: 'boolean', about: 'for machines: the last line is one JSON object' },
  help: { type: 'boolean', about: 'this' },
};

/** A longer list of values would bury the nearest one. */
const LISTED_AT_MOST = 10;
const DEFAULT_PORT = 8080;

const specsOf = ({ options, asksApi }: Command): Readonly<Record<string, OptionSpec>> => ({
  ...options,
  ...(asksApi === false ? {} : OF_THE_API),
  ...OF_ALL,
});

/** The command that the words begin with, and what is left of them. */
export function findCommand(
  words: readonly string[],
  commands: readonly Command[],
): { command: Command; rest: readonly string[] } | undefined {
  for (const length of [3, 2, 1]) {
    const name = words.slice(0, length).join(' ');
    const command = words.length >= length && commands.find((candidate) => candidate.name === name);
    if (command) return { command, rest: words.slice(length) };
  }
  return undefined;
}

/** The commands whose names go on after the first of the words, taking as many of them as lead to any. */
export function familyOf(
  words: readonly string[],
  commands: readonly Command[],
): { family: readonly Command[]; depth: number } {
  for (let depth = words.length; depth > 0; depth--) {
    const begin = `${words.slice(0, depth).join(' ')} `;
    const family = commands.filter((command) => command.name.startsWith(begin));
    if (family.length > 0) return { family, depth };
  }
  return { family: [], depth: 0 };
}

/** Reads options and operands; a mistake is named with the nearest that there is. */
export function readArguments(command: Command, rest: readonly string[]) {
  const specs = specsOf(command);
  const names = Object.keys(specs).map((name) => `--${name}`);
  const options = Object.fromEntries(Object.entries(specs).map(([name, { type }]) => [name, { type }]));
  const { values, positionals, tokens } = parseArgs({
    args: [...rest],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const spec = specs[token.name];
    if (!spec) throw new UsageError(`Unknown flag ${token.rawName}.${hintAt(token.name, specs, names)}`);
    if (spec.type === 'string' && !token.value) throw new UsageError(`${token.rawName} needs a value.`);
    if (spec.type === 'boolean' && token.value !== undefined) throw new UsageError(`${token.rawName} takes no value.`);
  }
  const [least, most] = command.takes;
  if (!values.help && (positionals.length < least || positionals.length > most))
    throw new UsageError(`Usage: parley ${command.name}${command.operands ? ` ${command.operands}` : ''}.`);
  return { operands: positionals, options: values as Options };
}

/** Commands that work on the database find the running system by its data folder. */
function hintAt(name: string, specs: Readonly<Record<string, OptionSpec>>, names: readonly string[]): string {
  if (name in OF_THE_API && specs.data) return ' This command finds Parley by its data folder: --data DIR.';
  return didYouMean(`--${name}`, names);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const isUuid = (text: string) => UUID.test(text);

/** A chosen value of a closed list, as the operator API takes it. */
export function oneOf(options: Invocation['options'], name: string, allowed: readonly string[]): string | undefined {
  const given = options[name];
  if (given === undefined) return undefined;
  const text = String(given);
  if (allowed.includes(text)) return text;
  const hint = allowed.length > LISTED_AT_MOST ? didYouMean(text, allowed) : ` It is one of ${allowed.join(', ')}.`;
  throw new UsageError(`--${name} cannot be "${text.slice(0, 60)}".${hint}`);
}

/** Where the API is: as told by `--url`, by `--port`, by the data folder of what runs, or at the default. */
export function apiUrl({ url, port }: Options, found: () => string | undefined = () => undefined): string {
  if (typeof url === 'string') {
    if (!/^https?:\/\//.test(url) || !URL.canParse(url))
      throw new UsageError('--url must be an address that begins with http:// or https://');
    return url;
  }
  const running = port === undefined ? found() : undefined;
  if (running !== undefined) return running;
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  if (!Number.isInteger(number) || number < 1 || number > 65_534)
    throw new UsageError('--port must be a whole number from 1 to 65534.');
  return `http://127.0.0.1:${number + 1}`;
}

export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => usage(command).length));
  const lines = commands.map((command) => `  parley ${usage(command).padEnd(width)}  ${command.about}`);
  return `Looks into a running Parley, and looks after its rules, webhooks and shops.\n\n${lines.join('\n')}\n\nEach has its own --help, with examples.\n${EXIT_CODES}`;
}

export function helpOf(command: Command): string {
  const specs = Object.entries(specsOf(command));
  const names = specs.map(([name, { value }]) => `--${name}${value ? ` ${value}` : ''}`);
  const width = Math.max(...names.map((name) => name.length));
  const options = specs.map(([, { about }], index) => `  ${names[index]!.padEnd(width)}  ${about}`);
  const examples = command.examples.map((example) => `  npx parley ${example}`);
  return `${command.about}\n\n  parley ${usage(command)}\n\n${options.join('\n')}\n\nExamples\n${examples.join('\n')}\n${command.exits ? `\nExit codes: ${command.exits}\n` : EXIT_CODES}`;
}

const usage = (command: Command) => `${command.name}${command.operands ? ` ${command.operands}` : ''}`;

const EXIT_CODES = `
Exit codes: ${EXIT.done} done, ${EXIT.failed} did not succeed or found something wrong, ${EXIT.usage} wrong usage, ${EXIT.unreachable} Parley does not answer, ${EXIT.notFound} not found.
`;
