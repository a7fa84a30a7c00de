import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judge } from '#shared/judgement/resolve.ts';
import { event, NOW, policy, setPrice, skuFacts, world } from '#shared/judgement/testing.ts';
import { createLogger } from '#shared/runtime/logger.ts';
import { ShadowBench } from './shadow.ts';

const logger = createLogger('test', 'silent');
const LIVE = policy();
const STRICT = policy({
  hold: () => ({ verdict: 'denied', rule: 'never', why: 'Never.', detail: 'not today' }) as never,
});
const BROKEN = policy({
  precedence: () => {
    throw new Error('no such order');
  },
});
const around = () => world({ facts: skuFacts('A') });
const proposed = [setPrice('pricing', 'A', 950)];

describe('a rule set that is tried', () => {
  test('notes what would have been different, with its money, and nothing that is the same', () => {
    const live = judge(event(7), proposed, around(), LIVE);
    const same = new ShadowBench(LIVE, logger);
    same.judge(event(7), proposed, around(), live);
    assert.deepEqual([same.gain.rounds, same.gain.decisions, same.gain.differences.length], [1, 1, 0]);
    const other = new ShadowBench(STRICT, logger);
    other.judge(event(7), proposed, around(), live);
    const [difference] = other.gain.differences;
    assert.equal(difference!.verdict, 'denied');
    assert.equal(difference!.rule, 'never');
    assert.equal(difference!.liveVerdict, 'granted');
    assert.equal(difference!.params, null);
    assert.deepEqual(Object.values(difference!.impact as object), [0, 0, 0, 0, 0]);
    assert.deepEqual(difference!.seq, 7);
  });

  test('never changes what was decided, nor the surroundings', () => {
    const world = around();
    const live = judge(event(7), proposed, world, LIVE);
    const before = JSON.stringify(live);
    new ShadowBench(STRICT, logger).judge(event(7), proposed, world, live);
    assert.equal(JSON.stringify(live), before);
    assert.equal(JSON.stringify(judge(event(7), proposed, world, LIVE)), before);
  });

  test('that throws is counted with its round, and lets nothing out', () => {
    const live = judge(event(7), proposed, around(), LIVE);
    const bench = new ShadowBench(BROKEN, logger);
    bench.judge(event(7), proposed, around(), live);
    bench.judge(event(8), proposed, around(), live);
    assert.deepEqual([bench.gain.faults, bench.gain.rounds, bench.gain.decisions], [2, 2, 0]);
    assert.equal(bench.gain.lastFault, 'round 8: no such order');
    assert.deepEqual(bench.looksBackAt(proposed, NOW, around()), { limits: [], same: [], dampingMs: 0 });
  });

  test('begins anew with a batch that is judged again', () => {
    const bench = new ShadowBench(STRICT, logger);
    const live = judge(event(7), proposed, around(), LIVE);
    bench.judge(event(7), proposed, around(), live);
    bench.begin();
    assert.deepEqual([bench.gain.rounds, bench.gain.differences.length], [0, 0]);
  });
});
