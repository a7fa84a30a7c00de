import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { GIVE_CREDIT, READ_CREDITS, READ_PAYMENTS } from '#shared/connectors/shopify/money-documents.ts';
import * as promotion from '#shared/connectors/shopify/promotion-documents.ts';
import { READ_LEVEL } from '#shared/connectors/shopify/stock-documents.ts';
import { createLogger } from '#shared/runtime/logger.ts';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import { LOCATION_ID } from './catalogue/goods.ts';
import { fulfillmentOrderId, gidOf } from './catalogue/identity.ts';
import { Receiver } from './fixtures/receiver.ts';
import { planReplay } from './replay/plan.ts';
import { readInvoices } from './replay/read.ts';
import { startSandbox } from './service.ts';

const FILE = fileURLToPath(new URL('./fixtures/small-shop.csv', import.meta.url));
const SECRETS = {
  shopifySecret: 'one',
  worldSecret: `whsec_${Buffer.from('a secret of the world').toString('base64')}`,
  accessToken: 'token',
};
const logger = createLogger('sandbox-test', 'silent');

let database: TestDatabase;
before(async () => {
  database = await createDatabase();
});
after(() => database.close());

function start(store: string, gatewayUrl: string, speed: 'max' | number, replayFile: string | undefined) {
  return startSandbox({
    sql: database.open('sandbox'),
    logger,
    store,
    seed: 1,
    speed,
    replayFile,
    gatewayUrl,
    secrets: SECRETS,
    host: '127.0.0.1',
    port: 0,
  });
}

async function get(port: number, path: string) {
  const response = await fetch(`http://127.0.0.1:${port}/stores/${path}`, {
    headers: { 'x-shopify-access-token': SECRETS.accessToken },
  });
  // biome-ignore lint/suspicious/noExplicitAny: the ledger is looked into by name.
  return (await response.json()) as any;
}

describe('sending', () => {
  test('a bad receiver and two restarts lose nothing, and the sums hold', { timeout: 40_000 }, async () => {
    const receiver = new Receiver();
    const url = await receiver.listen();
    receiver.fault = (count) => (count % 11 === 0 ? 'busy' : count % 7 === 0 ? 'cut' : 'none');
    for (const share of [60, 140]) {
      const running = await start('replay-bad', url, 'max', FILE);
      await receiver.until(() => receiver.ids.size >= share || undefined);
      await running.stop();
    }
    const running = await start('replay-bad', url, 'max', FILE);
    await receiver.until(() => receiver.find('replay.ended'));
    const ledger = await receiver.until(() => true).then(() => get(running.port, 'replay-bad/ledger'));
    const plan = planReplay(await readInvoices(FILE), 1);
    assert.equal(receiver.arrived.at(-1)!.topic, 'replay.ended');
    assert.equal(receiver.find('orders/create') === undefined, false);
    assert.equal(ledger.sent, ledger.accepted + ledger.duplicates + ledger.refused);
    assert.equal(ledger.refused, 0);
    assert.ok(ledger.duplicates > 0);
    assert.equal(ledger.orderLines, plan.account.orderLines);
    await receiver.until(() => running.port);
    const accepted: string[] = await get(running.port, 'replay-bad/ledger/accepted');
    assert.deepEqual(new Set(accepted), new Set(receiver.ids.keys()));
    assert.equal(ledger.position, plan.steps.length);
    const places = new Map(receiver.arrived.map((each, place) => [`${each.topic}|${each.body.id}`, place]));
    for (const { topic, body } of receiver.arrived) {
      if (topic === 'orders/paid')
        assert.ok(places.get(`orders/create|${body.id}`)! < places.get(`orders/paid|${body.id}`)!);
    }
    await running.stop();
    receiver.close();
  });
});

