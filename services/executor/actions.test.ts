import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { envelope } from '#shared/contracts/envelope.ts';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import { TransientError, UnknownOutcomeError } from '#shared/kernel/errors.ts';
import { takeDueActions, takeUnknown } from '#shared/store/executor/due-actions.ts';
import { inStores } from '#shared/store/transaction.ts';
import { ActionLoop } from './action-loop.ts';
import { messageIdOf } from './customer-mail.ts';
import type { Deps } from './deps.ts';
import { lookAtUnknown, ownUpToAbandoned, tellRevocations } from './look-after.ts';
import { actionRow, type Bench, openBench, START, STORE, seedAction, seedClaim, toldEnds } from './testing/bench.ts';

const hold = (order: string) => ({ order, handle: 'orders-1', holdReason: 'fraud', note: 'signals' });
const tag = (name: string) => ({ type: 'order.tag', leaves: [`order:${name}`], params: { order: name, tag: name } });

describe('the executor', () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  /** Takes what is due and waits until all of it has ended. */
  const work = async (deps: Deps = bench.life()) => {
    const loop = new ActionLoop(deps, () => [STORE]);
    await loop.tick();
    const stop = new AbortController();
    stop.abort();
    await loop.run(stop.signal);
  };
  const makeLookDue = () =>
    bench.database
      .sql`update actions set next_look_at = clock_timestamp() - interval '1 second' where state = 'unknown' and next_look_at is not null`;
  /** What people are told of an action, and whether in the transaction that last wrote the action itself. */
  const lettersAbout = async (action: string) =>
    (
      await bench.database.sql`
        select l.reason, l.xmin::text = a.xmin::text as together from dead_letters l join actions a on a.action = l.ref where a.action = ${action}`
    ).map(({ reason, together }) => `${reason}, written ${together ? 'with the action' : 'apart'}`);
  const lookNow = async (deps: Deps = bench.life(), settled = true) => {
    await makeLookDue();
    if (settled)
      await bench.database
        .sql`update actions set call_by = clock_timestamp() - interval '1 second' where state = 'unknown'`;
    await lookAtUnknown([STORE], deps);
  };

  test('carries a due action out once, and tells of it with an event of its contract', async () => {
    await seedAction(bench.database, { action: 'a1', type: 'order.hold', leaves: ['order:9'], params: hold('9') });
    await work();
    await work();
    assert.equal((await actionRow(bench.database, 'a1')).state, 'done');
    assert.equal(bench.store.effectsOf('a1'), 1);
    assert.deepEqual(await toldEnds(bench.database, 'a1'), ['action.done']);
    const told = bench.published.find((event) => event.causationid === 'a1')!;
    assert.equal(envelope.safeParse(told).success, true);
    assert.equal(EVENT_TYPES.get(told.type)!.data.safeParse(told.data).success, true);
    assert.equal(told.time, START);
  });

  test('leaves alone what is not due, and what the store clock has not reached', async () => {
    await seedAction(bench.database, { action: 'later', ...tag('later'), notBefore: '2026-11-21T10:00:01.000Z' });
    await work();
    assert.equal((await actionRow(bench.database, 'later')).state, 'pending');
    await bench.database.sql`update stores set clock = '2026-11-21T10:00:02.000Z'`;
    await work();
    assert.equal((await actionRow(bench.database, 'later')).state, 'done');
  });

  test('revokes what is expired or displaced, and tells of every revocation once', async () => {
    await seedAction(bench.database, { action: 'expired', ...tag('expired'), notAfter: START });
    await seedAction(bench.database, { action: 'displaced', ...tag('displaced') });
    await seedClaim(bench.database, 'displaced', 'order:displaced', 'displaced');
    await seedAction(bench.database, { action: 'claimed', ...tag('claimed') });
    await seedClaim(bench.database, 'claimed', 'order:claimed', null);
    await seedAction(bench.database, { action: 'preempted', ...tag('preempted'), state: 'revoked' });
    await work();
    await tellRevocations([STORE], bench.life());
    await tellRevocations([STORE], bench.life());
    assert.equal((await actionRow(bench.database, 'claimed')).state, 'done');
    for (const [action, reason] of [
      ['expired', 'expired'],
      ['displaced', 'displaced'],
      ['preempted', null],
    ] as const) {
      const row = await actionRow(bench.database, action);
      assert.deepEqual([row.state, row.reason], ['revoked', reason]);
      assert.deepEqual(await toldEnds(bench.database, action), ['action.revoked']);
      assert.equal(bench.store.effectsOf(action), 0);
    }
  });

  test('calls nothing in a store that only watches', async () => {
    await bench.database.sql`update stores set mode = 'watch'`;
    await seedAction(bench.database, { action: 'watched', ...tag('watched') });
    await work();
    await tellRevocations([STORE], bench.life());
    await bench.database.sql`update stores set mode = 'live'`;
    const row = await actionRow(bench.database, 'watched');
    assert.deepEqual([row.state, row.reason], ['revoked', 'watch']);
  });

  test('a revocation and a call exclude each other, whichever commits first', async () => {
    for (let round = 0; round < 20; round++) {
      const action = `race-${round}`;
      await seedAction(bench.database, { action, ...tag(action) });
      const revoke = bench.database.open('coordinator');
      const [taken, revoked] = await Promise.all([
        inStores(bench.life().sql, [STORE], (tx) => takeDueActions(tx, 'executor@test', ['order.tag'], 1)),
        inStores(
          revoke,
          [STORE],
          (tx) =>
            tx`update actions set state = 'revoked', reason = 'preempted', ended_at = clock_timestamp() where store = ${STORE} and action = ${action} and state = 'pending' returning 1`,
        ),
      ]);
      assert.equal(taken.length + revoked.length, 1);
      await revoke.end();
      await bench.database.sql`delete from actions where action = ${action}`;
    }
  });

  test('a refusal fails, with a reason of the closed list', async () => {
    bench.store.mishaps.push('refuse');
    await seedAction(bench.database, { action: 'refused', ...tag('refused') });
    await work();
    const row = await actionRow(bench.database, 'refused');
    assert.deepEqual([row.state, row.reason], ['failed', 'not-found']);
  });

  test('killed before the call: no effect, read back as failed, never called again', async () => {
    await seedAction(bench.database, { action: 'before', ...tag('before'), state: 'calling', owner: 'executor@test' });
    await ownUpToAbandoned([STORE], true, bench.life());
    await lookNow(bench.life(), false);
    assert.equal(
      (await actionRow(bench.database, 'before')).state,
      'unknown',
      'too early: a request may be on its way',
    );
    await lookNow();
    await work();
    assert.equal((await actionRow(bench.database, 'before')).state, 'failed');
    assert.equal(bench.store.effectsOf('before'), 0);
    assert.deepEqual(await toldEnds(bench.database, 'before'), ['action.unknown', 'action.failed']);
  });

  test('killed after the call: one effect, read back as done at once', async () => {
    await seedAction(bench.database, { action: 'after', ...tag('after') });
    const dying = bench.life();
    const loop = new ActionLoop({ ...dying, sql: dying.sql }, () => [STORE]);
    await loop.tick();
    const stop = new AbortController();
    stop.abort();
    await loop.run(stop.signal);
    await bench.database
      .sql`update actions set state = 'calling', owner = 'executor@test', call_by = clock_timestamp() + interval '20 seconds', ended_at = null where action = 'after'`;
    await ownUpToAbandoned([STORE], true, bench.life());
    await lookAtUnknown([STORE], bench.life());
    assert.equal((await actionRow(bench.database, 'after')).state, 'done');
    assert.equal(bench.store.effectsOf('after'), 1);
  });

  test("another's call is left alone until its time is over", async () => {
    await seedAction(bench.database, { action: 'theirs', ...tag('theirs'), state: 'calling', owner: 'executor@other' });
    await ownUpToAbandoned([STORE], true, bench.life());
    assert.equal((await actionRow(bench.database, 'theirs')).state, 'calling');
    await bench.database
      .sql`update actions set call_by = clock_timestamp() - interval '1 second' where action = 'theirs'`;
    await ownUpToAbandoned([STORE], false, bench.life());
    assert.equal((await actionRow(bench.database, 'theirs')).state, 'unknown');
    await lookNow();
  });

  test('a lost answer: one effect, unknown, then done', async () => {
    bench.store.mishaps.push('drop-answer');
    await seedAction(bench.database, {
      action: 'dropped',
      type: 'refund.issue',
      leaves: ['order:9'],
      params: { order: '9', amountMinor: 100, currency: 'GBP', note: 'late' },
    });
    await work();
    assert.equal((await actionRow(bench.database, 'dropped')).state, 'unknown');
    await work();
    await lookNow();
    assert.equal((await actionRow(bench.database, 'dropped')).state, 'done');
    assert.equal(bench.store.effectsOf('dropped'), 1);
    assert.deepEqual(await toldEnds(bench.database, 'dropped'), ['action.unknown', 'action.done']);
  });

  test('an unknown end that nobody can clear is left to a person after the last look', async () => {
    await seedAction(bench.database, {
      action: 'riddle',
      type: 'price.set',
      leaves: ['sku:A'],
      params: { sku: 'A', priceMinor: 300, currency: 'GBP' },
      inverse: [{ action: 'price.set', params: { sku: 'A', priceMinor: 255, currency: 'GBP' } }],
    });
    bench.store.mishaps.push('drop-request');
    await work();
    bench.store.books.prices.set('gid://shopify/ProductVariant/11', '9.99');
    await bench.database
      .sql`update actions set ended_at = clock_timestamp() - interval '2 hours' where action = 'riddle'`;
    await makeLookDue();
    const last = await inStores(bench.life().sql, [STORE], (tx) => takeUnknown(tx));
    assert.deepEqual(
      last.map(({ action, again }) => [action, again]),
      [['riddle', false]],
      'whoever takes the last look dies over it',
    );
    await lookNow();
    assert.equal((await actionRow(bench.database, 'riddle')).state, 'unknown');
    assert.deepEqual(await lettersAbout('riddle'), ['timeout, written with the action']);
    await lookNow();
    assert.equal((await lettersAbout('riddle')).length, 1);
  });

  test('a promotion records the title under which it will run, before the call', async () => {
    const params = {
      target: 'sku:A',
      discountBasisPoints: 1_000,
      startsAt: START,
      endsAt: '2026-11-28T10:00:00.000Z',
      title: 'Week',
      combines: false,
    };
    await seedAction(bench.database, {
      action: 'launch',
      type: 'promotion.launch',
      leaves: ['sku:A'],
      params,
      writes: [{ resource: 'sku:A', attribute: 'promotions', value: { title: 'Week', discountBasisPoints: 1_000 } }],
    });
    await work();
    const [row] = await bench.database.sql`select writes from actions where action = 'launch'`;
    assert.equal(row!.writes[0].value.title, bench.store.books.discounts[0]?.title);
    await seedAction(bench.database, {
      action: 'pause',
      type: 'promotion.pause',
      leaves: ['sku:A'],
      params: { target: 'sku:A' },
    });
    await work();
    assert.equal(
      bench.store.books.discounts[0]?.status,
      'EXPIRED',
      'found by the outcome of the launch, without a fact',
    );
  });

  test('a reorder is cancelled by the key of its own order', async () => {
    await seedAction(bench.database, {
      action: 'po',
      type: 'reorder.place',
      leaves: ['sku:A'],
      params: { sku: 'A', supplier: 'acme', units: 5, expectedAt: START },
    });
    await work();
    for (const action of ['po-cancel', 'po-cancel-again']) {
      await seedAction(bench.database, {
        action,
        type: 'reorder.cancel',
        leaves: ['sku:A'],
        params: { sku: 'A', supplier: 'acme' },
      });
      await work();
    }
    assert.equal(bench.store.books.purchaseOrders.get('po'), 'cancelled');
    assert.equal((await actionRow(bench.database, 'po-cancel-again')).reason, 'not-found');
  });

  test('mails go to the address that is kept sealed, only with consent where that is needed', async () => {
    const notice = (customer: string) => ({
      customer,
      topic: 'delay',
      subject: 'Your order\r\nBcc: x@y.z',
      text: '<b>late</b>',
    });
    const campaign = (customer: string) => ({ customer, campaign: 'c1', subject: 'News', text: 'Buy' });
    await seedAction(bench.database, {
      action: 'n6',
      type: 'notice.send',
      leaves: ['customer:6'],
      params: notice('6'),
    });
    await seedAction(bench.database, {
      action: 'c5',
      type: 'campaign.send',
      leaves: ['customer:5'],
      params: campaign('5'),
    });
    await seedAction(bench.database, {
      action: 'c6',
      type: 'campaign.send',
      leaves: ['customer:6'],
      params: campaign('6'),
    });
    await seedAction(bench.database, {
      action: 'n7',
      type: 'notice.send',
      leaves: ['customer:7'],
      params: notice('7'),
    });
    await work();
    const rows = await Promise.all(['n6', 'c5', 'c6', 'n7'].map((action) => actionRow(bench.database, action)));
    assert.deepEqual(
      rows.map((row) => row.reason ?? row.state),
      ['done', 'done', 'no-consent', 'no-address'],
    );
    const letter = bench.mail.left.find((each) => each.to === 'customer6@example.invalid')!;
    assert.equal(letter.messageId, messageIdOf('n6'));
    assert.ok(!/[\r\n]/.test(letter.subject));
    assert.ok(letter.html.includes('&lt;b&gt;late'));
    const events = JSON.stringify(await bench.database.sql`select data from events`);
    assert.ok(!events.includes('example.invalid'), 'no address on the bus');
  });

  test("a mail server that is away delays a customer's mail; one that may have taken it ends it as unknown", async () => {
    const params = { customer: '5', topic: 'answer', subject: 'Hello', text: 'Hi' };
    await seedAction(bench.database, { action: 'waits', type: 'notice.send', leaves: ['customer:5'], params });
    bench.mail.faults.push(new TransientError('mail-unavailable', 'away'));
    await work();
    assert.equal((await actionRow(bench.database, 'waits')).state, 'pending');
    await work();
    assert.equal((await actionRow(bench.database, 'waits')).attempts, 1, 'not before its next time');
    await bench.database.sql`update actions set next_look_at = null where action = 'waits'`;
    bench.mail.faults.push(new UnknownOutcomeError('mail-unavailable', 'broke'));
    await work();
    assert.deepEqual(await lettersAbout('waits'), ['mail-unavailable, written with the action']);
    await lookNow();
    await work();
    assert.equal((await actionRow(bench.database, 'waits')).state, 'unknown');
    assert.equal(bench.mail.left.filter((each) => each.messageId === messageIdOf('waits')).length, 0);
    assert.equal((await lettersAbout('waits')).length, 1);
  });

  test("a customer's mail whose sender died is left to a person with its end", async () => {
    const params = { customer: '5', topic: 'answer', subject: 'Hello', text: 'Hi' };
    await seedAction(bench.database, { action: 'orphan', type: 'notice.send', leaves: ['customer:5'], params });
    await bench.database
      .sql`update actions set state = 'calling', owner = 'executor@test', call_by = clock_timestamp() + interval '20 seconds' where action = 'orphan'`;
    await ownUpToAbandoned([STORE], true, bench.life());
    assert.equal((await actionRow(bench.database, 'orphan')).state, 'unknown');
    assert.deepEqual(await lettersAbout('orphan'), ['timeout, written with the action']);
  });
});
