import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Fact, factView } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { PermanentError, type Reason, TransientError, UnknownOutcomeError } from '#shared/kernel/errors.ts';
import type { StoreAction, StoreConnector } from '../connector.ts';
import { promotionTitle } from '../idempotency.ts';
import type { FakePlatform, Given, Lie, Mishap } from './fake-platform.ts';
import { LONG_CASES, LONG_IDS } from './long-lists.ts';

const at = '2026-11-21T10:00:00.000Z';

/** How a platform names its products. */
export type ProductIds = Readonly<Record<string, { product: string; variant: string; inventoryItem: string }>>;

export const SHOPIFY_IDS: ProductIds = {
  'sku:A': { product: '1', variant: '11', inventoryItem: '21' },
  'sku:B': { product: '2', variant: '12', inventoryItem: '22' },
};

function factsOf(ids: ProductIds): Fact[] {
  return Object.entries(ids).map(([resource, value]) => ({
    resource: resource as ResourceKey,
    attribute: 'product',
    value,
    version: 1,
    time: at,
  }));
}

export function storeAction(
  type: string,
  leaves: ResourceKey[],
  params: object,
  more: Partial<StoreAction> = {},
  ids: ProductIds = SHOPIFY_IDS,
): StoreAction {
  return {
    store: 'fake',
    action: `0197a1b2-0000-7000-8000-00000000000a.agent.1.${type}`,
    type,
    params: params as StoreAction['params'],
    leaves,
    notBefore: at,
    facts: factView(factsOf(ids)),
    currency: 'GBP',
    discounts: [],
    ...more,
  };
}

export interface Case {
  readonly name?: string;
  readonly type: string;
  readonly leaves: ResourceKey[];
  readonly params: object;
  readonly more?: Partial<StoreAction>;
  /** Brings the store to where the action makes sense. */
  readonly given?: Given;
}

const launch = {
  target: 'category:candles',
  discountBasisPoints: 1_500,
  startsAt: at,
  endsAt: '2036-11-28T10:00:00.000Z',
  title: 'Candle week',
  combines: false,
};
const price = { sku: 'A', priceMinor: 299, currency: 'GBP' };
const money = { amountMinor: 500, currency: 'GBP', note: 'late' };
const hold = { order: '9', handle: 'orders-1', holdReason: 'fraud', note: 'signals' };

/** One case an action type that goes to a store, the same for every platform. */
export const CASES: readonly Case[] = [
  { type: 'price.set', leaves: ['sku:A'], params: price, more: { expectedMinor: 255 } },
  { type: 'promotion.launch', leaves: ['sku:A', 'sku:B'], params: launch },
  {
    type: 'promotion.pause',
    leaves: ['sku:A'],
    params: { target: 'sku:A' },
    more: { discounts: ['61'] },
    given: { running: ['A'] },
  },
  {
    type: 'promotion.end',
    leaves: ['sku:A'],
    params: { target: 'sku:A', title: 'Candle week' },
    more: { discounts: ['61'] },
    given: { running: ['A', 'B'] },
  },
  { type: 'stock.correct', leaves: ['sku:A'], params: { sku: 'A', level: 4, expected: 7 } },
  { type: 'reorder.place', leaves: ['sku:A'], params: { sku: 'A', supplier: 'acme', units: 10, expectedAt: at } },
  {
    type: 'reorder.cancel',
    leaves: ['sku:A'],
    params: { sku: 'A', supplier: 'acme' },
    more: { purchaseOrder: 'earlier-order' },
  },
  { type: 'product.archive', leaves: ['sku:A'], params: { sku: 'A' } },
  { type: 'order.hold', leaves: ['order:9'], params: hold },
  {
    type: 'order.release',
    leaves: ['order:9'],
    params: { order: '9', handle: 'orders-1' },
    given: { held: 'orders-1' },
  },
  { type: 'order.split', leaves: ['order:9'], params: { order: '9', later: [{ sku: 'B', units: 2 }] } },
  { type: 'order.cancel', leaves: ['order:9'], params: { order: '9', cancelReason: 'fraud', restock: true } },
  { type: 'order.tag', leaves: ['order:9'], params: { order: '9', tag: 'late' } },
  { type: 'refund.issue', leaves: ['order:9'], params: { order: '9', ...money } },
  { type: 'credit.give', leaves: ['customer:5'], params: { customer: '5', order: '9', ...money } },
  {
    type: 'coupon.give',
    leaves: ['customer:5'],
    params: { customer: '5', discountBasisPoints: 1_000, occasion: 'win-back', code: 'BACK-5' },
  },
];

interface Calls {
  readonly all: number;
  readonly afterFirst: 'done' | 'unknown';
}

/** One platform's driver and the fake store that it brings along. */
export interface Driver<Store extends FakePlatform> {
  readonly name: string;
  readonly ids: ProductIds;
  fake(): Store;
  connect(store: Store): StoreConnector;
  /** Action types that the platform cannot carry out. */
  readonly refuses: readonly string[];
  /** Actions that take more than one call with an effect, and what a look says when only the first has had its own. */
  readonly calls?: Readonly<Record<string, Calls>>;
  /** The same, of promotions on more products than any platform takes in one list. */
  readonly callsOfLong: Readonly<Record<string, Calls>>;
  /** Called with every store after its test. */
  seen?(store: Store): void;
}

