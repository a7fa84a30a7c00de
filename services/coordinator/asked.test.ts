import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { Draft, Envelope } from '#shared/contracts/envelope.ts';
import { answerTo, DeskStage, priced } from './fixtures/desk-stage.ts';

let stage: DeskStage;
before(async () => {
  stage = await DeskStage.open();
});
after(() => stage.close());

const rowsOf = async (query: PromiseLike<readonly object[]>) =>
  (await query).map((row) => ({ ...row })) as Record<string, unknown>[];
const decided = async (store: string) =>
  (await rowsOf(stage.database.sql`select seq, verdict, rule from decisions where store = ${store} order by seq`)).map(
    ({ seq, verdict, rule }) => `${seq} ${verdict} by ${rule}`,
  );
const letters = async (store: string) =>
  (await rowsOf(stage.database.sql`select ref, reason from dead_letters where store = ${store}`)).map(
    ({ ref, reason }) => `${ref} ${reason}`,
  );
const standings = async (store: string) =>
  (await rowsOf(stage.database.sql`select standing from answers where store = ${store} order by seq, part`)).map(
    ({ standing }) => standing,
  );
const held = (store: string) =>
  rowsOf(
    stage.database
      .sql`select seq, type, depth, cause, correlation from events where store = ${store} and type like 'answer.%' order by seq`,
  );
const MARKDOWN = {
  type: 'markdown.planned',
  subject: 'sku:A',
  data: { fromMinor: 1_000, toMinor: 950, coverDays: 90 },
};
const told = (store: string) =>
  rowsOf(
    stage.database
      .sql`select depth, cause, correlation from events where store = ${store} and type = 'markdown.planned'`,
  );
const actions = (store: string) =>
  rowsOf(stage.database.sql`select cause, depth, correlation, state from actions where store = ${store}`);

describe('an answer that nobody asked for is set aside and judged by nobody', () => {
  const cases: readonly [
    name: string,
    over: Partial<Draft>,
    to: (event: Envelope) => Partial<Envelope>,
    why: string,
  ][] = [
    ['to an event that does not exist', {}, () => ({ id: randomUUID() }), 'not-found'],
    ['to an event at another place', {}, ({ seq }) => ({ seq: seq + 1 }), 'not-found'],
    ['to an event that lies far ahead', {}, () => ({ id: randomUUID(), seq: 1_000_000 }), 'not-found'],
    ['to a type outside its manifest', { type: 'price.planned' }, () => ({}), 'not-permitted'],
    ['to what is addressed to nobody', { addressee: 'nobody' }, () => ({}), 'not-permitted'],
    ['to what is addressed to another', { addressee: 'marketing' }, () => ({}), 'not-permitted'],
    ['to what nobody is asked about any more', { depth: 9 }, () => ({}), 'not-permitted'],
  ];
  for (const [name, over, to, why] of cases)
    test(`${name}: ${why}`, async () => {
      const store = await stage.store('A');
      const desk = await stage.desk(store);
      const event = await stage.happen(store, over);
      const answered = { ...event, ...to(event) };
      for (const when of ['with its event', 'once its round is closed']) {
        const message = answerTo(answered, [priced('A', 950)]);
        await stage.pass(desk, [message]);
        assert.equal(message.acked, true, when);
      }
      assert.deepEqual(await letters(store), [`${answered.id}.pricing.1 ${why}`]);
      assert.deepEqual(await standings(store), []);
      assert.deepEqual(await held(store), []);
      assert.deepEqual(await decided(store), []);
    });

  test('to an event of another store: not-found, and the answer that is owed there still counts', async () => {
    const [mine, other] = [await stage.store('A'), await stage.store('A')];
    const [desk, otherDesk] = [await stage.desk(mine), await stage.desk(other)];
    const event = await stage.happen(other);
    await stage.pass(desk, [answerTo({ ...event, store: mine }, [priced('A', 900)])]);
    assert.deepEqual(await letters(mine), [`${event.id}.pricing.1 not-found`]);
    await stage.pass(otherDesk, [answerTo(event, [priced('A', 950)])]);
    assert.deepEqual(await decided(other), [`${event.seq} granted by objectives`]);
  });
});

