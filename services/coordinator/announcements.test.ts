import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { LIMITS } from '#shared/runtime/limits.ts';
import { answerTo, DeskStage, priced } from './fixtures/desk-stage.ts';

describe('what an agent announces with its answer', () => {
  let stage: DeskStage;
  before(async () => {
    stage = await DeskStage.open();
  });
  after(() => stage.close());

  const plan = { type: 'markdown.planned', subject: 'sku:A', data: { fromMinor: 1_000, toMinor: 950, coverDays: 90 } };

  /** What comes of an answer with an intent and these announcements, to an event so deep. */
  const announcedTo = async (depth: number, announcements: readonly object[]) => {
    const store = await stage.store('A');
    const desk = await stage.desk(store);
    const event = await stage.happen(store, { depth });
    await stage.pass(desk, [answerTo(event, [priced('A', 950)], { announcements })]);
    const { sql } = stage.database;
    const [decision] = await sql`select verdict from decisions where store = ${store} and seq = ${event.seq}`;
    const events =
      await sql`select type, source, depth, cause from events where store = ${store} and source = 'pricing'`;
    return {
      verdict: decision?.verdict,
      events: events.map((row) => ({ ...row })),
      event: event.id,
    };
  };

  test('is an event of its own, one deeper than what it answers', async () => {
    for (const depth of [0, LIMITS.depth - 1]) {
      const { verdict, events, event } = await announcedTo(depth, [plan]);
      assert.equal(verdict, 'granted');
      assert.deepEqual(events, [{ type: plan.type, source: 'pricing', depth: depth + 1, cause: event }]);
    }
  });

  test('goes no deeper than the bound: the chain ends, and the intent is denied', async () => {
    const { verdict, events } = await announcedTo(LIMITS.depth, [plan]);
    assert.equal(verdict, 'denied');
    assert.deepEqual(events, []);
  });

  test('is left out where its manifest or its contract does not allow it', async () => {
    const foreign = { type: 'campaign.planned', subject: 'store:shop', data: {} };
    const broken = { ...plan, data: { fromMinor: 1_000, toMinor: 950, coverDays: -1 } };
    const { verdict, events } = await announcedTo(0, [foreign, broken, plan]);
    assert.equal(verdict, 'granted');
    assert.deepEqual(
      events.map((row) => row.type),
      [plan.type],
    );
  });
});