const soon = () => AbortSignal.timeout(400);
/** Far more than any case needs: the machine may be busy with other tests. */
const inTime = () => AbortSignal.timeout(60_000);
const refusal = (reason: Reason) => (thrown: unknown) => thrown instanceof PermanentError && thrown.reason === reason;

/** What every driver of a store must keep, whatever the action: the fault's class tells the truth about the effect. */
export function connectorContract<Store extends FakePlatform>(driver: Driver<Store>): void {
  type Body = (store: Store, connector: StoreConnector) => Promise<void>;
  const within = async (body: Body, given?: Given) => {
    const store = driver.fake();
    await store.open();
    try {
      if (given) store.given(given);
      await body(store, driver.connect(store));
    } finally {
      driver.seen?.(store);
      await store.close();
    }
  };
  const actionOf = ({ type, leaves, params, more }: Case) => storeAction(type, leaves, params, more, driver.ids);

  describe(`contract of store connectors: ${driver.name}`, { concurrency: true }, () => {
    const keeps = (one: Case, action: StoreAction, calls: Calls = { all: 1, afterFirst: 'done' }) => {
      const name = one.name ?? one.type;
      effectsTold(action, calls, (title, body) => test(`${name}: ${title}`, () => within(body, one.given)));
      test(`${name}: whatever goes wrong, in whatever order, what is said of the end is true`, () =>
        fc.assert(
          fc.asyncProperty(fc.array(fc.constantFrom(...SURPRISES), { maxLength: 4 }), (mishaps) =>
            within((store, connector) => endTold(action, calls.all, mishaps, store, connector), one.given),
          ),
          { numRuns: 12 },
        ));
    };
    for (const one of CASES.filter(({ type }) => !driver.refuses.includes(type)))
      keeps(one, actionOf(one), driver.calls?.[one.type]);
    for (const one of LONG_CASES) {
      const { type, leaves, params, more, onSale } = one;
      const action = storeAction(type, leaves, params, more, { ...driver.ids, ...LONG_IDS });
      keeps(one, action, driver.callsOfLong[type]);
      test(`${one.name}: nothing of it is left out, and nothing else is touched`, () =>
        within(async (store, connector) => {
          await connector.execute(action, inTime());
          assert.deepEqual(
            store.onSale.toSorted(),
            onSale.map((sku) => ({ ...driver.ids, ...LONG_IDS })[`sku:${sku}`]!.variant).toSorted(),
          );
        }, one.given));
    }
    peopleRespected(actionOf(CASES[0]!), actionOf(CASES.find(({ type }) => type === 'stock.correct')!), (title, body) =>
      test(title, () => within(body)),
    );

    for (const type of driver.refuses) {
      test(`${type} is refused before anything is asked, and named as not supported`, () =>
        within(async (store, connector) => {
          const known = CASES.find((one) => one.type === type);
          const action = known ? actionOf(known) : storeAction(type, ['sku:A'], {}, {}, driver.ids);
          await assert.rejects(connector.execute(action, inTime()), refusal('not-supported'));
          assert.equal(store.asked, 0);
        }));
    }

    test("the title of a promotion is its action's own and fits", () => {
      const title = promotionTitle('some-action', `"${'x'.repeat(300)}"`);
      assert.ok(title.length <= 200 && !title.includes('"'));
      assert.notEqual(promotionTitle('one', 'Sale'), promotionTitle('two', 'Sale'));
    });
  });
}

type Check = (title: string, body: (store: FakePlatform, connector: StoreConnector) => Promise<void>) => void;

