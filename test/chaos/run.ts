import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { replayStore } from '../../services/local/replay.ts';
import type { Aftermath } from './aftermath.ts';
import { faultsOf, totalsOf } from './compare.ts';
import { strikePoints } from './crash-points.ts';
import { forgetRun, type RunResult, runOnce, type Strike } from './one-run.ts';
import { type Scenario, scenarios } from './scenarios.ts';
import { stormMain } from './storm/main.ts';
import { seededRandom, syntheticRows, writeSynthetic } from './synthetic.ts';
import { truthOfFacts, truthOfRows } from './truth.ts';

const HELP = `Replays a file while processes are killed, and compares with an undisturbed replay of the same file.

  npm run test:chaos [-- flags]

  --file F     a file of the Online Retail form   [a synthetic month of some 2,700 rows, drawn from the seed]
  --full       a run for every victim, each struck three times, beside the runs that strike all of them
  --only NAME  only the runs whose name holds NAME
  --crash-points N
               instead of all that: one executor struck at N points of its call path, before, during and after each wait
               for Postgres or the store, with answers lost and pauses beyond its time
  --storm N    instead: N webhooks of two shops, each one to five times, many at once, shuffled within an hour, one of a
               hundred a day late, while services are killed; the facts must be those of the same webhooks in order
  --seed S     the same file and the same moments again          [drawn]
  --verbose    what the launcher says, too
  --json       the last line is one JSON object

Exit code 0 when nothing was lost or doubled, all sums held and the facts of the file were the same; 1 otherwise; 2 for a
wrong flag. The folder of a run that failed is kept, and named.
`;
const INVOICES = 250;
const FIRST_LIMIT_MS = 20 * 60_000;
const RESTARTS_MS = 5 * 60_000;
const AGAIN = 3;
const SHORTER = 0.8;

process.exitCode = await main().catch((thrown: Error) => {
  process.stderr.write(`${thrown.message}\n${'code' in thrown ? HELP : (thrown.stack ?? '')}\n`);
  return 'code' in thrown ? 2 : 1;
});

