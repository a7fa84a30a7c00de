import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { levelBody, productBody } from '../../fixtures/bodies.ts';
import { RECEIVED_AT, types, when } from '../../fixtures/mapping.ts';

describe('products', () => {
  const first = when('products/create', productBody());

  test('say each aspect of each variant by itself', () => {
    assert.deepEqual(types(first), ['product.changed', 'category.changed', 'price.changed']);
    assert.deepEqual(first.events[0]?.data, {
      title: 'White hanging heart',
      product: '8001',
      variant: '4401',
      inventoryItem: '4601',
      supplier: 'acme-ltd',
      lifecycle: 'active',
    });
    assert.deepEqual(first.events[1]?.data, { category: 'home-garden' });
    assert.deepEqual(first.events[2]?.data, { minor: 255, currency: 'GBP' });
  });

  test('say only what differs from what was said last', () => {
    assert.equal(when('products/update', productBody(), first.events).end, 'ignored: nothing-new');
    const variants = [{ ...productBody().variants[0], price: '2.75' }];
    assert.deepEqual(types(when('products/update', productBody({ variants }), first.events)), ['price.changed']);
    assert.deepEqual(types(when('products/update', productBody({ status: 'archived' }), first.events)), [
      'product.changed',
    ]);
  });

  test('without a SKU cannot be named; without an item they have a price and no stock', () => {
    const body = (changes: object) => productBody({ variants: [{ ...productBody().variants[0], ...changes }] });
    assert.equal(when('products/create', body({ sku: null })).end, 'ignored: nothing-new');
    const { events } = when('products/create', body({ inventory_item_id: null }));
    assert.deepEqual(
      events.map((event) => event.type),
      ['product.changed', 'category.changed', 'price.changed'],
    );
    assert.ok(!Object.hasOwn(events[0]!.data, 'inventoryItem'));
  });

  test('of which several share a SKU, the first stands for all', () => {
    const [one] = productBody().variants;
    const variants = [one, { ...one, id: 4402, admin_graphql_api_id: null, price: '9.99' }];
    const { events } = when('products/create', productBody({ variants }));
    assert.deepEqual(
      events.filter((event) => event.type === 'price.changed').map((event) => event.data.minor),
      [255],
    );
    assert.equal(when('products/update', productBody({ variants }), events).end, 'ignored: nothing-new');
  });

  test('have the cost of their item', () => {
    const item = { id: 4601, sku: '85123A', cost: '1.40', updated_at: '2026-01-31T10:00:00Z' };
    const said = when('inventory_items/update', item);
    assert.deepEqual(said.events[0]?.data, { minor: 140, currency: 'GBP' });
    assert.equal(when('inventory_items/update', item, said.events).end, 'ignored: nothing-new');
    assert.equal(when('inventory_items/update', { ...item, cost: null }).end, 'ignored: nothing-new');
  });

  test('have the stock of their item, which may be less than none', () => {
    const said = when('inventory_levels/update', levelBody(-3), first.events);
    assert.equal(said.events[0]?.subject, 'sku:85123A');
    assert.deepEqual(said.events[0]?.data, { level: -3, location: '1' });
  });

  test('of which nobody has told are waited for; stock that is not tracked says nothing', () => {
    assert.equal(when('inventory_levels/update', levelBody(3)).end, 'awaits: unknown-item');
    assert.equal(when('inventory_levels/update', levelBody(null), first.events).end, 'ignored: nothing-new');
  });

  test('with an item id beyond 2^53 are found by all its digits', () => {
    const variants = JSON.stringify(productBody()).replace('4601', '271878346596884015');
    const known = when('products/create', variants);
    const level = JSON.stringify(levelBody(5, undefined, '271878346596884015')).replace(
      /"inventory_item_id":\d+/,
      '"inventory_item_id":271878346596884015',
    );
    assert.equal(when('inventory_levels/update', level, known.events).events.length, 1);
  });
});

