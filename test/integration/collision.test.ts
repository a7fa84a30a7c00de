import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { afterDiscount, marginBasisPoints } from '#shared/kernel/money.ts';
import { DAY_MS, plus } from '#shared/kernel/time.ts';
import { startWorld, type World } from '../world.ts';

/** The whole system, and a shop that a test plays: what collides is decided by the rule that is named, or by a person. */
describe('a price cut, and a promotion on the category over it', { timeout: 120_000 }, () => {
  let world: World;
  before(async () => {
    world = await startWorld({ sandbox: 'silent' });
    await stock(1, 'WAX', 'candles', '4.00', '2.40', 4);
    await stock(2, 'WICK', 'candles', '4.00', '1.00', 4);
    // 49 who bought it yesterday could ask £8.05 back each: what the price promise leaves to the agents.
    await stock(3, 'OAK', 'furniture', '400.00', '254.00', 49);
    await stock(4, 'ELM', 'furniture', '400.00', '100.00', 350);
    await world.untilQuiet();
  });
  after(() => world.stop());

  const now = () => new Date().toISOString();

  async function stock(
    n: number,
    sku: string,
    category: string,
    price: string,
    cost: string,
    sold: number,
  ): Promise<void> {
    const at = now();
    await world.postShopify('products/create', {
      id: n,
      admin_graphql_api_id: `gid://shopify/Product/${n}`,
      title: sku,
      product_type: category,
      vendor: 'acme',
      status: 'active',
      updated_at: at,
      variants: [
        {
          id: n * 10,
          admin_graphql_api_id: `gid://shopify/ProductVariant/${n * 10}`,
          product_id: n,
          sku,
          price,
          inventory_item_id: n * 100,
          inventory_quantity: 9_000,
        },
      ],
    });
    await world.postShopify('inventory_items/update', {
      id: n * 100,
      admin_graphql_api_id: `gid://shopify/InventoryItem/${n * 100}`,
      sku,
      cost,
      updated_at: at,
    });
    await world.postShopify('inventory_levels/update', {
      inventory_item_id: n * 100,
      location_id: 1,
      available: 9_000,
      updated_at: at,
    });
    const yesterday = plus(at, -DAY_MS);
    await world.postShopify('orders/create', {
      id: 900 + n,
      admin_graphql_api_id: `gid://shopify/Order/${900 + n}`,
      name: `#${900 + n}`,
      created_at: yesterday,
      updated_at: yesterday,
      currency: 'GBP',
      total_price: '1.00',
      current_total_price: '1.00',
      financial_status: 'paid',
      test: false,
      cancelled_at: null,
      customer: null,
      line_items: [{ id: n, sku, variant_id: n * 10, quantity: sold, price, requires_shipping: true, title: sku }],
    });
  }

  const campaign = (name: string, category: string) =>
    world.postWorld('campaign.scheduled', {
      campaign: name,
      name,
      skus: [],
      category,
      discountBasisPoints: 2_500,
      startsAt: now(),
      endsAt: plus(now(), 7 * DAY_MS),
      audience: 'none',
    });

  const decided = (category: string) =>
    until(
      async () =>
        (
          await world.sql`select * from decisions where action_type = 'promotion.launch' and resource = ${`category:${category}`}`
        )[0],
    );

  async function cut(sku: string, priceMinor: number): Promise<void> {
    await world.postWorld('competitor.price-changed', { sku, competitor: 'rival', priceMinor, currency: 'GBP' });
    await until(
      async () =>
        (
          await world.sql`select 1 from claims where resource = ${`sku:${sku}`} and aspect = 'price' and ended_as is null`
        )[0],
    );
  }

  test('a small one is adjusted by the margin floor, to the deepest discount that every SKU can carry', async () => {
    await cut('WAX', 350);
    await campaign('glow', 'candles');
    const decision = await decided('candles');
    assert.deepEqual([decision.verdict, decision.rule], ['adjusted', 'margin-floor']);
    const [action] = await world.sql`select leaves, params from actions where action = ${decision.action}`;
    assert.deepEqual(action!.leaves, ['sku:WAX', 'sku:WICK']);
    assert.ok(keepsMargin(350, 240, action!.params.discountBasisPoints), JSON.stringify(action!.params));
    assert.ok(!keepsMargin(350, 240, action!.params.discountBasisPoints + 50), 'the nearest that holds, not less');
    const [conflict] = await world.sql`select class, members from conflicts where seq = ${decision.seq}`;
    assert.equal(conflict!.class, 'indirect');
    const page = await (await fetch(`${world.operatorUrl}/`)).text();
    assert.match(page, /margin-floor/);
  });

  test('one above £5,000 is asked by mail, answered by the link once, and then carried out', async () => {
    await cut('OAK', 39_195);
    await campaign('move', 'furniture');
    const decision = await decided('furniture');
    assert.deepEqual([decision.verdict, decision.rule], ['escalated', 'big-conflict']);
    const link = await until(
      async () =>
        (await world.mails()).flatMap((mail) => /http:\S+\/escalations\/[\w-]+/.exec(mail.text)?.[0] ?? [])[0],
      30_000,
    );
    const shown = await fetch(link);
    assert.equal(shown.status, 200);
    assert.equal(
      (await world.sql`select state from escalations where escalation = ${decision.wakes_on}`)[0]!.state,
      'open',
      'a GET decides nothing',
    );
    const fields = new URLSearchParams();
    for (const match of (await shown.text()).matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)) {
      fields.set(match[1]!, match[2]!);
    }
    fields.set('option', 'proposed');
    const answer = () =>
      fetch(link, { method: 'POST', body: fields, headers: { origin: new URL(link).origin }, redirect: 'manual' });
    assert.ok((await answer()).status < 400);
    await until(
      async () =>
        (await world.sql`select 1 from escalations where escalation = ${decision.wakes_on} and state = 'ruled'`)[0],
    );
    const [action] = await world.sql`select leaves, params from actions where action = ${decision.intent}`;
    assert.deepEqual(action!.leaves, ['sku:ELM', 'sku:OAK']);
    assert.ok(keepsMargin(39_195, 25_400, action!.params.discountBasisPoints), JSON.stringify(action!.params));
    assert.equal((await answer()).status, 409, 'the second answer is refused');
  });

  test('bad input is a clear error each, and stops nothing', async () => {
    const body = { id: 77, admin_graphql_api_id: 'gid://shopify/Order/77' };
    assert.equal((await world.postShopify('orders/create', body, { secret: 'forged' })).status, 401);
    assert.equal(
      (await world.postShopify('orders/create', JSON.stringify({ ...body, note: 'x'.repeat(3_000_000) }))).status,
      413,
    );
    assert.equal((await world.postWorld('order.sung', { loud: true })).status, 200);
    assert.equal((await world.postWorld('order.flaged', { loud: true })).status, 200);
    assert.equal((await world.postShopify('orders/sung', body)).status, 200);
    const letter = await until(
      async () => (await world.sql`select reason, detail from dead_letters where kind = 'delivery'`)[0],
    );
    assert.equal(letter.reason, 'unknown-event-type');
    assert.match(letter.detail, /Did you mean "order\.flagged"/);
    assert.equal((await fetch(`${world.publicUrl}/readyz`)).status, 200);
  });
});

function keepsMargin(priceMinor: number, costMinor: number, discountBasisPoints: number): boolean {
  return marginBasisPoints(afterDiscount(priceMinor, discountBasisPoints), costMinor) >= 1_500;
}

async function until<Result>(probe: () => Promise<Result | undefined>, limitMs = 20_000): Promise<Result> {
  const end = performance.now() + limitMs;
  for (;;) {
    const result = await probe();
    if (result !== undefined) return result;
    assert.ok(performance.now() < end, `waited ${limitMs} ms in vain: ${probe}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
