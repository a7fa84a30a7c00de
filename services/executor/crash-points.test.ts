import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { strikeAll } from './testing/crash-plan.ts';
import { blindRetriesIn } from './testing/crash-points.ts';

/** A share of what `npm run test:chaos -- --crash-points 1000` strikes: another one at each run. */
const POINTS = 60;

describe('the executor, struck at a wait of its call path', () => {
  test('has no effect twice, retries nothing blindly, and knows or says that it does not know', async () => {
    const seed = Math.floor(Math.random() * 1_000_000);
    const report = await strikeAll(POINTS, seed, () => {});
    const again = `again with: npm run test:chaos -- --crash-points ${POINTS} --seed ${seed}`;
    assert.deepEqual(report.faults, [], again);
    assert.equal(report.points, POINTS);
    assert.deepEqual([report.doubled, report.blindRetries], [0, 0]);
    assert.ok((report.ends.done ?? 0) > 0 && (report.ends.failed ?? 0) > 0, `${JSON.stringify(report.ends)}; ${again}`);
  });

  test('a blind retry would be seen', () => {
    const write = (told: boolean) => ({ kind: 'write' as const, told });
    const read = (told: boolean) => ({ kind: 'read' as const, told });
    assert.equal(blindRetriesIn([write(true), write(true)]), 0);
    assert.equal(blindRetriesIn([write(false), write(true)]), 1);
    assert.equal(blindRetriesIn([write(false), read(true), write(true)]), 0);
    assert.equal(blindRetriesIn([write(false), read(false), write(true)]), 1, 'a look without an answer is none');
  });
});
