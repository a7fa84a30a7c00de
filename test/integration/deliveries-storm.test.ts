import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsIn } from '../chaos/storm/main.ts';
import { runStorm } from '../chaos/storm/storm.ts';

const DELIVERIES = 200;
const QUIET_MS = 60_000;

/** A share of what `npm run test:chaos -- --storm 10000` shows. */
test('webhooks repeated, shuffled and late, across restarts, come to the same as in order', {
  timeout: 120_000,
}, async () => {
  // The same one each time: new ones are drawn by the command, where somebody looks at what they find.
  const seed = Number(process.env.STORM_SEED ?? 1);
  const said: string[] = [];
  const report = await runStorm({
    deliveries: DELIVERIES,
    seed,
    strikes: 1,
    quietMs: QUIET_MS,
    say: (text) => said.push(text),
  });
  assert.deepEqual(faultsIn(report), [], `seed ${seed}`);
  assert.deepEqual(report.killed, ['gateway', 'context', 'coordinator'], `seed ${seed}`);
  assert.ok(report.sendings > DELIVERIES * 2, `seed ${seed}: ${report.sendings} sendings`);
  assert.ok(report.facts > DELIVERIES, `seed ${seed}: ${report.facts} facts`);
});
