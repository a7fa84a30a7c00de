import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { ArrivedDelivery } from '#shared/store/deliveries/insert-deliveries.ts';
import { GroupCommit } from './group-commit.ts';
import { orderedIds } from './ordered-ids.ts';

const arrived = (key: string, bytes = 1, endpoint = 'shop'): ArrivedDelivery => ({
  id: key,
  store: 'shop',
  endpoint,
  key,
  topic: 't',
  headers: {},
  body: Buffer.alloc(bytes),
  copies: 0,
});

/** A commit that ends when it is told to. */
function gated(known: Set<string> = new Set()) {
  const batches: (readonly ArrivedDelivery[])[] = [];
  const gates: { open(): void; fail(): void }[] = [];
  const commit = (batch: readonly ArrivedDelivery[]) => {
    batches.push(batch);
    return new Promise<{ endpoint: string; key: string; fresh: boolean }[]>((resolve, reject) => {
      gates.push({
        open: () => resolve(batch.map(({ endpoint, key }) => ({ endpoint, key, fresh: !known.has(key) }))),
        fail: () => reject(new Error('connection lost')),
      });
    });
  };
  return { commit, batches, gates, next: () => new Promise((resolve) => setImmediate(resolve)) };
}

describe('group commit', () => {
  test('what arrives while a commit is under way goes into the next one', async () => {
    const { commit, batches, gates, next } = gated();
    const group = new GroupCommit(commit);
    const all = ['a', 'b', 'c'].map((key) => group.add(arrived(key)));
    assert.deepEqual(
      batches.map((batch) => batch.map((one) => one.key)),
      [['a']],
    );
    gates[0]!.open();
    await next();
    assert.deepEqual(
      batches.map((batch) => batch.map((one) => one.key)),
      [['a'], ['b', 'c']],
    );
    gates[1]!.open();
    assert.deepEqual(await Promise.all(all), [true, true, true]);
  });

  test('of copies in one batch one is new, and one row counts the rest', async () => {
    const { commit, batches, gates, next } = gated(new Set(['old']));
    const group = new GroupCommit(commit);
    const first = group.add(arrived('first'));
    const rest = ['x', 'x', 'old', 'x'].map((key) => group.add(arrived(key)));
    gates[0]!.open();
    await next();
    assert.deepEqual(
      batches[1]!.map((one) => [one.key, one.copies]),
      [
        ['x', 2],
        ['old', 0],
      ],
    );
    gates[1]!.open();
    assert.deepEqual(await Promise.all([first, ...rest]), [true, true, false, false, false]);
  });

  test('a commit holds so many deliveries and so many bytes, but at least one', async () => {
    const { commit, batches, gates, next } = gated();
    const group = new GroupCommit(commit);
    const ends = [group.add(arrived('first'))];
    for (let n = 0; n < LIMITS.deliveriesPerCommit + 1; n++) ends.push(group.add(arrived(`n${n}`)));
    ends.push(group.add(arrived('huge', LIMITS.bytesPerCommit + 1)));
    ends.push(group.add(arrived('after')));
    for (let n = 0; gates[n]; n++) {
      gates[n]!.open();
      await next();
    }
    assert.deepEqual(
      batches.map((batch) => batch.length),
      [1, LIMITS.deliveriesPerCommit, 1, 1, 1],
    );
    await Promise.all(ends);
  });

  test('a failed commit refuses its batch only', async () => {
    const { commit, gates, next } = gated();
    const group = new GroupCommit(commit);
    const first = group.add(arrived('a'));
    const second = group.add(arrived('b'));
    gates[0]!.fail();
    await assert.rejects(first, { reason: 'database-unavailable', retry: 'later' });
    await next();
    gates[1]!.open();
    assert.equal(await second, true);
  });

  test('an endpoint may have as much waiting as is free: alone it takes half, and never the place of another', async () => {
    const { commit } = gated();
    const group = new GroupCommit(commit);
    const offer = (endpoint: string, bytes = 1) => {
      const refusal = group.refusalOf(endpoint);
      const added = group.add(arrived(`${group.waiting}`, bytes, endpoint));
      if (refusal) return assert.rejects(added, { reason: refusal.reason }).then(() => refusal.reason);
      added.catch(() => {});
      return 'taken';
    };
    offer('under way');
    for (let n = 0; n < LIMITS.deliveriesWaiting / 2; n++) assert.equal(offer('noisy'), 'taken');
    assert.equal(await offer('noisy'), 'rate-limited');
    // Ten endpoints that send all they can: each finds a place, and together they never fill it up.
    for (let n = 0; n < LIMITS.deliveriesWaiting; n++) void offer(`e${n % 10}`);
    assert.ok(group.waiting < LIMITS.deliveriesWaiting);
    assert.equal(offer('quiet'), 'taken');
  });

  test('by bytes the same, and a queue that is full refuses everybody', async () => {
    const group = new GroupCommit(gated().commit);
    const add = (key: string, bytes: number, endpoint: string) =>
      void group.add(arrived(key, bytes, endpoint)).catch(() => {});
    add('first', 1, 'a');
    add('half', LIMITS.bytesWaiting / 2, 'a');
    await assert.rejects(group.add(arrived('more', 1, 'a')), { reason: 'rate-limited' });
    assert.equal(group.refusalOf('b'), undefined);
    add('the rest', LIMITS.bytesWaiting / 2, 'b');
    await assert.rejects(group.add(arrived('one', 1, 'c')), { reason: 'overloaded' });
  });

  test('what has been committed makes room again', async () => {
    const { commit, gates, next } = gated();
    const group = new GroupCommit(commit);
    group.add(arrived('first')).catch(() => {});
    for (let n = 0; n < LIMITS.deliveriesWaiting / 2; n++) group.add(arrived(`n${n}`)).catch(() => {});
    assert.equal(group.refusalOf('shop')?.reason, 'rate-limited');
    gates[0]!.open();
    await next();
    assert.equal(group.refusalOf('shop'), undefined);
  });

  test('a commit that does not end is not waited for', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const group = new GroupCommit(gated().commit);
    const waiting = group.add(arrived('a'));
    context.mock.timers.tick(LIMITS.commitMs);
    await assert.rejects(waiting, { reason: 'timeout' });
  });
});

describe('ordered ids', () => {
  test('ascend within a millisecond, over its end, and when the clock steps back', () => {
    const times = [1_000, 1_000, 999, ...Array.from({ length: 5_000 }, () => 1_000), 2_000];
    const next = orderedIds(() => times.shift()!);
    const ids = Array.from({ length: 5_004 }, () => next());
    assert.deepEqual([...ids].sort(), ids);
    assert.equal(new Set(ids).size, ids.length);
    assert.match(ids[0]!, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
