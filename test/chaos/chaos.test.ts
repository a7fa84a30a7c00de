import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Aftermath } from './aftermath.ts';
import { differences, faultsOf, totalsOf } from './compare.ts';
import type { RunResult } from './one-run.ts';
import { scenarios } from './scenarios.ts';
import { seededRandom, syntheticRows } from './synthetic.ts';
import { truthOfFacts, truthOfRows } from './truth.ts';

const aftermath: Aftermath = {
  fileFacts: {
    'store:s orders': 2,
    'sku:1 sold-total': 5,
    'sku:2 sold-total': 3,
    'sku:1 cancelled-total': 1,
    'sku:1 returned-total': 2,
  },
  doubled: [],
  effects: 4,
  unfinished: 0,
  sending: { fromMs: 0, toMs: 1 },
};
const good: RunResult = {
  summary: {
    webhooks: { sent: 1, accepted: 1, duplicates: 0, refused: 0 },
    rounds: { complete: 1, settled: 0 },
    orderLines: 1,
    events: 1,
    intents: 0,
    actions: {},
    deadLetters: 0,
    lost: 0,
    seconds: 1,
    webhooksPerSecond: 1,
  },
  exitCode: 0,
  struck: [],
  readyAtMs: 0,
  missed: [],
  timedOut: false,
  aftermath,
  seconds: 1,
  folder: '',
};

describe('the judge of a disturbed run', () => {
  test('finds nothing in a good one', () => assert.deepEqual(faultsOf(good, aftermath), []));

  test('finds what is lost, doubled, unfinished, told differently, and never struck', () => {
    const bad: RunResult = {
      ...good,
      summary: {
        ...good.summary!,
        lost: 2,
        broken: ['lost = 0: 2 is not 0', 'rounds: events = complete + settled: 1 is not 2'],
      },
      exitCode: 1,
      missed: ['nats'],
      aftermath: {
        ...aftermath,
        doubled: ['a refundCreate gid 2 times'],
        unfinished: 1,
        fileFacts: { ...aftermath.fileFacts, 'sku:2 sold-total': 6 },
      },
    };
    assert.deepEqual(faultsOf(bad, aftermath), [
      '2 lost',
      'rounds: events = complete + settled: 1 is not 2',
      'doubled: a refundCreate gid 2 times',
      '1 actions without an end',
      'sku:2 sold-total is 6, undisturbed 3',
      'nats was not struck: the run had ended',
    ]);
  });

  test('a fact that is missing is a difference', () => {
    const { 'sku:2 sold-total': _gone, ...fileFacts } = aftermath.fileFacts;
    assert.deepEqual(differences(aftermath, { ...aftermath, fileFacts }), [
      'sku:2 sold-total is undefined, undisturbed 3',
    ]);
  });

  test('totals are summed over SKUs', () => assert.equal(totalsOf(aftermath)['sold-total'], 8));
});

describe('the synthetic file', () => {
  test('is the same for the same seed, and another for another', () => {
    assert.deepEqual(syntheticRows(3, 50), syntheticRows(3, 50));
    assert.notDeepEqual(syntheticRows(3, 50), syntheticRows(4, 50));
  });

  test('holds every kind of row that the published file has', () => {
    const rows = syntheticRows(3, 250);
    for (const kind of [/^C\d/, /^A\d/, /,POST,/, /,damaged,-/, /,found,/, /,GIFT,1,[^,]*,0\.00,\d/, /,BANK CHARGES,/])
      assert.ok(
        rows.some((row) => kind.test(row)),
        String(kind),
      );
  });

  test('its truth is counted from the rows', () => {
    const rows = [
      'header',
      '1,90100A,X,5,t,2.00,50001,EIRE',
      '1,POST,POSTAGE,1,t,2.00,50001,EIRE',
      '2,90100A,GIFT,1,t,0.00,50001,EIRE',
      'C3,90100A,X,-2,t,2.00,50001,EIRE',
      '4,90100A,damaged,-3,t,0.00,,EIRE',
      '5,90100A,found,3,t,0.00,,EIRE',
      'A6,B,Adjust bad debt,1,t,9.00,,EIRE',
    ];
    assert.deepEqual(truthOfRows(rows), {
      '90100A sold-total': 6,
      '90100A taken-back': 2,
      '90100A written-off-total': 3,
      'write-offs': 1,
      orders: 2,
    });
  });

  test('cancelled and returned are both taken back', () => {
    assert.deepEqual(truthOfFacts(aftermath), { orders: 2, '1 sold-total': 5, '2 sold-total': 3, '1 taken-back': 3 });
  });
});

test('the same seed strikes at the same moments, and those at the door while the file is sent', () => {
  const times = { replay: { fromMs: 0, toMs: 10_000 }, sending: { fromMs: 100, toMs: 4_000 } };
  const all = scenarios(seededRandom(5), times, true);
  assert.deepEqual(all, scenarios(seededRandom(5), times, true));
  for (const { strikes } of all)
    for (const { victim, atMs } of strikes)
      if (victim === 'gateway' || victim === 'sandbox') assert.ok(atMs < 4_000, `${victim} at ${atMs}`);
});

test('one run of the real thing: every service killed once', { timeout: 230_000 }, () => {
  const run = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'run.ts'), '--seed', '11', '--only', 'every', '--json'],
    {
      encoding: 'utf8',
    },
  );
  assert.equal(run.status, 0, run.stderr.split('\n').slice(-30).join('\n'));
  const report = JSON.parse(run.stdout.trim().split('\n').at(-1)!) as {
    lost: number;
    doubled: number;
    strikes: number;
  };
  assert.deepEqual([report.lost, report.doubled, report.strikes], [0, 0, 10]);
});
