import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { sleep } from '#shared/runtime/clocks.ts';
import { progressOf } from '#shared/store/setup/drained.ts';
import { closeReplay, waitUntilDrained } from '../../services/local/replay.ts';
import { aftermathOf } from '../chaos/aftermath.ts';
import { processOf, strike } from '../chaos/processes.ts';
import { syntheticRows, writeSynthetic } from '../chaos/synthetic.ts';
import { truthOfFacts, truthOfRows } from '../chaos/truth.ts';
import { startWorld } from '../world.ts';

const SEED = 7;
const INVOICES = 90;
const LIMIT_MS = 90_000;
const BACK_MS = 10_000;

/** Each is struck when the store has this many events. The replay makes some 2,000. */
const STRIKES = [
  { victim: 'gateway', head: 350 },
  { victim: 'coordinator', head: 500 },
  { victim: 'bus-wiped', head: 650 },
  { victim: 'executor', head: 800 },
];

describe('a replay in which processes are killed and the bus loses its store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-kill-'));
  const file = join(folder, 'synthetic.csv');
  writeSynthetic(file, SEED, INVOICES);
  const world = await startWorld({ sandbox: { replayFile: file } });
  const { system, store, sql } = world;
  after(async () => {
    await world.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function strikeAll(): Promise<string[]> {
    const struck: string[] = [];
    for (const { victim, head } of STRIKES) {
      while ((await progressOf(sql, store)).head < head) await sleep(10);
      const pid = system.pids()[processOf(victim)];
      assert.ok(pid !== undefined, `${victim} does not run`);
      strike(victim, pid, world.dataPath);
      struck.push(victim);
      const until = performance.now() + BACK_MS;
      while (performance.now() < until && system.pids()[processOf(victim)] === pid) await sleep(10);
    }
    return struck;
  }

  test('loses nothing, acts once, and knows of the file what the file says', { timeout: LIMIT_MS }, async () => {
    const drained = waitUntilDrained(system, store, () => {}, new AbortController().signal);
    assert.deepEqual(
      await strikeAll(),
      STRIKES.map(({ victim }) => victim),
    );
    assert.equal(await drained, true, 'the store came to rest');
    const { summary, broken } = await closeReplay(system, store, 1);
    assert.deepEqual(broken, []);
    assert.equal(summary.lost, 0);
    const aftermath = await aftermathOf(sql, store);
    assert.deepEqual(aftermath.doubled, []);
    assert.ok(aftermath.effects > 0, 'something was done at the store');
    assert.deepEqual(truthOfFacts(aftermath), truthOfRows(syntheticRows(SEED, INVOICES)));
    for (const { victim } of STRIKES)
      if (victim !== 'bus-wiped')
        assert.ok((system.status()[victim]?.restarts ?? 0) >= 1, `${victim} was started again`);
  });
});
