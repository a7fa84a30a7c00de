import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Bus, BusMessage, Consumption } from './bus.ts';
import { partitionDurable } from './streams.ts';
import { answerSubject, decisionSubject, eventSubject, partitionOf, watermarkSubject } from './subjects.ts';

/** One bus with its streams and consumers for these stores and agents. */
export interface BusUnderTest {
  connect(service: string): Promise<Bus>;
  readonly ackWaitMs: number;
  stop(): Promise<void>;
}

const STORES = ['shop', 'other'] as const;

/** What every driver of the bus keeps, however it does it. */
export function busContract(name: string, open: (stores: readonly string[]) => Promise<BusUnderTest>): void {
  describe(`bus: ${name}`, () => {
    let bus: BusUnderTest;
    let gateway: Bus;
    let context: Bus;
    let orders: Bus;
    let coordinator: Bus;

    before(async () => {
      bus = await open(STORES);
      gateway = await bus.connect('gateway');
      context = await bus.connect('context');
      orders = await bus.connect('orders');
      coordinator = await bus.connect('coordinator');
    });
    after(async () => {
      await Promise.all([gateway, context, orders, coordinator].map((each) => each.close()));
      await bus.stop();
    });

    const contextOf = (store: string, more: Partial<Parameters<Bus['consume']>[0]> = {}) =>
      context.consume({ stream: 'EVENTS', durable: partitionDurable('context', partitionOf(store)), ...more });

    test('what is published reaches every durable that is to have it, in order, once it is acknowledged never again', async () => {
      const [mine, others, agent] = [
        contextOf('shop'),
        contextOf('other'),
        orders.consume({ stream: 'EVENTS', durable: 'orders' }),
      ];
      for (const n of [1, 2, 3]) await gateway.publish(eventSubject('shop', 'order.placed'), `a${n}`, `a${n}`);
      await gateway.publish(eventSubject('other', 'order.placed'), 'b1', 'b1');
      assert.deepEqual(await texts(mine, 3), ['a1', 'a2', 'a3']);
      assert.deepEqual(await texts(others, 1), ['b1']);
      assert.deepEqual(await texts(agent, 4), ['a1', 'a2', 'a3', 'b1']);
      await Promise.all([mine, others, agent].map((each) => each.stop()));
    });

    test('a repeated id is stored once', async () => {
      const events = contextOf('shop');
      await gateway.publish(eventSubject('shop', 'order.paid'), 'first', 'same');
      await gateway.publish(eventSubject('shop', 'order.paid'), 'second', 'same');
      await gateway.publish(eventSubject('shop', 'order.paid'), 'third', 'different');
      // Not in order by necessity: what was handed to a consumption as it stopped comes again after the ack wait.
      assert.deepEqual((await texts(events, 2)).sort(), ['first', 'third']);
      await events.stop();
      await acknowledgeAll(orders.consume({ stream: 'EVENTS', durable: 'orders' }), 2);
    });

    test('what is not wanted is acknowledged by its subject and never seen; arrivals ring', async () => {
      let rings = 0;
      const events = contextOf('other', {
        wanted: (subject) => subject.endsWith('order.paid'),
        onArrival: () => {
          rings += 1;
        },
      });
      await gateway.publish(eventSubject('other', 'stock.changed'), 'no', 'w1');
      await gateway.publish(eventSubject('other', 'order.paid'), 'yes', 'w2');
      assert.deepEqual(await texts(events, 1), ['yes']);
      assert.equal(rings, 1);
      await events.stop();
    });

    test('what is not acknowledged comes again, counted; who says that it is still at it keeps it, taken or waiting', async () => {
      const answers = coordinator.consume({
        stream: 'ANSWERS',
        durable: partitionDurable('coordinator', partitionOf('shop')),
      });
      for (const text of ['dropped', 'kept', 'waiting'])
        await orders.publish(answerSubject('shop', 'orders'), text, text);
      const [dropped, kept] = await messages(answers, 2);
      assert.equal(dropped?.deliveries, 1);
      await until(() => answers.waiting === 1);
      const working = setInterval(() => {
        kept?.working();
        answers.working();
      }, bus.ackWaitMs / 4);
      await new Promise((resolve) => setTimeout(resolve, bus.ackWaitMs * 1.5));
      await until(() => answers.waiting === 2);
      clearInterval(working);
      const rest = answers.takeNow(10);
      assert.deepEqual(
        rest.map((message) => [message.text(), message.deliveries]),
        [
          ['waiting', 1],
          ['dropped', 2],
        ],
      );
      for (const message of [...rest, kept!]) message.ack();
      await answers.stop();
    });

    test('a subject that no stream stores is refused, and the bus lives on', async () => {
      await assert.rejects(gateway.publish(watermarkSubject('shop'), 'x'), { reason: 'bus-unavailable' });
      await coordinator.publish(decisionSubject('shop', 'orders'), 'd', 'd');
    });

    test('signals reach those who watch, and nobody later', async () => {
      const heard: string[] = [];
      orders.watch('parley.watermark.>', (subject, payload) => heard.push(`${subject} ${payload}`));
      await new Promise((resolve) => setTimeout(resolve, 50));
      context.signal(watermarkSubject('shop'), '7');
      await until(() => heard.length > 0);
      assert.deepEqual(heard, [`${watermarkSubject('shop')} 7`]);
    });

    test('two that pull one durable share it', async () => {
      const [first, second] = [contextOf('shop'), contextOf('shop')];
      const ids = Array.from({ length: 10 }, (_, n) => `s${n}`);
      for (const id of ids) await gateway.publish(eventSubject('shop', 'order.paid'), id, id);
      const seen = new Set<string>();
      await until(() => {
        for (const message of [...first.takeNow(10), ...second.takeNow(10)]) {
          seen.add(message.text());
          message.ack();
        }
        return seen.size === ids.length;
      });
      assert.deepEqual([...seen].sort(), ids);
      await Promise.all([first.stop(), second.stop()]);
    });

    test('a stopped consumption ends its waiting', async () => {
      const events = contextOf('other');
      const waiting = events.take(1);
      await events.stop();
      assert.deepEqual(await waiting, []);
    });
  });
}

async function messages(consumption: Consumption, count: number): Promise<BusMessage[]> {
  const taken: BusMessage[] = [];
  while (taken.length < count) taken.push(...(await consumption.take(count - taken.length)));
  return taken;
}

async function texts(consumption: Consumption, count: number): Promise<string[]> {
  const taken = await messages(consumption, count);
  for (const message of taken) message.ack();
  return taken.map((message) => message.text());
}

async function acknowledgeAll(consumption: Consumption, count: number): Promise<void> {
  await texts(consumption, count);
  await consumption.stop();
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 3_000; turn++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail('waited in vain');
}
