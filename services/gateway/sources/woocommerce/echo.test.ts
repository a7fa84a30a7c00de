import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { promotionTitle } from '#shared/connectors/idempotency.ts';
import { CASES } from '#shared/connectors/testing/contract.ts';
import type { FakeWoo } from '#shared/connectors/testing/woocommerce/fake-woo.ts';
import { inTime, withWoo, wooAction } from '#shared/connectors/testing/woocommerce/with-woo.ts';
import { shownOrder } from '#shared/connectors/testing/woocommerce/woo-answers.ts';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { EchoAction } from '#shared/store/deliveries/echo-actions.ts';
import { when } from '../../fixtures/mapping.ts';
import { canBeEcho, echoOf } from '../../mapping/echo.ts';
import type { Said } from '../../mapping/topic.ts';

/** What the shop would tell of its products A and B and of its order now. */
function told(shop: FakeWoo, known: readonly Said[] = []): Said[] {
  const bodies: [string, unknown][] = [
    ['product.updated', shop.product('A')],
    ['product.updated', shop.product('B')],
    ['order.updated', shownOrder(shop.books.orders.get(9)!)],
  ];
  return bodies.flatMap(([topic, body]) => when(topic, body, known, 'woocommerce').events);
}

/** What is shown of each action that is carried out, and nothing else is. */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  'price.set': ['price.changed'],
  'promotion.launch': ['promotion.changed', 'promotion.changed'],
  'promotion.pause': ['promotion.changed'],
  'promotion.end': ['promotion.changed'],
  'stock.correct': ['stock.changed'],
  'product.archive': ['product.changed'],
  'order.hold': ['order.held'],
  'order.release': ['order.held'],
  'refund.issue': ['order.refunded'],
};

/** What the coordinator plans of an action, with the title under which the executor launches it. */
function echoes(action: ReturnType<typeof wooAction>): EchoAction[] {
  const { action: id, type, params, leaves } = action;
  const writes = leaves
    .flatMap((leaf) => ACTION_TYPES.get(type)!.writes(params, leaf))
    .map((write) => {
      if (write.attribute !== 'promotions' || write.value === null) return write;
      return { ...write, value: { ...(write.value as object), title: promotionTitle(id, String(params.title)) } };
    });
  return [
    { store: 'shop', action: id, writes, recent: true, endedAt: null, underWay: false, correlation: 'c', depth: 1 },
  ];
}

/** Every save tells the stock as of then, too. */
const beside =
  (expected: readonly string[]) =>
  ({ type }: Said) =>
    type !== 'stock.changed' || expected.includes(type);

describe('what a WooCommerce shop tells of our own writes', () => {
  for (const [type, expected] of Object.entries(SHOWN)) {
    test(
      `${type} is known again as an echo`,
      withWoo(async (shop, connector) => {
        const { leaves, params, more, given } = CASES.find((one) => one.type === type)!;
        if (given) shop.given(given);
        const before = told(shop);
        const action = wooAction(type, leaves, params, more);
        await connector.execute(action, inTime());
        const after = told(shop, before).filter(beside(expected));
        assert.deepEqual(
          after.map((said) => said.type),
          expected,
        );
        for (const said of after) {
          assert.ok(canBeEcho(said), said.type);
          assert.equal(echoOf(said, 'shop', echoes(action))?.action, action.action, JSON.stringify(said));
        }
      }),
    );
  }

  test(
    'order.cancel is known again; the money that goes back with it is told like any other refund',
    withWoo(async (shop, connector) => {
      const { leaves, params } = CASES.find((one) => one.type === 'order.cancel')!;
      const before = told(shop);
      const action = wooAction('order.cancel', leaves, params);
      await connector.execute(action, inTime());
      // The goods are on the shelf again, which the shop tells with its products besides.
      const after = told(shop, before).filter(({ type }) => type !== 'stock.changed');
      assert.deepEqual(
        after.map((said) => [said.type, echoOf(said, 'shop', echoes(action))?.action]),
        [
          ['order.refunded', undefined],
          ['order.cancelled', action.action],
        ],
      );
    }),
  );

  test(
    'a person who changes our sale price, or our price, is not taken for us',
    withWoo(async (shop, connector) => {
      const { leaves, params } = CASES.find((one) => one.type === 'promotion.launch')!;
      const before = told(shop);
      const action = wooAction('promotion.launch', leaves, params);
      await connector.execute(action, inTime());
      shop.product('A').sale_price = '1.99';
      const [said] = told(shop, before).filter(beside([]));
      assert.equal(said!.type, 'promotion.changed');
      assert.equal(echoOf(said!, 'shop', echoes(action)), undefined);
    }),
  );
});
