import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Fact, factView } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { PermanentError, TransientError, UnknownOutcomeError } from '#shared/kernel/errors.ts';
import type { StoreAction, StoreConnector } from '../connector.ts';
import { promotionTitle } from '../idempotency.ts';
import { FAKE_TOKEN, FakeStore } from './fake-store.ts';

const at = '2026-11-21T10:00:00.000Z';
const fact = (resource: ResourceKey, attribute: string, value: unknown): Fact => ({
  resource,
  attribute,
  value,
  version: 1,
  time: at,
});
const FACTS = [
  fact('sku:A', 'product', { product: '1', variant: '11', inventoryItem: '21' }),
  fact('sku:B', 'product', { product: '2', variant: '12', inventoryItem: '22' }),
];

export function storeAction(
  type: string,
  leaves: ResourceKey[],
  params: object,
  more: Partial<StoreAction> = {},
): StoreAction {
  return {
    store: 'fake',
    action: `0197a1b2-0000-7000-8000-00000000000a.agent.1.${type}`,
    type,
    params: params as StoreAction['params'],
    leaves,
    notBefore: at,
    facts: factView(FACTS),
    currency: 'GBP',
    discounts: [],
    ...more,
  };
}

interface Case {
  readonly action: StoreAction;
  /** Brings the store to where the action makes sense. */
  readonly given?: (store: FakeStore) => void;
}

const running = (store: FakeStore, variants: string[]) =>
  store.books.discounts.push({
    id: 'gid://shopify/DiscountAutomaticNode/61',
    title: 'Candle week #abcdef',
    status: 'ACTIVE',
    variants: variants.map((variant) => `gid://shopify/ProductVariant/${variant}`),
  });
const launch = {
  target: 'category:candles',
  discountBasisPoints: 1_500,
  startsAt: at,
  endsAt: '2026-11-28T10:00:00.000Z',
  title: 'Candle week',
  combines: false,
};

/** One case an action type that goes to a store. */
export const CASES: readonly Case[] = [
  {
    action: storeAction('price.set', ['sku:A'], { sku: 'A', priceMinor: 299, currency: 'GBP' }, { expectedMinor: 255 }),
  },
  { action: storeAction('promotion.launch', ['sku:A', 'sku:B'], launch) },
  {
    action: storeAction('promotion.pause', ['sku:A'], { target: 'sku:A' }, { discounts: ['61'] }),
    given: (store) => running(store, ['11']),
  },
  {
    action: storeAction('promotion.end', ['sku:A'], { target: 'sku:A', title: 'Candle week' }, { discounts: ['61'] }),
    given: (store) => running(store, ['11', '12']),
  },
  { action: storeAction('stock.correct', ['sku:A'], { sku: 'A', level: 4, expected: 7 }) },
  { action: storeAction('reorder.place', ['sku:A'], { sku: 'A', supplier: 'acme', units: 10, expectedAt: at }) },
  {
    action: storeAction(
      'reorder.cancel',
      ['sku:A'],
      { sku: 'A', supplier: 'acme' },
      { purchaseOrder: 'earlier-order' },
    ),
  },
  { action: storeAction('product.archive', ['sku:A'], { sku: 'A' }) },
  {
    action: storeAction('order.hold', ['order:9'], {
      order: '9',
      handle: 'orders-1',
      holdReason: 'fraud',
      note: 'signals',
    }),
  },
  {
    action: storeAction('order.release', ['order:9'], { order: '9', handle: 'orders-1' }),
    given: (store) => store.books.parts[0]!.holds.push({ id: 'hold-1', handle: 'orders-1' }),
  },
  { action: storeAction('order.split', ['order:9'], { order: '9', later: [{ sku: 'B', units: 2 }] }) },
  { action: storeAction('order.cancel', ['order:9'], { order: '9', cancelReason: 'fraud', restock: true }) },
  { action: storeAction('order.tag', ['order:9'], { order: '9', tag: 'late' }) },
  { action: storeAction('refund.issue', ['order:9'], { order: '9', amountMinor: 500, currency: 'GBP', note: 'late' }) },
  {
    action: storeAction('credit.give', ['customer:5'], {
      customer: '5',
      amountMinor: 500,
      currency: 'GBP',
      note: 'late',
    }),
  },
];

const soon = () => AbortSignal.timeout(400);
/** Far more than any case needs: the machine may be busy with other tests. */
const inTime = () => AbortSignal.timeout(60_000);

/** What every driver of a store must keep, whatever the action: the fault's class tells the truth about the effect. */
export function connectorContract(
  name: string,
  open: (shop: { url: string; token: string }) => StoreConnector,
  seen: (store: FakeStore) => void,
): void {
  describe(`contract of store connectors: ${name}`, { concurrency: true }, () => {
    for (const { action, given } of CASES) {
      const check = (title: string, body: (store: FakeStore, connector: StoreConnector) => Promise<void>) =>
        test(`${action.type}: ${title}`, async () => {
          const store = new FakeStore();
          await store.open();
          try {
            given?.(store);
            await body(store, open({ url: store.url, token: FAKE_TOKEN }));
          } finally {
            seen(store);
            await store.close();
          }
        });

      check('has one effect, and is read back as failed before and done after', async (store, connector) => {
        assert.equal((await connector.readBack(action, inTime())).end, 'failed');
        await connector.execute(action, inTime());
        assert.equal(store.effectsOf(action.action), 1);
        assert.equal((await connector.readBack(action, inTime())).end, 'done');
      });

      check('a lost answer is unknown, is not sent again, and is read back as done', async (store, connector) => {
        store.mishaps.push('drop-answer');
        await assert.rejects(connector.execute(action, inTime()), UnknownOutcomeError);
        assert.equal(store.effectsOf(action.action), 1);
        assert.equal((await connector.readBack(action, inTime())).end, 'done');
      });

      check('a lost request is unknown, and is read back as failed', async (store, connector) => {
        store.mishaps.push('drop-request');
        await assert.rejects(connector.execute(action, inTime()), UnknownOutcomeError);
        assert.equal(store.effectsOf(action.action), 0);
        assert.equal((await connector.readBack(action, inTime())).end, 'failed');
      });

      check('throttled, then unavailable, then done, within its time', async (store, connector) => {
        store.mishaps.push('throttle', 'unavailable');
        await connector.execute(action, inTime());
        assert.equal(store.effectsOf(action.action), 1);
      });

      check('throttled for all of its time has had no effect and may be tried later', async (store, connector) => {
        store.mishaps.push(...Array<'throttle'>(50).fill('throttle'));
        await assert.rejects(connector.execute(action, soon()), TransientError);
        assert.equal(store.effectsOf(action.action), 0);
      });

      check('a refusal is final', async (store, connector) => {
        store.mishaps.push('refuse');
        await assert.rejects(
          connector.execute(action, inTime()),
          (thrown) => thrown instanceof PermanentError && thrown.reason === 'not-found',
        );
        assert.equal(store.effectsOf(action.action), 0);
      });

      check('a store that is away has seen nothing', async (store, connector) => {
        await store.close();
        await assert.rejects(connector.execute(action, soon()), TransientError);
        await store.open();
        assert.equal(store.effectsOf(action.action), 0);
      });
    }

    test("the title of a promotion is its action's own and fits", () => {
      const title = promotionTitle('some-action', `"${'x'.repeat(300)}"`);
      assert.ok(title.length <= 200 && !title.includes('"'));
      assert.notEqual(promotionTitle('one', 'Sale'), promotionTitle('two', 'Sale'));
    });
  });
}
