import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ParleyError, toParleyError } from '#shared/kernel/errors.ts';
import { sleep } from '#shared/runtime/clocks.ts';
import { commonShape, type Environment, readConfig, wholeEnvironment } from '#shared/runtime/config.ts';
import { isPortFree } from '#shared/runtime/embedded/child.ts';
import { EXIT_BAD_CONFIG } from '#shared/runtime/lifecycle.ts';
import { hasStores } from '#shared/store/setup/installation.ts';
import { DataFolder } from './data-folder.ts';
import { type Flags, HELP, parseFlags } from './flags.ts';
import { checkDatabase } from './given.ts';
import { closeReplay, replayStore, waitUntilDrained } from './replay.ts';
import { summaryLines } from './summary.ts';
import { type System, startSystem } from './system.ts';
import { readyTable } from './table.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXIT_BAD_FLAG = 2;
/** 128 and the number of SIGINT, as shells say it. */
const EXIT_INTERRUPTED = 130;
const READY_LIMIT_MS = 60_000;
/** A first start takes its rules a few seconds after its services. */
const RULES_TOLD_AFTER_MS = 10_000;
/** What a launcher may be given of what every service needs. */
const GIVEN = {
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must begin with postgres://' }).optional(),
  NATS_URL: commonShape.NATS_URL.refine((text) => URL.canParse(text), 'not an address').optional(),
  PARLEY_LOG_LEVEL: commonShape.PARLEY_LOG_LEVEL,
};
const STARTED_AT = performance.now();

/** Whoever asks to stop: Ctrl-C, a signal, or the process that started this one and is gone. */
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
process.on('disconnect', () => stopping.abort());

