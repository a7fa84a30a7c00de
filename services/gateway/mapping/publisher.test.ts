import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bus } from '#shared/bus/bus.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { createLogger } from '#shared/runtime/logger.ts';
import { Publisher } from './publisher.ts';

const events = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({ store: 'shop', type: 'order.placed', id: `e${from + n}` }) as Envelope);

test('events are published in order, so many at once, under their own id; a failure is counted and stops nothing', async () => {
  const open: { id: string | undefined; end(failed?: boolean): void }[] = [];
  let connected = true;
  const bus = {
    isConnected: () => connected,
    publish: (_subject: string, _payload: string, id?: string) =>
      new Promise<void>((resolve, reject) => {
        open.push({ id, end: (failed) => (failed ? reject(new Error('no')) : resolve()) });
      }),
  } as unknown as Bus;
  let failures = 0;
  const publisher = new Publisher(bus, createLogger('test', 'silent'), (count) => {
    failures += count;
  });
  publisher.offer(events(0, LIMITS.publishesAtOnce + 2));
  assert.equal(open.length, LIMITS.publishesAtOnce);
  open[1]!.end(true);
  open[0]!.end();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    open.map((one) => one.id),
    events(0, LIMITS.publishesAtOnce + 2).map((event) => event.id),
  );
  assert.equal(failures, 1);
  connected = false;
  publisher.offer(events(100, 3));
  assert.equal(failures, 4);
});
