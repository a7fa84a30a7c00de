import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { line } from '#shared/kernel/plain-text.ts';
import type { Api } from '../api.ts';
import { type Command, EXIT } from '../command.ts';

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do, where it is not well. */
  readonly remedy?: string;
}

interface Ready {
  readonly database?: string;
  readonly bus?: { readonly state: string; readonly version: string; readonly durability: string };
  readonly services?: Readonly<Record<string, string>>;
  readonly unavailable?: readonly string[];
}

interface Status {
  readonly stores: readonly {
    readonly store: string;
    readonly head: number;
    readonly mode: string;
    readonly kind: 'live' | 'replay';
  }[];
  readonly totals: readonly { readonly deadLetters: number; readonly escalationsOpen: number }[];
  readonly rules: readonly {
    readonly inForce?: { readonly hash: string };
    readonly candidate?: { readonly faults: readonly string[] };
  }[];
}

const NODE_MAJOR = 24;
const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

export const doctor: Command = {
  name: 'doctor',
  about: 'Looks whether this machine and the running Parley are well, and says what to do where not.',
  takes: [0, 0],
  examples: ['doctor', 'doctor --url http://127.0.0.1:9091 --json'],
  async run({ api, output }) {
    const checks = [...hereChecks(), ...(await runningChecks(api))];
    for (const check of checks) {
      const mark = check.ok ? output.style('green', 'well ') : output.style('red', 'WRONG');
      output.say(`${mark}  ${check.name}: ${line(check.detail, 400)}`);
      if (!check.ok && check.remedy) output.say(`       ${check.remedy}`);
    }
    const wrong = checks.filter((check) => !check.ok).length;
    output.say(wrong === 0 ? 'Everything is well.' : `${wrong} of ${checks.length} are not well.`);
    output.result({ ok: wrong === 0, checks });
    return wrong === 0 ? EXIT.done : EXIT.failed;
  },
};

/** What can be seen without a running system. */
function hereChecks(): Check[] {
  const major = Number(process.versions.node.split('.')[0]);
  return [
    {
      name: 'node',
      ok: major >= NODE_MAJOR,
      detail: `${process.version} at ${process.execPath}`,
      remedy: `Node ${NODE_MAJOR} comes with the dependencies: run npm ci.`,
    },
    {
      name: 'dependencies',
      ok: existsSync(`${ROOT}/node_modules/.package-lock.json`),
      detail: `${ROOT}/node_modules`,
      remedy: 'Run npm ci.',
    },
    {
      name: 'rules',
      ok: existsSync(`${ROOT}/rules`),
      detail: `${ROOT}/rules`,
      remedy: 'The folder of the rule files is missing: git restore rules.',
    },
  ];
}

async function runningChecks(api: Api): Promise<Check[]> {
  const answer = await api.probe('/readyz');
  if (!answer) {
    const remedy = 'Start it with "npm start", or name its operator listener with --url.';
    return [{ name: 'gateway', ok: false, detail: `nobody answers at ${api.url}`, remedy }];
  }
  const ready = (answer.body ?? {}) as Ready;
  const services = Object.entries(ready.services ?? {});
  const silent = services.filter(([, state]) => state !== 'heard').map(([name]) => name);
  return [
    { name: 'gateway', ok: true, detail: `answers at ${api.url}` },
    {
      name: 'database',
      ok: ready.database === 'up',
      detail: ready.database ?? 'unknown',
      remedy: 'Look at the log of Postgres.',
    },
    {
      name: 'bus',
      ok: ready.bus?.state === 'up',
      detail: ready.bus ? `${ready.bus.state}, nats-server ${ready.bus.version}, ${ready.bus.durability}` : 'unknown',
      remedy: 'Events are kept and found again; look at the log of nats-server.',
    },
    {
      name: 'services',
      ok: silent.length === 0 && services.length > 0,
      detail: silent.length === 0 ? `${services.length} heard` : `not heard: ${silent.join(', ')}`,
      remedy: 'A service that dies is started again; look at its log.',
    },
    {
      name: 'store APIs',
      ok: (ready.unavailable ?? []).length === 0,
      detail: ready.unavailable?.length
        ? `not answering: ${ready.unavailable.join(', ')}`
        : 'answering, as far as called',
      remedy: 'What is to be done there waits and goes on by itself; if it lasts: npx parley store test NAME.',
    },
    ...(await contentChecks(api)),
  ];
}

async function contentChecks(api: Api): Promise<Check[]> {
  const answer = await api.probe('/api/status');
  if (answer?.status !== 200) return [{ name: 'status', ok: false, detail: 'the gateway cannot read its database' }];
  const status = answer.body as Status;
  const dead = status.totals.reduce((sum, totals) => sum + totals.deadLetters, 0);
  const faults = status.rules.flatMap(({ candidate }) => candidate?.faults ?? []);
  const inForce = [...new Set(status.rules.flatMap((row) => row.inForce?.hash.slice(0, 12) ?? []))];
  const open = status.totals.reduce((sum, totals) => sum + totals.escalationsOpen, 0);
  return [
    {
      name: 'stores',
      ok: true,
      detail:
        status.stores
          .map((row) => `${row.store} (${row.kind === 'replay' ? 'a replay' : row.mode}, ${row.head} events)`)
          .join(', ') || 'none is attached; "npm start" without --no-sandbox attaches a sandbox shop',
    },
    {
      name: 'rule files',
      ok: faults.length === 0 && (inForce.length > 0 || status.stores.length === 0),
      detail: faults[0] ?? (inForce.length > 0 ? `in force: ${inForce.join(', ')}` : 'no rule set is in force'),
      remedy:
        inForce.length > 0
          ? 'The last good rules stay in force until the file is right.'
          : 'Nothing is decided before the files are right: npx parley rules check.',
    },
    { name: 'dead letters', ok: dead === 0, detail: String(dead), remedy: 'npx parley dead-letters list' },
    { name: 'questions open', ok: true, detail: String(open) },
  ];
}
