import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import {
  buildSchema,
  type DocumentNode,
  type GraphQLEnumType,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getVariableValues,
  isInputObjectType,
  Kind,
  NoDeprecatedCustomRule,
  parse,
  specifiedRules,
  TypeInfo,
  typeFromAST,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import { type Fact, factView } from '#shared/contracts/facts.ts';
import { PermanentError, UnknownOutcomeError } from '#shared/kernel/errors.ts';
import { systemClocks } from '#shared/runtime/clocks.ts';
import { openHttp, storeOrigin } from '../outbound.ts';
import { REFUSALS } from '../refusals.ts';
import { SupplierDesk } from '../supplier-desk.ts';
import { CASES, connectorContract, SHOPIFY_IDS, storeAction } from '../testing/contract.ts';
import { FAKE_TOKEN, FakeStore, type Sent } from '../testing/fake-store.ts';
import { accessTokenOf } from './access-token.ts';
import * as money from './money-documents.ts';
import * as order from './order-documents.ts';
import * as product from './product-documents.ts';
import * as promotion from './promotion-documents.ts';
import { SHOPIFY_OPERATIONS, ShopifyConnector } from './shopify-admin.ts';
import * as stock from './stock-documents.ts';

const sent = new Map<string, Sent>();
const open = ({ url, token }: { url: string; token: string }) => {
  const http = openHttp(storeOrigin('sandbox', url));
  const shop = { http, token: accessTokenOf(token, http, systemClocks) };
  return new ShopifyConnector({ ...shop, suppliers: new SupplierDesk(shop, systemClocks) }, systemClocks);
};
/** Decided like everything else, and carried out by other systems than the shop platform. */
const NOT_SUPPORTED = ['shipping.offer', 'order.upgrade', 'feed.push'];
const inTime = () => AbortSignal.timeout(5_000);

connectorContract({
  name: 'shopify-admin',
  ids: SHOPIFY_IDS,
  fake: () => new FakeStore(),
  connect: (store) => open({ url: store.url, token: FAKE_TOKEN }),
  refuses: NOT_SUPPORTED,
  callsOfLong: {
    'promotion.launch': { all: 2, afterFirst: 'unknown' },
    'promotion.pause': { all: 2, afterFirst: 'unknown' },
    'promotion.end': { all: 1, afterFirst: 'done' },
  },
  seen: (store) => {
    for (const each of store.sent) sent.set(JSON.stringify(each), each);
  },
});

describe('the Shopify driver', () => {
  test('carries out every action type but the mails and those it refuses, and each has a case in the contract', () => {
    const types = [...ACTION_TYPES.keys()].filter(
      (type) => type !== 'notice.send' && type !== 'campaign.send' && !NOT_SUPPORTED.includes(type),
    );
    assert.deepEqual([...SHOPIFY_OPERATIONS.keys()].sort(), types.sort());
    const cases = new Set(CASES.map(({ type }) => type));
    assert.deepEqual(
      types.filter((type) => !cases.has(type)),
      ['stock.reserve'],
    );
  });

  const withStore = async (body: (store: FakeStore, connector: ShopifyConnector) => Promise<void>) => {
    const store = new FakeStore();
    await store.open();
    try {
      await body(store, open({ url: store.url, token: FAKE_TOKEN }));
    } finally {
      for (const each of store.sent) sent.set(JSON.stringify(each), each);
      await store.close();
    }
  };

  test('what it cannot do is refused before anything is called, and named as such', () =>
    withStore(async (store, connector) => {
      const refund = { order: '9', amountMinor: 100, currency: 'GBP', note: 'sorry' };
      const asked: [string, string, object][] = [['refund.issue', 'order:9', { ...refund, restock: true }]];
      for (const [type, leaf, params] of asked)
        await assert.rejects(
          connector.execute(storeAction(type, [leaf as 'sku:A'], params), inTime()),
          (thrown) => thrown instanceof PermanentError && thrown.reason === 'not-supported',
          type,
        );
      assert.deepEqual(store.sent, []);
    }));

  test('an amount in another currency than the store counts in is refused, and nothing is written', () =>
    withStore(async (store, connector) => {
      const price = { sku: 'A', priceMinor: 2_990, currency: 'KWD' };
      const refund = { order: '9', amountMinor: 500, currency: 'JPY', note: 'sorry' };
      const price$ = connector.execute(storeAction('price.set', ['sku:A'], price), inTime());
      await assert.rejects(price$, (thrown) => thrown instanceof PermanentError && thrown.reason === 'bad-input');
      const refund$ = connector.execute(storeAction('refund.issue', ['order:9'], refund), inTime());
      await assert.rejects(refund$, (thrown) => thrown instanceof PermanentError && thrown.reason === 'store-conflict');
      assert.deepEqual([store.books.refunds, store.books.effects], [[], []]);
    }));

  test('a discount that covers more than the leaves is narrowed, not ended', () =>
    withStore(async (store, connector) => {
      store.books.discounts.push({
        id: 'gid://shopify/DiscountAutomaticNode/61',
        title: 'Week #abcdef',
        status: 'ACTIVE',
        variants: ['gid://shopify/ProductVariant/11', 'gid://shopify/ProductVariant/12'],
      });
      const action = storeAction('promotion.pause', ['sku:A'], { target: 'sku:A' }, { discounts: ['61'] });
      await connector.execute(action, inTime());
      assert.deepEqual(store.books.discounts[0]?.variants, ['gid://shopify/ProductVariant/12']);
      assert.equal(store.books.discounts[0]?.status, 'ACTIVE');
    }));

  test('a discount that a person has made is left alone, and told of where one of ours is stopped beside it', () =>
    withStore(async (store, connector) => {
      const variants = ['gid://shopify/ProductVariant/11'];
      const theirs = { id: 'gid://shopify/DiscountAutomaticNode/61', title: 'My own sale', status: 'ACTIVE', variants };
      store.books.discounts.push(theirs);
      const facts = [
        { attribute: 'product', value: SHOPIFY_IDS['sku:A']! },
        { attribute: 'promotions', value: { '61': { title: 'My own sale', discountBasisPoints: 1_000 } } },
      ].map((fact) => ({ ...fact, resource: 'sku:A', version: 1, time: '2026-11-21T09:00:00.000Z' }) as Fact);
      const pause = (discounts: string[]) =>
        storeAction('promotion.pause', ['sku:A'], { target: 'sku:A' }, { discounts, facts: factView(facts) });
      await assert.rejects(
        connector.execute(pause([]), inTime()),
        (thrown) => thrown instanceof PermanentError && thrown.reason === 'not-permitted',
      );
      const ours = { ...theirs, id: 'gid://shopify/DiscountAutomaticNode/62', title: 'Week #abcdef', variants };
      store.books.discounts.push(ours);
      const outcome = await connector.execute(pause(['62']), inTime());
      assert.deepEqual(outcome, { stopped: [ours.id], narrowed: [], left: [theirs.id] });
      assert.deepEqual([theirs.status, theirs.variants.length], ['ACTIVE', 1]);
    }));

  const byCode = {
    target: 'sku:A',
    discountBasisPoints: 1_000,
    startsAt: '2026-11-22T00:00:00.000Z',
    endsAt: '2026-11-25T00:00:00.000Z',
    title: 'Sale',
    combines: true,
    code: 'XMAS',
  };
  const coupon = { customer: '5', discountBasisPoints: 1_000, occasion: 'win-back', code: 'XMAS' };

  test('a promotion by code is launched, read back by its code, and stopped as its kind is', () =>
    withStore(async (store, connector) => {
      const launch = storeAction('promotion.launch', ['sku:A', 'sku:B'], byCode);
      const { discount } = await connector.execute(launch, inTime());
      assert.deepEqual([store.books.discounts[0]?.code, store.books.discounts[0]?.id], ['XMAS', discount]);
      assert.deepEqual(await connector.readBack(launch, inTime()), { end: 'done', outcome: { discount } });
      assert.deepEqual(
        (await connector.execute(launch, inTime())).discount,
        discount,
        'the same code is not made twice',
      );
      const some = { discounts: [String(discount)] };
      await connector.execute(storeAction('promotion.pause', ['sku:A'], { target: 'sku:A' }, some), inTime());
      assert.deepEqual(store.books.discounts[0]?.variants, ['gid://shopify/ProductVariant/12']);
      await connector.execute(
        storeAction('promotion.end', ['sku:B'], { target: 'sku:B', title: 'Sale' }, some),
        inTime(),
      );
      assert.deepEqual([store.books.discounts.length, store.books.discounts[0]?.status], [1, 'EXPIRED']);
    }));

  test("a code that is somebody else's is left to them", () =>
    withStore(async (store, connector) => {
      const theirs = { id: 'gid://shopify/DiscountCodeNode/61', title: 'Theirs', status: 'ACTIVE', variants: [] };
      store.books.discounts.push({ ...theirs, code: 'XMAS' });
      for (const action of [
        storeAction('promotion.launch', ['sku:A'], byCode),
        storeAction('coupon.give', ['customer:5'], coupon),
      ]) {
        await assert.rejects(
          connector.execute(action, inTime()),
          (thrown) => thrown instanceof PermanentError && thrown.reason === 'store-conflict',
        );
        assert.equal((await connector.readBack(action, inTime())).end, 'failed');
      }
      assert.equal(store.books.discounts.length, 1);
    }));

  test('a list longer than a call takes is launched in several, by code as well', () =>
    withStore(async (store, connector) => {
      const ids = Object.fromEntries(
        Array.from({ length: 600 }, (_, n) => [
          `sku:L${n}`,
          { product: '1', variant: `${1_000 + n}`, inventoryItem: '1' },
        ]),
      );
      for (const params of [byCode, { ...byCode, code: undefined, title: 'Other' }]) {
        const action = storeAction('promotion.launch', Object.keys(ids) as 'sku:A'[], params, {}, ids);
        await connector.execute(action, inTime());
        assert.equal(store.books.discounts.at(-1)?.variants.length, 600);
      }
    }));

  test("another action's credit of the same amount is not taken for its own", () =>
    withStore(async (store, connector) => {
      const params = { customer: '5', order: '9', amountMinor: 500, currency: 'GBP', note: 'late' };
      await connector.execute(storeAction('credit.give', ['customer:5'], params, { action: 'first' }), inTime());
      const second = storeAction('credit.give', ['customer:5'], params, { action: 'second', hasDouble: true });
      assert.deepEqual([store.effectsOf('second'), (await connector.readBack(second, inTime())).end], [0, 'unknown']);
    }));

  test("a credit is found by a shop whose clock is behind, and not by one that shows last week's", () =>
    withStore(async (_store, connector) => {
      const params = { customer: '5', order: '9', amountMinor: 500, currency: 'GBP', note: 'late' };
      const given = (notBefore: string) => storeAction('credit.give', ['customer:5'], params, { notBefore });
      await connector.execute(given('2026-11-21T10:00:05.731Z'), inTime());
      const ends = async (notBefore: string) => (await connector.readBack(given(notBefore), inTime())).end;
      assert.equal(await ends('2026-11-21T10:00:05.731Z'), 'done', 'its times are whole seconds');
      assert.equal(await ends('2026-11-21T10:04:00.000Z'), 'done');
      assert.equal(await ends('2026-11-28T10:00:00.000Z'), 'failed');
    }));

  test('a level below nothing is moved, with the same comparison', () =>
    withStore(async (store, connector) => {
      const action = storeAction('stock.correct', ['sku:A'], { sku: 'A', level: -2, expected: 7 });
      await connector.execute(action, inTime());
      assert.equal(store.level, -2);
      assert.equal((await connector.readBack(action, inTime())).end, 'done');
      store.level = 3;
      const later = storeAction('stock.correct', ['sku:A'], { sku: 'A', level: -1, expected: 7 }, { action: 'later' });
      await assert.rejects(
        connector.execute(later, inTime()),
        (thrown) => thrown instanceof PermanentError && thrown.reason === 'store-conflict',
      );
      assert.equal(store.level, 3);
    }));

  test('a price that the store shows otherwise after it was written is not called done', () =>
    withStore(async (store, connector) => {
      const params = { sku: 'A', priceMinor: 299, currency: 'GBP' };
      const action = storeAction('price.set', ['sku:A'], params, { expectedMinor: 255 });
      const set = store.books.prices.set.bind(store.books.prices);
      // A person, or another app, that sets it in the same moment.
      store.books.prices.set = (id) => set(id, '3.33');
      await assert.rejects(connector.execute(action, inTime()), UnknownOutcomeError);
    }));

  test("another's hold is not released", () =>
    withStore(async (store, connector) => {
      store.books.parts[0]!.holds.push({ id: 'hold-x', handle: 'somebody-else' });
      const outcome = await connector.execute(
        storeAction('order.release', ['order:9'], { order: '9', handle: 'orders-1' }),
        inTime(),
      );
      assert.deepEqual(outcome, { handle: 'orders-1', released: 0 });
      assert.equal(store.books.parts[0]!.holds.length, 1);
    }));

  test('a product with other variants is not archived', () =>
    withStore(async (store, connector) => {
      store.books.products.set('gid://shopify/Product/1', { status: 'ACTIVE', variants: 2 });
      await assert.rejects(
        connector.execute(storeAction('product.archive', ['sku:A'], { sku: 'A' }), inTime()),
        (thrown) => thrown instanceof PermanentError && thrown.reason === 'not-permitted',
      );
    }));

  test('a token whose time is over is asked for anew, once and without a second effect', () =>
    withStore(async (store) => {
      const tokens = ['over', FAKE_TOKEN];
      const token = { get: async () => tokens[0]!, forget: () => void tokens.shift() };
      const connector = new ShopifyConnector(
        { http: openHttp(storeOrigin('sandbox', store.url)), token },
        systemClocks,
      );
      const action = storeAction('order.tag', ['order:9'], { order: '9', tag: 'late' });
      await connector.execute(action, inTime());
      assert.equal(store.effectsOf(action.action), 1);
      tokens[0] = 'wrong';
      tokens[1] = 'wrong as well';
      await assert.rejects(
        connector.execute(action, inTime()),
        (thrown) => thrown instanceof PermanentError && thrown.reason === 'not-permitted',
      );
      assert.deepEqual(tokens, ['wrong as well'], 'asked for anew once');
    }));

  test('a wrong token is not permitted', () =>
    withStore(async (store) => {
      const stranger = open({ url: store.url, token: 'wrong' });
      const action = storeAction('order.tag', ['order:9'], { order: '9', tag: 'late' });
      await assert.rejects(
        stranger.execute(action, inTime()),
        (thrown) => thrown instanceof PermanentError && thrown.reason === 'not-permitted',
      );
    }));
});

const SCHEMA_FILE = fileURLToPath(
  new URL('../../../../shared/data/shopify-schema/admin_2026-07.graphql.gz', import.meta.url),
);

describe('what is sent, against the true schema', {
  skip: existsSync(SCHEMA_FILE) ? false : 'the schema file is not at hand',
}, () => {
  let schema: GraphQLSchema;
  before(() => {
    schema = buildSchema(gunzipSync(readFileSync(SCHEMA_FILE)).toString(), { assumeValid: true });
  });

  test('every document and its variables are valid, and none asks for what is on its way out', () => {
    for (const { query, variables } of sent.values()) {
      const document = parse(query);
      const faults = validate(schema, document, [...specifiedRules, NoDeprecatedCustomRule]);
      assert.deepEqual(
        faults.map((error) => error.message),
        [],
        query,
      );
      const operation = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION)!;
      const values = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
      assert.deepEqual(
        values.errors?.map((error) => error.message),
        undefined,
        query,
      );
      for (const input of deprecatedInputs(schema, document, variables))
        assert.fail(`${input} is deprecated: ${query}`);
    }
  });

  test('every document of the driver was sent', () => {
    const queries = new Set([...sent.values()].map(({ query }) => query));
    const documents = Object.entries({ ...money, ...order, ...product, ...promotion, ...stock });
    assert.deepEqual(
      documents.filter(([, document]) => !queries.has(document)).map(([name]) => name),
      [],
    );
  });

  test('the table of refusals holds every code that these mutations answer with, and no other', () => {
    const codes = new Set<string>();
    for (const { query } of sent.values()) {
      const info = new TypeInfo(schema);
      visit(
        parse(query),
        visitWithTypeInfo(info, {
          Field: () => {
            const type = getNamedType(info.getType());
            if (type?.name.endsWith('UserErrorCode') || type?.name === 'DiscountErrorCode')
              for (const { name } of (type as GraphQLEnumType).getValues()) codes.add(name);
          },
        }),
      );
    }
    assert.deepEqual([...codes].filter((code) => !REFUSALS.has(code)).sort(), []);
    assert.deepEqual([...REFUSALS.keys()].filter((code) => !codes.has(code)).sort(), []);
  });
});

/** Fields of inputs that were given and are deprecated: the rule of the library looks at documents only. */
function deprecatedInputs(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): string[] {
  const found: string[] = [];
  const look = (type: GraphQLInputType, value: unknown): void => {
    const named = getNamedType(type);
    if (!isInputObjectType(named) || value === null || typeof value !== 'object') return;
    if (Array.isArray(value)) for (const each of value) look(type, each);
    else
      for (const [name, inner] of Object.entries(value)) {
        const field = named.getFields()[name];
        if (field?.deprecationReason && inner !== undefined) found.push(`${named.name}.${name}`);
        if (field) look(field.type, inner);
      }
  };
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const { variable, type } of definition.variableDefinitions ?? [])
      look(typeFromAST(schema, type as never) as GraphQLInputType, variables[variable.name.value]);
  }
  return found;
}
