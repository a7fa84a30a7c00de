import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StoreFigures } from '#shared/store/setup/summary.ts';
import { type SenderSide, summarize, summaryLines } from './summary.ts';

const sender: SenderSide = {
  sent: 103,
  accepted: 100,
  duplicates: 2,
  refused: 1,
  orderLines: 400,
  ackP99Ms: 12.34,
  webhooksPerSecond: 200,
  webhooksPerSecondWarm: 250,
};

const store: StoreFigures = {
  deliveries: { mapped: 95, ignored: 3, failed: 1, duplicate: 1, received: 0 },
  copies: 2,
  echoes: 4,
  events: 120,
  rounds: { complete: 118, settled: 2, open: 0, late: 1 },
  answers: 300,
  intents: 20,
  conflicts: { direct: 2 },
  decisions: { granted: 6, adjusted: 2, merged: 4, deferred: 1, denied: 4, escalated: 3 },
  mergedGroups: 2,
  escalations: { ruled: 3 },
  ruledInFavour: 1,
  actions: { done: 9, failed: 1, revoked: 1 },
  mails: { sent: 3 },
  deadLetters: 1,
  p50Ms: 20.06,
  p99Ms: 90,
};

describe('the summary of a replay', () => {
  test('counts a repetition that mapping found among the duplicates', () => {
    const { summary, broken } = summarize(sender, store, 0, 60);
    assert.deepEqual(broken, []);
    assert.deepEqual(summary.webhooks, { sent: 103, accepted: 99, duplicates: 3, refused: 1, echoes: 4 });
    assert.deepEqual(summary.conflicts, { direct: 2, indirect: 0, implicit: 0, redundant: 0, sequence: 0, stale: 0 });
    assert.equal(summary.p50Ms, 20.1);
    assert.equal(summary.escalations, 3);
  });

  test('names every sum that does not hold', () => {
    const cases: [string, Partial<SenderSide>, Partial<StoreFigures>, number][] = [
      ['webhooks', { sent: 104 }, {}, 0],
      ['deliveries', {}, { deliveries: { ...store.deliveries, mapped: 94, received: 1 } }, 0],
      ['rounds', {}, { rounds: { ...store.rounds, complete: 117, open: 1 } }, 0],
      ['decisions', {}, { intents: 21 }, 0],
      ['actions =', {}, { ruledInFavour: 0 }, 0],
      ['actions: every', {}, { actions: { done: 9, failed: 1, calling: 1 } }, 0],
      ['lost', {}, {}, 1],
    ];
    for (const [name, senderChange, storeChange, lost] of cases) {
      const { broken } = summarize({ ...sender, ...senderChange }, { ...store, ...storeChange }, lost, 60);
      assert.equal(broken.length, 1, `${name}: ${broken.join('; ')}`);
      assert.ok(broken[0]?.startsWith(name), broken[0]);
    }
  });

  test('people see the broken sums too', () => {
    const { summary, broken } = summarize(sender, store, 2, 60);
    assert.match(summaryLines(summary, broken).join('\n'), /BROKEN {7}lost = 0: 2 is not 0/);
  });
});