describe('an answer that was asked for', () => {
  /** An event whose round nobody held open, so that the answer to it comes late. */
  const missed = async (over: Partial<Draft> = {}) => {
    const store = await stage.store('A');
    const { liveness: _, ...deps } = stage.deps();
    const desk = await stage.desk(store, { ...deps, liveness: stage.deps(stage.coordinator, []).liveness });
    const event = await stage.happen(store, over);
    desk.feed.offer(event);
    await stage.pass(desk);
    assert.equal(desk.rounds.size, 0);
    return { store, desk, event };
  };

  test('comes late: its event lies one deeper than what it answers, and its intents rest on that', async () => {
    const correlationid = randomUUID();
    const { store, desk, event } = await missed({ depth: 3, correlationid });
    await stage.pass(desk, [answerTo(event, [priced('A', 950)], { announcements: [MARKDOWN] })]);
    await stage.pass(desk);
    const [late] = await held(store);
    assert.deepEqual(late, {
      seq: late!.seq,
      type: 'answer.late',
      depth: 4,
      cause: event.id,
      correlation: correlationid,
    });
    assert.deepEqual(await decided(store), [`${late!.seq} granted by objectives`]);
    assert.deepEqual(await actions(store), [
      { cause: 'sku:A', depth: 4, correlation: correlationid, state: 'pending' },
    ]);
    assert.deepEqual(await told(store), [{ depth: 4, cause: event.id, correlation: correlationid }]);
    assert.deepEqual(await standings(store), ['late']);
    const [record] = await rowsOf(stage.database.sql`select inputs from round_inputs where store = ${store}`);
    const { answered, origin } = record!.inputs as { answered: string; origin: number };
    assert.deepEqual([answered, origin], [event.id, event.seq], 'what it takes to judge it again');
    assert.deepEqual(await letters(store), []);
  });

  test('comes late to an event at the end of a chain: its intents are denied, what it announces is not told', async () => {
    const { store, desk, event } = await missed({ depth: 8 });
    await stage.pass(desk, [answerTo(event, [priced('A', 950)], { announcements: [MARKDOWN] })]);
    await stage.pass(desk);
    const [late] = await held(store);
    assert.deepEqual(await decided(store), [`${late!.seq} denied by depth`]);
    assert.deepEqual(await actions(store), []);
    assert.deepEqual(await told(store), []);
  });

  test('comes late about an order that has been cancelled since: it is stale', async () => {
    const data = { name: '#1', currency: 'GBP', totalMinor: 100, lines: [{ sku: 'A', units: 1, unitMinor: 100 }] };
    const { store, desk, event } = await missed({ type: 'order.placed', subject: 'order:1', data });
    const gone = await stage.happen(store, { type: 'order.cancelled', subject: 'order:1', data: {} });
    desk.feed.offer(gone);
    await stage.pass(desk);
    await stage.pass(desk, [answerTo(event, [priced('A', 950)])]);
    await stage.pass(desk);
    const [late] = await held(store);
    assert.deepEqual(await decided(store), [`${late!.seq} denied by freshness`]);
  });

  test('comes in a second part: the same holds, and a late order.cancelled voids what it did', async () => {
    const data = { name: '#1', currency: 'GBP', totalMinor: 100, lines: [{ sku: 'A', units: 1, unitMinor: 100 }] };
    const { store, desk, event } = await missed({ type: 'order.placed', subject: 'order:1', depth: 2, data });
    await stage.pass(desk, [answerTo(event, [priced('A', 950)], { part: 2 })]);
    await stage.pass(desk);
    const [more] = await held(store);
    assert.deepEqual([more!.type, more!.depth, more!.cause], ['answer.more', 3, event.id]);
    assert.deepEqual(
      (await actions(store)).map(({ cause, depth, state }) => [cause, depth, state]),
      [['order:1', 3, 'pending']],
    );
    const gone = await stage.happen(store, { type: 'order.cancelled', subject: 'order:1', data: {} });
    desk.feed.offer(gone);
    await stage.pass(desk);
    assert.deepEqual(
      (await actions(store)).map(({ state }) => state),
      ['revoked'],
    );
  });

  test('comes before its event has been taken, from an agent that is not expected: the round holds it', async () => {
    const { store, desk } = await missed();
    const event = await stage.happen(store);
    const next = await stage.happen(store);
    await stage.pass(desk, [answerTo(next, [priced('A', 960)]), answerTo(event, [priced('A', 950)])]);
    while (desk.position < next.seq) {
      desk.feed.offer(event);
      desk.feed.offer(next);
      await stage.pass(desk);
    }
    assert.equal((await decided(store)).length, 2);
    assert.deepEqual(await standings(store), ['judged', 'judged']);
  });
});