describe('discounts', () => {
  const discount = (changes: Record<string, unknown> = {}) => ({
    admin_graphql_api_id: 'gid://shopify/DiscountAutomaticNode/14',
    title: 'Autumn',
    status: 'ACTIVE',
    updated_at: '2026-02-01T10:00:00Z',
    starts_at: '2026-02-01T10:00:00Z',
    ends_at: '2026-02-08T10:00:00Z',
    value: { type: 'percentage', percentage: 0.15 },
    skus: ['A', 'B'],
    ...changes,
  });
  const first = when('discounts/create', discount());

  test('say for each SKU what is taken off, and until when', () => {
    assert.deepEqual(
      first.events.map((event) => event.subject),
      ['sku:A', 'sku:B'],
    );
    assert.deepEqual(first.events[0]?.data, {
      promotion: '14',
      title: 'Autumn',
      discountBasisPoints: 1_500,
      startsAt: '2026-02-01T10:00:00.000Z',
      endsAt: '2026-02-08T10:00:00.000Z',
      active: true,
    });
  });

  test('that no longer name a SKU have ended for it', () => {
    const said = when('discounts/update', discount({ skus: ['A'] }), first.events);
    assert.deepEqual(
      said.events.map((event) => [event.subject, event.data.active]),
      [
        ['sku:A', true],
        ['sku:B', false],
      ],
    );
  });

  test('in the form that tells only their title end what is known of them, and begin nothing', () => {
    const bare = { value: undefined, skus: undefined };
    assert.equal(when('discounts/create', discount(bare)).end, 'ignored: nothing-new');
    const said = when('discounts/update', discount({ ...bare, status: 'EXPIRED' }), first.events);
    assert.deepEqual(
      said.events.map((event) => event.data.active),
      [false, false],
    );
  });

  test('that are deleted end', () => {
    const gone = { admin_graphql_api_id: 'gid://shopify/DiscountAutomaticNode/14', deleted_at: '2026-02-03T10:00:00Z' };
    const said = when('discounts/delete', gone, first.events);
    assert.deepEqual(
      said.events.map((event) => event.data.active),
      [false, false],
    );
    assert.equal(when('discounts/delete', gone).end, 'ignored: nothing-new');
    assert.equal(when('discounts/delete', gone, [...first.events, ...said.events]).end, 'ignored: nothing-new');
  });
});

describe('customers', () => {
  const customer = (state: string, changes: Record<string, unknown> = {}) => ({
    id: 7001,
    admin_graphql_api_id: 'gid://shopify/Customer/7001',
    email: 'ada@example.invalid',
    first_name: 'Ada',
    last_name: 'L',
    phone: null,
    tags: '',
    updated_at: '2026-02-01T10:00:00Z',
    email_marketing_consent: { state },
    default_address: {
      address1: '1 Example Street',
      city: 'Exampleton',
      zip: 'ZZ1',
      country: 'United Kingdom',
      country_code: 'GB',
    },
    ...changes,
  });
  const first = when('customers/create', customer('subscribed'));

  test('say where they live and what they agreed to; who they are is sealed', () => {
    assert.deepEqual(
      first.events.map((event) => event.data),
      [{ country: 'GB', tags: [] }, { email: true }],
    );
    assert.equal(first.people[0]?.person.address, '1 Example Street, Exampleton, ZZ1, United Kingdom');
    assert.ok(!/Ada|Example Street/.test(JSON.stringify(first.events)));
  });

  test('who withdraw their consent say that and nothing else', () => {
    assert.deepEqual(types(when('customers/update', customer('unsubscribed'), first.events)), ['consent.changed']);
  });

  test('who move within a country say nothing, and are known at their new address', () => {
    const moved = when(
      'customers/update',
      customer('subscribed', { default_address: { city: 'Elsewhere', country_code: 'GB' } }),
      first.events,
    );
    assert.deepEqual(moved.events, []);
    assert.equal(moved.people[0]?.person.address, 'Elsewhere, GB');
  });
});

test('a topic without a mapping is unknown; a body without a time has that of its receipt', () => {
  assert.equal(when('themes/publish', {}).end, 'unknown-topic');
  const said = when('inventory_items/update', { id: 1, sku: 'A', cost: '1' });
  assert.equal(said.events[0]?.time, RECEIVED_AT);
});
