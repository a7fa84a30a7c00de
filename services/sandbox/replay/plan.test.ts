import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { present } from '../world/present.ts';
import { recordsOf } from '../world/records.ts';
import type { Delivery } from '../world/steps.ts';
import { World } from '../world/world.ts';
import { type Plan, planReplay } from './plan.ts';
import { readInvoices } from './read.ts';

const FILE = fileURLToPath(new URL('../fixtures/small-shop.csv', import.meta.url));

interface Sent {
  readonly topic: string;
  readonly delivery: Delivery;
  // biome-ignore lint/suspicious/noExplicitAny: bodies are what the test looks into.
  readonly body: any;
}

function play(plan: Plan): { sent: Sent[]; world: World } {
  const world = new World('replay-test', 1, plan.catalogue, recordsOf([]), 0);
  const sent = plan.steps.flatMap((step) =>
    present(world, step).map((delivery) => ({ topic: delivery.topic, delivery, body: JSON.parse(delivery.body()) })),
  );
  return { sent, world };
}

describe('the plan of a replay', () => {
  let plan: Plan;
  let sent: Sent[];
  let world: World;
  const of = (topic: string) => sent.filter((each) => each.topic === topic);
  const order = (name: string) => of('orders/create').find((each) => each.body.name === name)!.body;

  before(async () => {
    plan = planReplay(await readInvoices(FILE), 1);
    ({ sent, world } = play(plan));
  });

  test('every invoice is accounted for', () => {
    const { invoices, orders, cancellations, refunds, writeOffs, found, skipped } = plan.account;
    assert.equal(invoices, 25);
    assert.deepEqual(
      { orders, cancellations, writeOffs, found },
      { orders: 13, cancellations: 1, writeOffs: 2, found: 1 },
    );
    assert.deepEqual(skipped, { 'bad-debt': 2, 'credit-without-goods': 1, 'no-goods': 2 });
    // C700024 takes back more than its newest order held: it reaches into three orders, so there are three refunds.
    assert.equal(refunds, 5);
    assert.equal(plan.account.unmatchedRefunds, 1);
  });

  test('rows of one invoice are one order; rows that repeat are lines, postage is shipping', () => {
    assert.equal(order('#700001').line_items.length, 3);
    assert.equal(order('#700001').shipping_lines[0].price, '3.95');
    assert.equal(order('#700001').total_price, '39.25');
    assert.deepEqual(
      order('#700002').line_items.map((line: { sku: string; quantity: number }) => [line.sku, line.quantity]),
      [
        ['90300', 1],
        ['90300', 1],
      ],
    );
  });

  test('an invoice that a credit note repeats on its day is cancelled, and never dispatched', () => {
    const cancelled = of('orders/cancelled');
    assert.deepEqual(
      cancelled.map((each) => each.body.name),
      ['#700005'],
    );
    assert.equal(cancelled[0]!.body.current_total_price, '0.00');
    assert.equal(of('fulfillments/create').filter((each) => each.body.order_id === cancelled[0]!.body.id).length, 0);
  });

  test('a partial credit note refunds the order that it belongs to', () => {
    const refund = of('refunds/create').find((each) => each.body.note === 'Credit note C700004')!.body;
    assert.equal(refund.order_id, order('#700001').id);
    assert.equal(refund.refund_line_items[0].line_item_id, order('#700001').line_items[0].id);
    assert.equal(refund.transactions[0].amount, '2.50');
  });

  test('a credit note for an unknown order is a refund of that order, and no sale', () => {
    const unknown = of('refunds/create').find((each) => /before the file/.test(each.body.note))!.body;
    assert.ok(of('orders/create').every((each) => each.body.id !== unknown.order_id));
  });

  test('bad debt, fees and vouchers sell nothing', () => {
    const skus = new Set(
      of('orders/create').flatMap((each) => each.body.line_items.map((line: { sku: string }) => line.sku)),
    );
    for (const sku of skus) assert.match(sku as string, /^\d{5}/);
    assert.ok(of('orders/create').every((each) => !/A7000|#700017|#700018/.test(each.body.name)));
  });

  test('zero-priced negative rows are write-offs followed by the new level', () => {
    const at = sent.findIndex((each) => each.topic === 'stock.written-off');
    assert.deepEqual(sent[at]!.body.data, { sku: '90300', units: 6, cause: 'damaged' });
    const { itemId, startStock } = plan.catalogue.bySku.get('90300')!;
    assert.equal(sent[at + 1]!.body.inventory_item_id, itemId);
    assert.ok(sent[at + 1]!.body.available < startStock);
  });

  test('a free gift to a customer is an order line', () => assert.equal(order('#700019').line_items[0].price, '0.00'));

  test('London time: before and after the change of 27 March', () => {
    assert.equal(order('#700010').created_at, '2011-03-26T23:30:00.000Z');
    assert.equal(order('#700011').created_at, '2011-03-27T09:30:00.000Z');
  });

  test('a wholesale tier does not make the list price', () =>
    assert.equal(plan.catalogue.bySku.get('90300')!.priceMinor, 695));

  test('levels are what was there, less sales, plus what came back', () => {
    const jar = plan.catalogue.bySku.get('90201A')!;
    const restocked = of('refunds/create')
      .flatMap((each) => each.body.refund_line_items)
      .filter((line) => line.restock_type === 'return' && line.line_item.sku === '90201A');
    const arrived = of('stock.received')
      .filter((each) => each.body.data.sku === '90201A')
      .reduce((sum, each) => sum + each.body.data.units, 0);
    assert.equal(world.level(jar.itemId), jar.startStock - 3 + restocked.length + arrived);
  });

  test('webhooks are in the order of time, ids and event keys are unique, and the end comes last', () => {
    for (const [index, each] of sent.slice(1).entries()) assert.ok(each.delivery.atMs >= sent[index]!.delivery.atMs);
    assert.equal(new Set(sent.map((each) => each.delivery.id)).size, sent.length);
    assert.equal(new Set(sent.map((each) => `${each.topic}|${each.delivery.eventId}`)).size, sent.length);
    assert.equal(sent.at(-1)!.topic, 'replay.ended');
  });

  test('an order paid at once shares its event id with the payment', () => {
    const created = of('orders/create')[0]!;
    const paid = of('orders/paid').find((each) => each.body.id === created.body.id)!;
    assert.equal(paid.delivery.eventId, created.delivery.eventId);
  });

  test('the same file and seed give the same bytes; another seed does not', async () => {
    const bytes = (played: Sent[]) => JSON.stringify(played.map((each) => [each.delivery.id, each.body]));
    const invoices = await readInvoices(FILE);
    assert.equal(bytes(play(planReplay(invoices, 1)).sent), bytes(sent));
    assert.notEqual(bytes(play(planReplay(invoices, 2)).sent), bytes(sent));
  });
});

test('a file that is not the Online Retail file is refused by name', async () => {
  await assert.rejects(readInvoices(fileURLToPath(import.meta.url)), /no column InvoiceNo/);
});

const REAL = fileURLToPath(new URL('../../../../shared/data/retail/online_retail_2011-08.csv.gz', import.meta.url));

test('August 2011 of the real file', { skip: existsSync(REAL) ? false : `no ${REAL}` }, async () => {
  const plan = planReplay(await readInvoices(REAL), 1);
  const { account } = plan;
  assert.deepEqual(account.skipped['bad-debt'], 3);
  assert.equal(account.invoices, 1737);
  assert.equal(account.orders, 1340);
  assert.equal(account.orderLines, 34_329);
  assert.equal(account.writeOffs, 50);
  assert.ok(plan.steps.every((step) => step.kind !== 'order' || step.order.totalMinor < 3_000_000));
  const { sent } = play(plan);
  assert.equal(new Set(sent.map((each) => each.delivery.id)).size, sent.length);
  assert.ok(sent.every((each) => each.delivery.body().length < 2 * 1024 * 1024));
});
