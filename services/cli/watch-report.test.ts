import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AreaReport, WatchReport } from '#shared/store/pages/watch-report.ts';
import { Output } from './output.ts';
import { sayWatchReport } from './watch-report.ts';

const none = { watched: 0, done: 0, waiting: 0, troubled: 0, takenBack: 0, weighed: 0, examples: [] };
const prices = { agent: 'pricing', action: 'price.set', open: false } as const;
const done: AreaReport = { ...none, ...prices, done: 19 };
const watched: AreaReport = { ...none, ...prices, watched: 2 };

function said(mode: WatchReport['mode'], areas: readonly AreaReport[]): string {
  const [since, until] = ['2026-02-01T00:00:00.000Z', '2026-02-08T00:00:00.000Z'] as const;
  const counted = { openings: [], verdicts: [], clashes: [], questions: [], refused: [], faults: [], missing: [] };
  const about = { store: 'candles', platform: 'shopify', currency: 'GBP', zone: 'Europe/London' };
  const report = { ...about, ...counted, mode, since, until, begun: since, events: 1, changedNothing: 0, areas };
  let text = '';
  sayWatchReport(
    { ...report, cut: false } as unknown as WatchReport,
    new Output(false, { write: (part) => (text += part) }),
  );
  return text.replace(/\s+/g, ' ');
}

describe('the report of a store', () => {
  test('says of what was done that it was, also where the store only watches by now', () => {
    const text = said('watch', [done]);
    assert.match(text, /What was done agent/);
    assert.doesNotMatch(text, /would have been done|Nothing of this was done/);
  });

  test('tells what was done from what would have been, whatever the store may do now', () => {
    for (const mode of ['watch', 'live'] as const) {
      const text = said(mode, [{ ...done, watched: 2 }]);
      assert.match(text, /What was done, and what would have been agent/);
      assert.match(text, /What would have been done was not, so that/);
    }
  });

  test('says of what was only watched that nothing was done', () => {
    assert.match(said('watch', [watched]), /What would have been done agent.* Nothing of this was done/);
    assert.match(said('watch', []), /Nothing of this was done/);
  });

  test('explains money only where some is shown', () => {
    assert.doesNotMatch(said('live', [done]), /moves|Money/);
    const moved = { revenueMinor: 100 } as unknown as AreaReport['moved'];
    assert.match(said('watch', [{ ...watched, weighed: 2, moved }]), /moves.*Money is what/);
  });
});