describe('the Admin API', () => {
  // A day of the shop takes a second and a half: time enough to act before a parcel leaves.
  const SPEED = 15_000;
  const receiver = new Receiver();
  let running: Awaited<ReturnType<typeof start>>;
  const call = async (
    query: string,
    variables: object,
    action = 'act-1',
    token = SECRETS.accessToken,
    // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by name.
  ): Promise<any> => {
    const response = await fetch(
      `http://127.0.0.1:${running.port}/stores/replay-admin/admin/api/2026-07/graphql.json`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-shopify-access-token': token, 'x-parley-action': action },
        body: JSON.stringify({ query, variables }),
      },
    );
    return response.status === 200 ? response.json() : { status: response.status };
  };
  const effects = async (action: string) =>
    (await get(running.port, 'replay-admin/ledger')).effects.filter(
      (effect: { action: string }) => effect.action === action,
    );
  const order = (name: string) =>
    receiver.until(() => receiver.find('orders/create', (body) => body.name === name)?.body);

  before(async () => {
    running = await start('replay-admin', await receiver.listen(), SPEED, FILE);
  });
  after(async () => {
    await running.stop();
    receiver.close();
  });

  const HOLD =
    'mutation H($id: ID!, $h: FulfillmentOrderHoldInput!){ fulfillmentOrderHold(id:$id, fulfillmentHold:$h){ fulfillmentHold{ id handle } fulfillmentOrder{ status } userErrors{ field message code } } }';

  test('a held order stays until it is released; a handle is used once', { timeout: 60_000 }, async () => {
    const { id } = await order('#700001');
    const variables = {
      id: gidOf('FulfillmentOrder', fulfillmentOrderId(id, 0)),
      h: { reason: 'HIGH_RISK_OF_FRAUD', handle: 'bus-1' },
    };
    const held = await call(HOLD, variables, 'hold-1');
    assert.equal(held.data.fulfillmentOrderHold.fulfillmentOrder.status, 'ON_HOLD');
    assert.equal(
      (await call(HOLD, variables, 'hold-1')).data.fulfillmentOrderHold.userErrors[0].code,
      'DUPLICATE_FULFILLMENT_HOLD_HANDLE',
    );
    assert.equal((await effects('hold-1')).length, 1);
    await receiver.until(() => receiver.find('fulfillment_orders/placed_on_hold'));
    // A day later its parcel would have left.
    await receiver.until(() => receiver.find('orders/create', (body) => body.name === '#700003'));
    assert.equal(
      receiver.find('fulfillments/create', (body) => body.order_id === id),
      undefined,
    );
    const released = await call(
      'mutation R($id: ID!){ fulfillmentOrderReleaseHold(id:$id){ fulfillmentOrder{ status } userErrors{ message } } }',
      { id: variables.id },
      'release-1',
    );
    assert.equal(released.data.fulfillmentOrderReleaseHold.fulfillmentOrder.status, 'CLOSED');
    await receiver.until(() => receiver.find('fulfillments/create', (body) => body.order_id === id));
  });

  test('a price is written, told and read back; a negative one is refused', async () => {
    const product = (
      await receiver.until(() => receiver.find('products/create', (body) => body.variants[0].sku === '90300'))
    ).body;
    const query =
      'mutation P($pid: ID!, $v: [ProductVariantsBulkInput!]!){ productVariantsBulkUpdate(productId:$pid, variants:$v){ productVariants{ price } userErrors{ field message code } } }';
    const write = (price: string) =>
      call(
        query,
        { pid: product.admin_graphql_api_id, v: [{ id: product.variants[0].admin_graphql_api_id, price }] },
        'price-1',
      );
    assert.equal((await write('-1.00')).data.productVariantsBulkUpdate.userErrors[0].code, 'NEGATIVE_PRICE_VALUE');
    assert.equal((await write('5.55')).data.productVariantsBulkUpdate.productVariants[0].price, '5.55');
    await receiver.until(() => receiver.find('products/update', (body) => body.variants[0].price === '5.55'));
    const read = await call('query V($id: ID!){ productVariant(id:$id){ price sku } }', {
      id: product.variants[0].admin_graphql_api_id,
    });
    assert.deepEqual(read.data.productVariant, { price: '5.55', sku: '90300' });
    assert.equal((await effects('price-1')).length, 1);
    assert.ok((await get(running.port, 'replay-admin/ledger')).echoes >= 1);
  });

  test('a level is written only over the level that was seen, and once a key', async () => {
    const item = (await receiver.until(() => receiver.find('inventory_items/update', (body) => body.sku === '90999')))
      .body;
    const itemId = item.admin_graphql_api_id;
    const levelOf = async () =>
      (
        await call(
          `query { inventoryItem(id:"${itemId}"){ inventoryLevel(locationId:"gid://shopify/Location/${LOCATION_ID}"){ quantities(names:["available"]){ quantity } } } }`,
          {},
        )
      ).data.inventoryItem.inventoryLevel.quantities[0].quantity;
    const query =
      'mutation S($i: InventorySetQuantitiesInput!, $k: String!){ inventorySetQuantities(input:$i) @idempotent(key:$k){ inventoryAdjustmentGroup{ changes{ delta quantityAfterChange } } userErrors{ code } } }';
    const write = async (changeFromQuantity: number, quantity: number, k: string) => {
      const i = {
        name: 'available',
        reason: 'correction',
        quantities: [
          {
            inventoryItemId: itemId,
            locationId: `gid://shopify/Location/${LOCATION_ID}`,
            quantity,
            changeFromQuantity,
          },
        ],
      };
      return (await call(query, { i, k }, 'stock-1')).data.inventorySetQuantities;
    };
    const seen = await levelOf();
    assert.equal((await write(seen + 1, 3, 'k1')).userErrors[0].code, 'CHANGE_FROM_QUANTITY_STALE');
    assert.equal((await write(seen, 333, 'k2')).inventoryAdjustmentGroup.changes[0].quantityAfterChange, 333);
    assert.deepEqual((await write(seen, 333, 'k2')).userErrors, []);
    assert.equal((await write(seen, 334, 'k2')).userErrors[0].code, 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH');
    assert.equal((await effects('stock-1')).length, 1);
    const missing = await call(
      'mutation A($i: InventoryAdjustQuantitiesInput!){ inventoryAdjustQuantities(input:$i){ userErrors{ code } } }',
      { i: { name: 'available', reason: 'restock', changes: [] } },
    );
    assert.match(missing.errors[0].message, /@idempotent/);
  });

  test('a refund takes back no more than was bought, and cancelling what left is refused', async () => {
    const { id, line_items: lines } = await order('#700002');
    await receiver.until(() => receiver.find('fulfillments/create', (body) => body.order_id === id));
    const query =
      'mutation F($i: RefundInput!, $k:String!){ refundCreate(input:$i) @idempotent(key:$k){ refund{ totalRefundedSet{ shopMoney{ amount } } } userErrors{ field message } } }';
    const refund = async (quantity: number, k: string) =>
      (
        await call(
          query,
          {
            i: {
              orderId: gidOf('Order', id),
              refundLineItems: [{ lineItemId: lines[0].admin_graphql_api_id, quantity, restockType: 'RETURN' }],
            },
            k,
          },
          'refund-1',
        )
      ).data.refundCreate;
    assert.match((await refund(2, 'r1')).userErrors[0].message, /more items than were purchased/);
    assert.equal((await refund(1, 'r2')).refund.totalRefundedSet.shopMoney.amount, '6.95');
    assert.equal((await refund(1, 'r2')).refund.totalRefundedSet.shopMoney.amount, '6.95');
    assert.equal((await effects('refund-1')).length, 1);
    const cancel = await call(
      'mutation X($o: ID!){ orderCancel(orderId:$o, reason: INVENTORY, restock:true){ job{ id } orderCancelUserErrors{ code } } }',
      { o: gidOf('Order', id) },
    );
    assert.equal(cancel.data.orderCancel.orderCancelUserErrors[0].code, 'INVALID');
  });

  test('a discount has a title of its own and can be found by it', async () => {
    const product = (await receiver.until(() => receiver.find('products/create'))).body;
    const d = {
      title: 'Bus 10',
      startsAt: '2011-01-01T00:00:00Z',
      customerGets: {
        value: { percentage: 0.1 },
        items: { products: { productsToAdd: [product.admin_graphql_api_id] } },
      },
    };
    const query =
      'mutation D($d: DiscountAutomaticBasicInput!){ discountAutomaticBasicCreate(automaticBasicDiscount:$d){ automaticDiscountNode{ id } userErrors{ code } } }';
    const { id } = (await call(query, { d }, 'discount-1')).data.discountAutomaticBasicCreate.automaticDiscountNode;
    assert.equal(
      (await call(query, { d }, 'discount-1')).data.discountAutomaticBasicCreate.userErrors[0].code,
      'TAKEN',
    );
    const found = await call(
      'query { automaticDiscountNodes(first: 5, query: "title:\'Bus 10\'"){ nodes{ id automaticDiscount{ status } } } }',
      {},
    );
    assert.deepEqual(found.data.automaticDiscountNodes.nodes, [{ id, automaticDiscount: { status: 'ACTIVE' } }]);
    const narrowed = await call(promotion.CHANGE_DISCOUNT, {
      id,
      discount: { customerGets: { items: { products: { productsToRemove: [product.admin_graphql_api_id] } } } },
    });
    assert.equal(narrowed.data.discountAutomaticBasicUpdate.userErrors[0].code, 'APPLIES_ON_NOTHING');
    const covered = (await call(promotion.READ_DISCOUNT, { automatic: id, code: id, first: 100 })).data.automatic
      .automaticDiscount.customerGets.items;
    assert.deepEqual(covered.products.nodes, [{ id: product.admin_graphql_api_id }]);
    const ended = await call(
      'mutation E($id: ID!){ discountAutomaticDeactivate(id:$id){ automaticDiscountNode{ automaticDiscount{ status } } userErrors{ code } } }',
      { id },
    );
    assert.equal(ended.data.discountAutomaticDeactivate.automaticDiscountNode.automaticDiscount.status, 'EXPIRED');
    const told = await receiver.until(() => receiver.find('discounts/create'));
    assert.deepEqual(
      told.body.skus,
      product.variants.map((variant: { sku: string }) => variant.sku),
    );
  });

  test('a discount by code is known by its code, and tells nobody that a price is lower', async () => {
    const discount = {
      title: 'Welcome',
      code: 'HELLO-5',
      startsAt: '2011-01-01T00:00:00Z',
      usageLimit: 1,
      context: { customers: { add: ['gid://shopify/Customer/5'] } },
      customerGets: { value: { percentage: 0.1 }, items: { all: true } },
    };
    const made = (await call(promotion.CREATE_CODE, { discount }, 'code-1')).data.discountCodeBasicCreate;
    assert.deepEqual(made.userErrors, []);
    const { id } = made.codeDiscountNode;
    const shouted = { ...discount, title: 'Other', code: 'hello-5' };
    const again = await call(promotion.CREATE_CODE, { discount: shouted }, 'code-2');
    assert.equal(again.data.discountCodeBasicCreate.userErrors[0].code, 'TAKEN');
    const found = (await call(promotion.FIND_CODE, { code: 'HELLO-5' })).data.codeDiscountNodeByCode;
    assert.deepEqual([found.id, found.codeDiscount.title], [id, 'Welcome']);
    const read = (
      await call(promotion.READ_DISCOUNT, { automatic: id.replace('Code', 'Automatic'), code: id, first: 100 })
    ).data;
    assert.deepEqual([read.automatic, read.code.codeDiscount.status], [null, 'ACTIVE']);
    const wrongKind = (await call(promotion.STOP_DISCOUNT, { id })).data.discountAutomaticDeactivate;
    assert.equal(wrongKind.userErrors[0].code, 'INVALID');
    assert.deepEqual((await call(promotion.STOP_CODE, { id })).data.discountCodeDeactivate.userErrors, []);
    const told = await receiver.until(() =>
      receiver.find('discounts/update', (body) => body.admin_graphql_api_id === id),
    );
    assert.deepEqual([told.body.status, told.body.skus], ['EXPIRED', undefined]);
  });

  test('a credit is found again, and so are level and payment', async () => {
    const placed = await order('#700001');
    const id = placed.customer.admin_graphql_api_id;
    const credit = { creditAmount: { amount: '5.00', currencyCode: 'GBP' } };
    assert.deepEqual((await call(GIVE_CREDIT, { id, credit })).data.storeCreditAccountCredit.userErrors, []);
    const [account] = (await call(READ_CREDITS, { id })).data.customer.storeCreditAccounts.nodes;
    assert.equal(account.transactions.nodes[0].amount.amount, '5.00');
    const payments = await call(READ_PAYMENTS, { id: placed.admin_graphql_api_id });
    assert.equal(payments.data.order.transactions[0].kind, 'SALE');
    const item = (await receiver.until(() => receiver.find('inventory_items/update'))).body;
    const level = (await call(READ_LEVEL, { id: item.admin_graphql_api_id })).data.inventoryItem.inventoryLevels
      .nodes[0];
    assert.equal(level.location.id, gidOf('Location', LOCATION_ID));
  });

  test('a foreign token, a foreign store and a foreign field are refused', async () => {
    assert.equal((await call('query { job(id:"x"){ done } }', {}, 'x', 'wrong')).status, 401);
    assert.match(
      (await call('mutation { productVariantUpdate(input:{id:"1"}){ userErrors{ field } } }', {})).errors[0].message,
      /Cannot query field/,
    );
  });
});

