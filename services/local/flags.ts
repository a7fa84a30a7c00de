import { didYouMean } from '#shared/kernel/suggest.ts';

export interface Flags {
  port: number;
  publicUrl: string | undefined;
  data: string;
  fresh: boolean;
  replay: string | undefined;
  speed: string;
  exit: boolean;
  sandbox: boolean;
  json: boolean;
  help: boolean;
}

const WITH_VALUE = ['--port', '--public-url', '--data', '--replay', '--speed'] as const;
const ALONE = ['--fresh', '--exit', '--no-sandbox', '--json', '--help'] as const;
const ALL: readonly string[] = [...WITH_VALUE, ...ALONE];

export const HELP = `Parley on one machine: Postgres, nats-server, all services and a sandbox shop.

  npm start [-- flags]

  --port P          public listener on P, operator listener (pages, mailbox) on P+1   [8080]
  --public-url URL  base of the links in mails; without it mails say that they open on this machine only
  --data DIR        where everything is kept                                          [.parley in the project]
  --fresh           forget what is kept there and begin anew
  --replay FILE     replay a file of the UCI Online Retail form (.csv or .csv.gz) in a store of its own
  --speed N|max     N times as fast as it happened, or as fast as it goes             [max]
  --exit            stop when the replay is drained; exit code 0 when nothing was lost and the sums hold
  --no-sandbox      no stand-in shop
  --json            the last line of a replay with --exit is one JSON object
  --help            this

Examples
  npm start
  npm start -- --port 9090 --data /tmp/second
  npm start -- --fresh --replay orders.csv.gz --speed max --exit --json
  DATABASE_URL=postgres://me:secret@db/parley npm start

Exit codes: 0 stopped as asked, 1 something failed, 2 a flag is wrong, 78 the configuration is wrong.
`;

/** Reads the flags, or says what is wrong with them. Both `--port 80` and `--port=80` are understood. */
export function parseFlags(argv: readonly string[], defaultData: string): { flags: Flags } | { fault: string } {
  const values = new Map<string, string>();
  const rest = [...argv];
  while (rest.length > 0) {
    const [name = '', inline] = splitOnce(rest.shift()!);
    if (!ALL.includes(name)) return { fault: `Unknown flag ${name}.${didYouMean(name, ALL)} See --help.` };
    if ((ALONE as readonly string[]).includes(name)) {
      if (inline !== undefined) return { fault: `${name} takes no value.` };
      values.set(name, '');
      continue;
    }
    const value = inline ?? rest.shift();
    if (value === undefined || value === '' || (inline === undefined && value.startsWith('--')))
      return { fault: `${name} needs a value. See --help.` };
    values.set(name, value);
  }
  return check(values, defaultData);
}

function check(values: ReadonlyMap<string, string>, defaultData: string): { flags: Flags } | { fault: string } {
  const port = Number(values.get('--port') ?? 8080);
  if (!Number.isInteger(port) || port < 1 || port > 65_534)
    return { fault: '--port must be a whole number from 1 to 65534; the operator listener takes the next one.' };
  const speed = values.get('--speed') ?? 'max';
  if (speed !== 'max' && !(Number(speed) > 0 && Number.isFinite(Number(speed))))
    return { fault: '--speed must be a number above 0, or max.' };
  const publicUrl = values.get('--public-url');
  if (publicUrl !== undefined && !isWebAddress(publicUrl))
    return { fault: '--public-url must be an address that begins with http:// or https://' };
  const has = (name: string) => values.has(name);
  if ((has('--exit') || has('--speed')) && !has('--replay'))
    return { fault: `${has('--exit') ? '--exit' : '--speed'} means nothing without --replay.` };
  if (has('--no-sandbox') && has('--replay'))
    return { fault: '--replay is done by the sandbox; it cannot go with --no-sandbox.' };
  return {
    flags: {
      port,
      publicUrl: publicUrl?.replace(/\/+$/, ''),
      data: values.get('--data') ?? defaultData,
      fresh: has('--fresh'),
      replay: values.get('--replay'),
      speed,
      exit: has('--exit'),
      sandbox: !has('--no-sandbox'),
      json: has('--json'),
      help: has('--help'),
    },
  };
}

function splitOnce(text: string): [string, string | undefined] {
  const at = text.startsWith('--') ? text.indexOf('=') : -1;
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function isWebAddress(text: string): boolean {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  return parsed?.protocol === 'http:' || parsed?.protocol === 'https:';
}
