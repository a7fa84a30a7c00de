import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { ArrivedDelivery } from '#shared/store/deliveries/insert-deliveries.ts';
import { GroupCommit } from './group-commit.ts';
import { orderedIds } from './ordered-ids.ts';

const arrived = (key: string, bytes = 1): ArrivedDelivery => ({
  id: key,
  store: 'shop',
  endpoint: 'shop',
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

  test('a full queue refuses at once, by number and by bytes', async () => {
    const { commit } = gated();
    const group = new GroupCommit(commit);
    void group.add(arrived('first')).catch(() => {});
    for (let n = 0; n < LIMITS.deliveriesWaiting; n++) void group.add(arrived(`n${n}`)).catch(() => {});
    await assert.rejects(group.add(arrived('one too many')), { reason: 'overloaded' });
    const large = new GroupCommit(gated().commit);
    void large.add(arrived('first')).catch(() => {});
    void large.add(arrived('all', LIMITS.bytesWaiting)).catch(() => {});
    await assert.rejects(large.add(arrived('more')), { reason: 'overloaded' });
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