describe('the supplier desk', () => {
  test('a purchase order is placed once and brings its goods after the lead time', { timeout: 30_000 }, async () => {
    const receiver = new Receiver();
    const running = await start('replay-supply', await receiver.listen(), 300_000, FILE);
    const { catalogue } = planReplay(await readInvoices(FILE), 1);
    const leadOf = (supplier: string) => catalogue.suppliers.get(supplier)!.leadTimeDays;
    const variant = [...catalogue.bySku.values()].sort((a, b) => leadOf(a.supplier) - leadOf(b.supplier))[0]!;
    const place = async (units: number) => {
      const response = await fetch(`http://127.0.0.1:${running.port}/stores/replay-supply/suppliers/purchase-orders`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-shopify-access-token': SECRETS.accessToken,
          'x-parley-action': 'buy-1',
          'idempotency-key': 'po-1',
        },
        body: JSON.stringify({ key: 'po-1', supplier: variant.supplier, lines: [{ sku: variant.sku, units }] }),
      });
      return response.status;
    };
    assert.deepEqual([await place(480), await place(480), await place(481)], [201, 201, 409]);
    const { effects } = await get(running.port, 'replay-supply/ledger');
    assert.deepEqual(
      effects.map((effect: { action: string; operation: string }) => [effect.action, effect.operation]),
      [['buy-1', 'purchaseOrderPlace']],
    );
    const received = await receiver.until(() =>
      receiver.find('stock.received', (body) => body.data.purchaseOrder === 'po-1'),
    );
    assert.equal(received.body.data.units, 480);
    assert.equal((await get(running.port, 'replay-supply/suppliers/purchase-orders/po-1')).state, 'delivered');
    await running.stop();
    receiver.close();
  });
});

describe('live trading', () => {
  test('trades without a file, and goes on after a restart without telling anything twice', {
    timeout: 20_000,
  }, async () => {
    const receiver = new Receiver();
    const url = await receiver.listen();
    for (const round of [1, 2]) {
      const running = await start('sandbox', url, 'max', undefined);
      await receiver.until(
        () =>
          receiver.arrived.filter((each) => /^(orders|campaign|competitor|traffic)/.test(each.topic)).length >= round ||
          undefined,
      );
      await running.stop();
    }
    assert.ok([...receiver.ids.values()].every((count) => count === 1));
    receiver.close();
  });
});
