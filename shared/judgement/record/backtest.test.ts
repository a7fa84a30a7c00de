import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HOUR_MS, plus } from '#shared/kernel/time.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { NOW, policy, setPrice } from '../testing.ts';
import type { Outcome } from '../types.ts';
import { sourcesOf } from './again.ts';
import { Backtest, Rejudging } from './backtest.ts';
import { answersOf, keep } from './testing.ts';

describe('a backtest', () => {
  const denyAll: Partial<Policy> = { hold: () => ({ verdict: 'denied', rule: 'stop', why: 'w', detail: 'd' }) };
  const rounds = (count: number) => {
    const kept = keep(answersOf([setPrice('pricing', 'A', 950)]), {});
    return Array.from({ length: count }, (_, n) => ({
      ...kept,
      round: { ...kept.round, seq: n + 1, event: { ...kept.round.event, now: plus(NOW, n * 24 * HOUR_MS) } },
    }));
  };
  const run = (rules: Partial<Policy>, kept = rounds(8)) => {
    const backtest = new Backtest(policy(rules));
    for (const { round, page } of kept)
      backtest.add(round, sourcesOf({ ...page, actions: actionsOf(kept[0]!.outcome) }));
    return backtest.report();
  };
  const actionsOf = (outcome: Outcome) => outcome.actions.map((action) => ({ ...action, state: 'done' as const }));

  test('under the same rules nothing changes', () => {
    const report = run({});
    assert.deepEqual([report.rounds, report.decisions, report.changed, report.faults], [8, 8, 0, []]);
  });

  test('under others it says what, by which rules, and what money that moves', () => {
    const report = run(denyAll);
    const [group] = report.groups;
    assert.equal(report.changed, 8);
    assert.deepEqual(
      [group?.from, group?.to, group?.toRule, group?.decisions, group?.examples.length],
      ['granted', 'denied', 'stop', 8, 3],
    );
    assert.ok(report.before.revenueMinor > 0);
    assert.equal(report.after.revenueMinor, 0);
    assert.equal(group?.revenueMinor, -report.before.revenueMinor);
  });

  test('counts what is asked a week, before and after', () => {
    const asks: Partial<Policy> = {
      ask: ({ intent }) => ({
        rule: 'big',
        why: 'w',
        detail: 'd',
        measure: 'revenueMinor',
        amount: intent.impact.revenueMinor,
        limit: 1,
      }),
    };
    assert.deepEqual(run(asks).escalations, { before: 0, after: 8, perWeek: { before: 0, after: 8 } });
  });

  test('compares with another set where one is given, and not with what was decided then', () => {
    const kept = rounds(8);
    const beside = (rules: Partial<Policy>, against: Partial<Policy>) => {
      const [backtest, inForce] = [new Backtest(policy(rules)), new Rejudging(policy(against))];
      for (const { round, page } of kept) {
        const sources = sourcesOf({ ...page, actions: actionsOf(kept[0]!.outcome) });
        backtest.add(round, sources, () => inForce.judge(round, sources));
      }
      return backtest.report();
    };
    assert.equal(beside(denyAll, denyAll).changed, 0);
    const { changed, groups, before, after } = beside({}, denyAll);
    assert.deepEqual([changed, groups[0]?.from, groups[0]?.fromRule, groups[0]?.to], [8, 'denied', 'stop', 'granted']);
    assert.equal(before.revenueMinor, 0);
    assert.ok(after.revenueMinor > 0);
  });

  test('sums towards a limit follow its own decisions, and forget what is older than the window', () => {
    const limit = { rule: 'daily', scope: 'store', measure: 'revenueMinor', overMs: 60 * HOUR_MS } as const;
    const seen: number[] = [];
    run({
      limits: () => [limit],
      ask: ({ counted }) => {
        seen.push(counted(limit));
        return undefined;
      },
    });
    const one = seen[1]!;
    assert.ok(one > 0);
    assert.deepEqual(seen.slice(0, 5), [0, one, 2 * one, 2 * one, 2 * one]);
  });

  test('a set that throws is a fault of that round, not of the backtest', () => {
    const report = run({ precedence: () => assert.fail('broken') });
    assert.equal(report.faults.length, 5);
    assert.match(report.faults[0]!, /round 1: broken/);
  });

  test('says in how many rounds something was asked for that was not looked at then', () => {
    const report = run(
      { hold: () => undefined },
      rounds(2).map((kept) => ({
        ...kept,
        round: {
          ...kept.round,
          inputs: { ...kept.round.inputs, verdicts: { ...kept.round.inputs.verdicts!, facts: {} } },
        },
      })),
    );
    assert.equal(report.incomplete, 2);
  });
});