/** Whatever goes wrong on the way, the class of the fault and the look afterwards say what happened. */
function effectsTold(action: StoreAction, calls: { all: number; afterFirst: string }, check: Check): void {
  check('has its effect once, and is read back as failed before and done after', async (store, connector) => {
    assert.equal((await connector.readBack(action, inTime())).end, 'failed');
    await connector.execute(action, inTime());
    assert.equal(store.effectsOf(action.action), calls.all);
    assert.equal((await connector.readBack(action, inTime())).end, 'done');
  });

  check('a lost answer is unknown, is not sent again, and a look shows it', async (store, connector) => {
    store.mishaps.push('drop-answer');
    await assert.rejects(connector.execute(action, inTime()), UnknownOutcomeError);
    assert.equal(store.effectsOf(action.action), 1);
    assert.equal((await connector.readBack(action, inTime())).end, calls.afterFirst);
  });

  check('a success in words that are none of the platform is unknown, and a look shows what it was', async (...on) => {
    for (const says of LIES) await lieTold(action, { says, isAfter: false }, 'failed', ...on);
  });

  for (const says of LIES)
    check(`the same after the effect: ${says('the truth')}`, (...on) =>
      lieTold(action, { says, isAfter: true }, calls.afterFirst, ...on),
    );

  check('a lost request is unknown, and is read back as failed', async (store, connector) => {
    store.mishaps.push('drop-request');
    await assert.rejects(connector.execute(action, inTime()), UnknownOutcomeError);
    assert.equal(store.effectsOf(action.action), 0);
    assert.equal((await connector.readBack(action, inTime())).end, 'failed');
  });

  check('an error of the server is unknown, and is not sent again', async (store, connector) => {
    store.mishaps.push('server-error');
    await assert.rejects(connector.execute(action, inTime()), UnknownOutcomeError);
    assert.equal(store.effectsOf(action.action), 0);
  });

  check('throttled, then unavailable, then done, within its time', async (store, connector) => {
    store.mishaps.push('throttle', 'unavailable');
    await connector.execute(action, inTime());
    assert.equal(store.effectsOf(action.action), calls.all);
  });

  check('throttled for all of its time has had no effect and may be tried later', async (store, connector) => {
    store.mishaps.push(...Array<'throttle'>(50).fill('throttle'));
    await assert.rejects(connector.execute(action, soon()), TransientError);
    assert.equal(store.effectsOf(action.action), 0);
  });

  check('a refusal is final', async (store, connector) => {
    store.mishaps.push('refuse');
    await assert.rejects(connector.execute(action, inTime()), refusal('not-found'));
    assert.equal(store.effectsOf(action.action), 0);
  });

  check('a store that is away has seen nothing', async (store, connector) => {
    await store.close();
    await assert.rejects(connector.execute(action, soon()), TransientError);
    await store.open();
    assert.equal(store.effectsOf(action.action), 0);
  });
}

/** What a cache, a firewall or a plugin before a store may say with 200, JSON though it is. */
const LIES = ['{}', '[]', 'true', 'null', '{"code":"internal_error","message":"No","data":{"status":500}}'].map(
  (text): Lie['says'] =>
    () =>
      text,
);

/** Neither done without an effect nor failed with one: the answer says nothing, so only a look does. */
export async function lieTold(
  action: StoreAction,
  lie: Lie,
  end: string,
  store: FakePlatform,
  connector: StoreConnector,
): Promise<void> {
  store.mishaps.push(lie);
  await assert.rejects(connector.execute(action, inTime()), UnknownOutcomeError);
  assert.equal(store.effectsOf(action.action), lie.isAfter ? 1 : 0);
  assert.equal((await connector.readBack(action, inTime())).end, end);
}

/** Those that cost no time; the others have their cases above. */
const SURPRISES: readonly Mishap[] = [
  'drop-answer',
  'drop-request',
  'server-error',
  'refuse',
  'throttle',
  ...[true, false].map((isAfter): Mishap => ({ isAfter, says: LIES[0]! })),
];

/** An action as the executor carries it out: once more only when nothing happened, and a look where nobody knows. */
async function endTold(
  action: StoreAction,
  calls: number,
  mishaps: readonly Mishap[],
  store: FakePlatform,
  connector: StoreConnector,
): Promise<void> {
  store.mishaps.push(...mishaps);
  const end = await connector.execute(action, inTime()).then(
    () => 'done',
    (thrown) => (thrown instanceof UnknownOutcomeError ? 'look' : 'failed'),
  );
  const effects = store.effectsOf(action.action);
  assert.ok(effects <= calls, `${effects} effects of ${calls}`);
  const told = end === 'look' ? (await connector.readBack(action, inTime())).end : end;
  if (told === 'done') assert.ok(effects > 0, 'done, and nothing happened');
  if (told === 'failed') assert.equal(effects, 0, 'failed, and something happened');
  if (told === 'unknown') assert.ok(effects > 0 && effects < calls, 'a look could have told');
}

/** What somebody else has changed since the decision stands. */
function peopleRespected(price: StoreAction, stock: StoreAction, check: Check): void {
  check('a price that a person has changed is not overruled', async (store, connector) => {
    store.priceMinor = 310;
    await assert.rejects(connector.execute(price, inTime()), refusal('store-conflict'));
    assert.equal(store.priceMinor, 310);
  });

  check('a price that is there already is not written again', async (store, connector) => {
    store.priceMinor = 299;
    await connector.execute(price, inTime());
    assert.equal(store.effectsOf(price.action), 0);
  });

  check('a level that has moved is a conflict', async (store, connector) => {
    store.level = 6;
    await assert.rejects(connector.execute(stock, inTime()), refusal('store-conflict'));
    assert.equal(store.level, 6);
  });

  check("a person's change after a lost request leaves the end open", async (store, connector) => {
    for (const action of [price, stock]) {
      store.mishaps.push('drop-request');
      await assert.rejects(connector.execute(action, inTime()), UnknownOutcomeError);
    }
    store.priceMinor = 999;
    store.level = 1;
    assert.equal((await connector.readBack(price, inTime())).end, 'unknown');
    assert.equal((await connector.readBack(stock, inTime())).end, 'unknown');
  });
}