const parsed = parseFlags(process.argv.slice(2), join(ROOT, '.parley'));
if ('fault' in parsed) {
  process.stderr.write(`parley: ${parsed.fault}\n`);
  process.exit(EXIT_BAD_FLAG);
}
if (parsed.flags.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
process.exit(await main(parsed.flags).catch(fail));

function fail(thrown: unknown): number {
  // What was under way when the stop came may end in any way; that is not a fault to report.
  if (stopping.signal.aborted) {
    say('stopped while starting; nothing is left running');
    return EXIT_INTERRUPTED;
  }
  const error = toParleyError(thrown);
  say(thrown instanceof ParleyError ? error.message : ((error.cause as Error).stack ?? error.message));
  return error.reason === 'bad-config' ? EXIT_BAD_CONFIG : 1;
}

/** With --json the standard output is for the one object; people read the standard error. */
function say(text: string): void {
  const time = new Date().toTimeString().slice(0, 8);
  (parsed as { flags: Flags }).flags.json
    ? process.stderr.write(`${time} ${text}\n`)
    : process.stdout.write(`${time} ${text}\n`);
}

async function main(flags: Flags): Promise<number> {
  const environment = wholeEnvironment();
  // Refuses keys that nobody knows and values that cannot be, before anything is started.
  readConfig(GIVEN, environment);
  const sandbox = await sandboxOf(flags);
  const taken = await takenPort(flags, environment);
  if (taken !== undefined) {
    say(`Port ${taken} is in use. Choose another: npm start -- --port ${flags.port + 1_000}`);
    return 1;
  }
  if (environment.DATABASE_URL) await checkDatabase(environment.DATABASE_URL);
  if (flags.fresh && environment.DATABASE_URL && (await hasStores(environment.DATABASE_URL))) {
    say(
      '--fresh empties the data folder, never a database given by DATABASE_URL, and that one is not empty: empty it yourself, or name another.',
    );
    return EXIT_BAD_FLAG;
  }
  const data = await DataFolder.open(flags.data, { fresh: flags.fresh, lockAs: 'services/local/main.ts' });
  const system = await startSystem({
    root: ROOT,
    data,
    environment,
    port: flags.port,
    operatorPort: flags.port + 1,
    publicUrl: flags.publicUrl,
    sandbox,
    say,
  });
  try {
    await showWhenReady(flags, system, data.path);
    if (flags.exit && sandbox) return await runReplayToItsEnd(flags, system, sandbox.store);
    await new Promise<void>((resolve) => {
      if (stopping.signal.aborted) resolve();
      stopping.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    return 0;
  } finally {
    say('stopping ...');
    await system.stop();
    say('stopped; nothing is left running');
  }
}

async function sandboxOf(
  flags: Flags,
): Promise<{ store: string; replayFile: string | undefined; speed: string } | undefined> {
  if (!flags.sandbox) return undefined;
  const store = flags.replay === undefined ? 'sandbox' : await replayStore(flags.replay);
  return { store, replayFile: flags.replay, speed: flags.speed };
}

async function takenPort(flags: Flags, environment: Environment): Promise<number | undefined> {
  const host = environment.PARLEY_PUBLIC_HOST ?? '0.0.0.0';
  if (!(await isPortFree(flags.port, host))) return flags.port;
  return (await isPortFree(flags.port + 1, environment.PARLEY_OPERATOR_HOST ?? '127.0.0.1'))
    ? undefined
    : flags.port + 1;
}

/** The table appears when the whole answers; until then, or if it never does, what is missing is said. */
async function showWhenReady(flags: Flags, system: System, dataPath: string): Promise<void> {
  const until = performance.now() + READY_LIMIT_MS;
  let missing = 'the gateway';
  let told = false;
  while (performance.now() < until && !stopping.signal.aborted) {
    const response = await fetch(`http://127.0.0.1:${flags.port}/readyz`, { signal: AbortSignal.timeout(3_000) }).catch(
      () => undefined,
    );
    const answer = (await response?.json().catch(() => undefined)) as
      | { missing?: string[]; bus?: string | { durability?: string } }
      | undefined;
    if (response?.status === 200) {
      const seconds = (performance.now() - STARTED_AT) / 1_000;
      const text = readyTable({
        port: flags.port,
        dataPath,
        seconds,
        durability: (typeof answer?.bus === 'object' ? answer.bus.durability : answer?.bus) ?? 'unknown',
      });
      (flags.json ? process.stderr : process.stdout).write(text);
      return;
    }
    if (answer?.missing) missing = answer.missing.join(', ');
    if (!told && performance.now() - STARTED_AT > RULES_TOLD_AFTER_MS && /^rules of [^,]+$/.test(missing)) {
      told = true;
      say(
        `nothing is decided before the rule files are right: "npx parley rules check" says what is wrong (${missing})`,
      );
    }
    await sleep(40, stopping.signal);
  }
  if (stopping.signal.aborted) return;
  say(`not ready after ${READY_LIMIT_MS / 1_000} s; missing: ${missing}. The logs are in ${join(dataPath, 'logs')}`);
  for (const [name, status] of Object.entries(system.status()))
    if (status.state !== 'up') say(`${name}: ${status.state} (${status.lastEnd ?? 'no word yet'})`);
}

async function runReplayToItsEnd(flags: Flags, system: System, store: string): Promise<number> {
  const startedAt = performance.now();
  const drained = await waitUntilDrained(system, store, say, stopping.signal);
  if (stopping.signal.aborted) return EXIT_INTERRUPTED;
  const { summary, broken } = await closeReplay(system, store, (performance.now() - startedAt) / 1_000);
  const faults = drained ? broken : ['the store did not come to rest', ...broken];
  const lines = summaryLines(summary, faults).join('\n');
  (flags.json ? process.stderr : process.stdout).write(`\n${lines}\n\n`);
  if (flags.json)
    process.on('exit', () =>
      process.stdout.write(`${JSON.stringify({ ...summary, ...(faults.length > 0 ? { broken: faults } : {}) })}\n`),
    );
  return faults.length === 0 ? 0 : 1;
}
