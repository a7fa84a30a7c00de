import { globSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findNatsServer } from '#shared/runtime/embedded/nats-binary.ts';
import { startTestCluster, TEST_POSTGRES } from '#shared/testing/database.ts';
import { TEST_NATS_BINARY } from '#shared/testing/nats.ts';
import { Report } from './report.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FILE_LIMIT_MS = 240_000;
/** One more than the two cores of a small machine: a third of a file's time is waiting (213 s instead of 280 s). */
const CONCURRENCY = 3;

/** Folders of tests that take long or need more than a clean machine has; they run only when they are named. */
const ONLY_BY_NAME = ['browser', 'chaos'];

/** Files that need no server; a run of these alone starts none. */
const WITHOUT_SERVERS = ['test/tidy', 'shared/kernel', 'shared/policy', 'shared/contracts'];

const HELP = `Runs the tests: all that fit in five minutes, or those whose path holds one of the words.

  npm test                      everything but ${ONLY_BY_NAME.join(', ')}
  npm test -- tidy              one file or folder
  npm test -- coordinator bus   several

Exit code 0 when nothing failed, 1 otherwise, 2 when no test fits the words.
`;

const words = process.argv.slice(2);
if (words.includes('--help')) {
  process.stdout.write(HELP);
  process.exit(0);
}
process.exitCode = await main();
// Whatever a test has left open must not keep the run from ending.
process.exit();

async function main(): Promise<number> {
  const files = chooseFiles();
  if (files.length === 0) {
    process.stderr.write(`No test file fits: ${words.join(' ')}\n`);
    return 2;
  }
  const stopServers = await startServers(files);
  const report = new Report(ROOT, process.stdout);
  try {
    const stream = run({ files, cwd: ROOT, concurrency: CONCURRENCY, timeout: FILE_LIMIT_MS, isolation: 'process' });
    for await (const event of stream) report.take(event);
  } finally {
    await stopServers();
  }
  return report.end();
}

function chooseFiles(): string[] {
  const all = globSync('{services,shared,test}/**/*.test.ts', { cwd: ROOT }).sort();
  const chosen = all.filter((file) => {
    if (words.length > 0) return words.some((word) => file.includes(word));
    return !ONLY_BY_NAME.some((name) => file.startsWith(join('test', name)));
  });
  // The long ones first, so that the last minute does not run on one core.
  const weight = (file: string) => (file.startsWith('test/integration') ? 0 : file.startsWith('test/') ? 1 : 2);
  return chosen.sort((a, b) => weight(a) - weight(b)).map((file) => join(ROOT, file));
}

/** One cluster for the run, and one look for the nats-server; test processes learn of both by their environment. */
async function startServers(files: readonly string[]): Promise<() => Promise<void>> {
  const needsNone = files.every((file) => WITHOUT_SERVERS.some((prefix) => relative(ROOT, file).startsWith(prefix)));
  if (needsNone) return async () => {};
  const say = (text: string) => process.stderr.write(`parley: ${text}\n`);
  const given = process.env.NATS_SERVER_BIN;
  const cache = join(tmpdir(), 'parley-nats-server');
  const [cluster, nats] = await Promise.all([
    startTestCluster(),
    findNatsServer({ given, path: process.env.PATH, cache, say }),
  ]);
  process.env[TEST_POSTGRES] = cluster.url;
  process.env[TEST_NATS_BINARY] = nats.path;
  const stop = () => cluster.stop();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().finally(() => process.exit(130)));
  return stop;
}