async function main(): Promise<number> {
  const { values: flags } = parseArgs({
    options: {
      file: { type: 'string' },
      full: { type: 'boolean', default: false },
      only: { type: 'string' },
      'crash-points': { type: 'string' },
      storm: { type: 'string' },
      seed: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const seed = Number(flags.seed ?? Math.floor(Math.random() * 1_000_000));
  if (!Number.isSafeInteger(seed) || seed < 0) {
    process.stderr.write('--seed must be a whole number.\n');
    return 2;
  }
  const say = (text: string) => {
    if (!text.startsWith('  |') || flags.verbose) (flags.json ? process.stderr : process.stdout).write(`${text}\n`);
  };
  if (flags['crash-points'] !== undefined)
    return await strikePoints({ count: Number(flags['crash-points']), seed, json: flags.json, say });
  if (flags.storm !== undefined) return await stormMain(flags.storm, seed, flags.json);
  const folder = mkdtempSync(join(tmpdir(), 'parley-chaos-file-'));
  try {
    const file = flags.file === undefined ? join(folder, 'synthetic.csv') : resolve(flags.file);
    if (flags.file === undefined) writeSynthetic(file, seed, INVOICES);
    say(`seed ${seed}; file ${flags.file ?? `synthetic, ${INVOICES} sales`}`);
    const truth = flags.file === undefined ? truthOfRows(syntheticRows(seed, INVOICES)) : undefined;
    const report = await runAll({ file, seed, truth, full: flags.full, only: flags.only, say });
    if (flags.json) process.stdout.write(`${JSON.stringify({ seed, ...report })}\n`);
    return report.runs.every(({ faults }) => faults.length === 0) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Plan {
  file: string;
  seed: number;
  /** What the file says, where that can be counted from its rows. */
  truth: Record<string, number> | undefined;
  full: boolean;
  only: string | undefined;
  say(text: string): void;
}

interface RunReport {
  readonly name: string;
  readonly struck: readonly string[];
  readonly whileSending: number;
  readonly faults: readonly string[];
  readonly seconds: number;
  readonly lost: number | null;
  readonly doubled: number | null;
  readonly duplicates: number | null;
}

async function runAll(plan: Plan) {
  const store = await replayStore(plan.file);
  const random = seededRandom(plan.seed);
  const run = (name: string, strikes: readonly Strike[], limitMs: number) => {
    plan.say(`\n${name} ...`);
    return runOnce({ file: plan.file, store, strikes, limitMs, say: plan.say });
  };
  const first = await run('undisturbed', [], FIRST_LIMIT_MS);
  const firstFaults = faultsOf(first, undefined);
  if (plan.truth && first.aftermath && !isDeepStrictEqual(truthOfFacts(first.aftermath), plan.truth))
    firstFaults.push('the facts are not what the rows of the file say');
  const runs = [close(plan, 'undisturbed', first, firstFaults)];
  if (first.summary && first.aftermath) {
    const { fromMs, toMs } = first.aftermath.sending;
    const times = {
      replay: { fromMs: 0, toMs: first.summary.seconds * 1_000 },
      sending: { fromMs: Math.max(0, fromMs - first.readyAtMs), toMs: toMs - first.readyAtMs },
    };
    plan.say(`  sent from ${times.sending.fromMs} to ${times.sending.toMs} ms after ready`);
    const limitMs = times.replay.toMs * 4 + RESTARTS_MS;
    // Drawn for all, so that a run that is repeated alone has the moments that it had among the others.
    const chosen = scenarios(random, times, plan.full).filter(({ name }: Scenario) => name.includes(plan.only ?? ''));
    let pace = 1;
    for (const { name, strikes } of chosen) {
      let result = await run(name, atPace(strikes, pace), limitMs);
      // The machine may be quicker now than it was undisturbed: what ended before the last strike has shown nothing yet.
      for (let again = 0; again < AGAIN && hasOnlyMissed(result, first.aftermath); again++) {
        pace = Math.min(pace * SHORTER, ((result.summary?.seconds ?? 0) * 1_000) / times.replay.toMs);
        plan.say(
          `  ended before ${result.missed.join(', ')} could be struck: once more, at ${pace.toFixed(2)} of the times`,
        );
        forgetRun(result);
        result = await run(name, atPace(strikes, pace), limitMs);
      }
      runs.push(close(plan, name, result, faultsOf(result, first.aftermath)));
    }
  }
  const sum = (pick: (report: RunReport) => number | null) =>
    runs.reduce((total, report) => total + (pick(report) ?? 0), 0);
  return {
    runs,
    strikes: runs.reduce((total, { struck }) => total + struck.length, 0),
    lost: sum(({ lost }) => lost),
    doubled: sum(({ doubled }) => doubled),
    facts: first.aftermath ? totalsOf(first.aftermath) : {},
  };
}

function hasOnlyMissed(result: RunResult, undisturbed: Aftermath): boolean {
  return result.missed.length > 0 && faultsOf(result, undisturbed).length === result.missed.length;
}

function atPace(strikes: readonly Strike[], pace: number): Strike[] {
  return strikes.map(({ victim, atMs }) => ({ victim, atMs: atMs * pace }));
}

function close(plan: Plan, name: string, result: RunResult, faults: readonly string[]): RunReport {
  const { summary, aftermath } = result;
  const actions = Object.entries(summary?.actions ?? {}).map(([end, count]) => `${count} ${end}`);
  plan.say(
    [
      `${name}: ${faults.length === 0 ? 'good' : 'FAULTS'} in ${result.seconds} s`,
      `${result.struck.length} struck, ${whileSending(result)} of them while the file was sent`,
      `${summary?.webhooks.sent ?? '?'} sent, ${summary?.webhooks.duplicates ?? '?'} of them again`,
      `lost ${summary?.lost ?? '?'}`,
      `${aftermath?.effects ?? '?'} effects, ${aftermath?.doubled.length ?? '?'} doubled`,
      `rounds ${summary?.rounds.complete ?? '?'} complete, ${summary?.rounds.settled ?? '?'} settled`,
      `actions ${actions.join(', ')}; ${summary?.deadLetters ?? '?'} dead letters`,
    ].join('; '),
  );
  for (const fault of faults) plan.say(`  FAULT ${fault}`);
  if (aftermath) plan.say(`  ${JSON.stringify(totalsOf(aftermath))}`);
  if (faults.length === 0) forgetRun(result);
  else plan.say(`  kept: ${result.folder}`);
  return {
    name,
    struck: result.struck.map(({ victim }) => victim),
    whileSending: whileSending(result),
    faults,
    seconds: result.seconds,
    lost: summary?.lost ?? null,
    doubled: aftermath?.doubled.length ?? null,
    duplicates: summary?.webhooks.duplicates ?? null,
  };
}

function whileSending({ struck, aftermath }: RunResult): number {
  return struck.filter(({ atMs }) => aftermath && atMs <= aftermath.sending.toMs).length;
}
