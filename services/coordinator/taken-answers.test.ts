import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { Desk } from './desk.ts';
import { answerTo, DeskStage, priced } from './fixtures/desk-stage.ts';

describe('answers that the coordinator takes in', () => {
  let stage: DeskStage;
  before(async () => {
    stage = await DeskStage.open();
  });
  after(() => stage.close());

  type Given = (event: Envelope) => ReturnType<typeof answerTo>;
  const proper: Given = (event) => answerTo(event, [priced('A', 950)]);
  const dearer: Given = (event) => answerTo(event, [priced('A', 990)]);
  const foreign: Given = (event) => answerTo(event, [priced('A', 700)], { digest: 'of another manifest' });
  const malformed: Given = (event) => answerTo(event, [], { sneaky: true });
  const both: Given = (event) => answerTo(event, [], { sneaky: true, digest: 'of another manifest' });

  async function event(): Promise<{ desk: Desk; event: Envelope }> {
    const desk = await stage.desk(await stage.store('A'));
    const event = await stage.happen(desk.store);
    await stage.pass(desk);
    return { desk, event };
  }

  async function seen({ store }: Desk): Promise<readonly (readonly string[])[]> {
    const { sql } = stage.database;
    const rounds = await sql`select closed_as, answers from rounds where store = ${store} and seq = 2`;
    const decisions = await sql`select params->>'priceMinor' as price, verdict from decisions where store = ${store}`;
    const letters = await sql`select kind, reason from dead_letters where store = ${store} order by reason`;
    return [
      rounds.map((row) => `${row.closed_as ?? 'open'} ${row.answers}`),
      decisions.map((row) => `${row.price} ${row.verdict}`),
      letters.map((row) => `${row.kind} ${row.reason}`),
    ];
  }

  const CASES: readonly (readonly [string, readonly Given[], Awaited<ReturnType<typeof seen>>])[] = [
    ['one that comes twice counts once', [proper, proper], [['complete 1'], ['950 granted'], []]],
    ['of two different ones the first counts', [proper, dearer], [['complete 1'], ['950 granted'], []]],
    [
      'one under another manifest leaves the round open, and is kept',
      [foreign, foreign],
      [['open 0'], [], ['answer foreign-digest']],
    ],
    [
      'one under another manifest does not take the place of the one that is owed',
      [foreign, proper],
      [['complete 1'], ['950 granted'], ['answer foreign-digest']],
    ],
    [
      'a malformed one under another manifest is no pass',
      [both, proper],
      [['complete 1'], ['950 granted'], ['answer foreign-digest']],
    ],
    [
      'a malformed one is a pass, and is kept once',
      [malformed, malformed, proper],
      [['complete 1'], [], ['answer malformed-answer']],
    ],
  ];

  for (const [name, given, then] of CASES) {
    test(`${name}: together`, async () => {
      const { desk, event: asked } = await event();
      const messages = given.map((make) => make(asked));
      await stage.pass(desk, messages);
      assert.deepEqual(await seen(desk), then);
      assert.ok(messages.every(({ acked }) => acked));
    });

    test(`${name}: one after the other`, async () => {
      const { desk, event: asked } = await event();
      for (const make of given) await stage.pass(desk, [make(asked)]);
      assert.deepEqual(await seen(desk), then);
    });

    test(`${name}: before the event itself`, async () => {
      const desk = await stage.desk(await stage.store('A'));
      const asked = await stage.happen(desk.store);
      await desk.collect(given.map((make) => make(asked)));
      await stage.pass(desk);
      assert.deepEqual(await seen(desk), then);
    });
  }
});
