import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { buildSchema, parse, validate } from 'graphql';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { StorePlatform } from '#shared/contracts/sources.ts';
import { PermanentError, TransientError } from '#shared/kernel/errors.ts';
import { systemClocks } from '#shared/runtime/clocks.ts';
import { clockAheadMs, missingOf, type StoreConcierge } from './concierge.ts';
import { openConcierge } from './concierges.ts';
import { openHttp, storeOrigin } from './outbound.ts';
import { accessTokenOf } from './shopify/access-token.ts';
import * as documents from './shopify/concierge-documents.ts';
import { WEBHOOK_TOPICS } from './shopify/scopes.ts';
import { BigCommerceDesk, type FrontDesk, ShopifyDesk, WooCommerceDesk } from './testing/front-desks.ts';

const OURS = 'https://parley.example/webhooks/candles';
const OTHERS = 'https://somebody.example/webhooks/candles';

const DESKS: readonly { readonly name: string; readonly platform: StorePlatform; make(): FrontDesk }[] = [
  { name: 'Shopify, by a token', platform: 'shopify', make: () => new ShopifyDesk() },
  { name: 'Shopify, by an app', platform: 'shopify', make: () => new ShopifyDesk('app') },
  { name: 'WooCommerce', platform: 'woocommerce', make: () => new WooCommerceDesk() },
  { name: 'BigCommerce', platform: 'bigcommerce', make: () => new BigCommerceDesk() },
];

for (const { name, platform, make } of DESKS) {
  describe(`the concierge for ${name}`, () => {
    let desk: FrontDesk;
    let concierge: StoreConcierge;
    const opened: StoreConcierge[] = [];
    const open = (credential = desk.credential, url = desk.url) => {
      const made = openConcierge(platform, openHttp(storeOrigin('sandbox', url)), credential, systemClocks);
      opened.push(made);
      return made;
    };
    beforeEach(async () => {
      desk = make();
      await desk.open();
      concierge = open();
    });
    afterEach(async () => {
      for (const one of opened.splice(0)) one.close();
      await desk.close();
    });

    test('knows who is there', async () => {
      const card = await concierge.whoIsThere();
      assert.deepEqual(
        [card.name, card.currency, card.zone, card.clockAheadMs],
        ['Candles & Co', 'EUR', 'Europe/Berlin', 0],
      );
      assert.match(card.domain, /^candles\./);
      desk.clockAheadMs = 600_000;
      assert.ok(Math.abs((await concierge.whoIsThere()).clockAheadMs! - 600_000) <= 1_000);
    });

    test('a credential that the platform does not know is told as such, and is in no message', async () => {
      await assert.rejects(open(desk.wrongCredential).whoIsThere(), (thrown) => {
        assert.ok(thrown instanceof PermanentError);
        assert.equal(thrown.reason, 'not-permitted');
        assert.doesNotMatch(JSON.stringify([thrown, thrown.message, thrown.cause]), /_wrong|"wrong"|cs_|shpat/);
        return true;
      });
    });

    test('nobody there, and somebody else there', async () => {
      await assert.rejects(open(desk.credential, 'http://127.0.0.1:1').whoIsThere(), TransientError);
      await assert.rejects(open(desk.credential, `${desk.url}/elsewhere`).whoIsThere(), PermanentError);
    });

    test('with every scope nothing is missing; without one, what cannot be done is said in words', async () => {
      assert.deepEqual(missingOf(await concierge.scopes()), []);
      desk.scopes.delete(desk.optionalScope);
      const missing = missingOf(await concierge.scopes());
      assert.ok(missing.length > 0);
      assert.ok(missing.every(({ can, scope, essential }) => can && scope && !essential));
      desk.scopes.clear();
      if (platform !== 'woocommerce') assert.ok(missingOf(await concierge.scopes()).some(({ essential }) => essential));
    });

    test('every action named by an ability is one', async () => {
      for (const { actions } of await concierge.scopes())
        for (const action of actions) assert.ok(ACTION_TYPES.has(action), action);
    });

    test('registers each topic once, at its own address, and leaves those of others alone', async () => {
      const before = { id: 900, topic: 'somebody-else', address: OTHERS, active: true };
      desk.webhooks.push(before);
      const first = await concierge.register(OURS, 'one');
      assert.deepEqual([first.kept, first.refused], [[], []]);
      const again = await concierge.register(OURS, 'one');
      assert.deepEqual([again.made, [...again.kept].sort()], [[], [...first.made].sort()]);
      const rows = await concierge.webhooks();
      assert.equal(rows.length, first.made.length + 1);
      assert.deepEqual(
        rows.filter(({ address }) => address === OTHERS).map(({ topic }) => topic),
        ['somebody-else'],
      );
      assert.equal(await concierge.unregister(OURS), first.made.length);
      assert.deepEqual(desk.webhooks, [before]);
      assert.equal(await concierge.unregister(OURS), 0);
    });

    test('a registration that broke off is completed by the next one', async () => {
      const all = (await concierge.register(OURS, 'one')).made;
      desk.webhooks.splice(2);
      const rest = await concierge.register(OURS, 'one');
      assert.equal(rest.made.length, all.length - 2);
      assert.deepEqual([...rest.made, ...rest.kept].sort(), [...all].sort());
    });

    test('what the platform refuses is told', async () => {
      desk.broken = true;
      const refused = await concierge.register(OURS, 'one').then(
        ({ refused: rows }) => rows.map(({ why }) => why),
        (thrown: Error) => [thrown.message],
      );
      assert.match(refused[0] ?? '', /not allowed|write permissions/);
    });
  });
}

describe('the concierge for Shopify', () => {
  test('does not ask for a topic whose scope is missing, and says which', async () => {
    const desk = new ShopifyDesk();
    await desk.open();
    desk.scopes.delete('read_shopify_payments_disputes');
    const concierge = openConcierge(
      'shopify',
      openHttp(storeOrigin('sandbox', desk.url)),
      desk.credential,
      systemClocks,
    );
    const { made, refused } = await concierge.register(OURS, '');
    const why = 'needs read_shopify_payments_disputes';
    assert.deepEqual(refused, [
      { topic: 'DISPUTES_CREATE', why },
      { topic: 'DISPUTES_UPDATE', why },
    ]);
    assert.equal(made.length, WEBHOOK_TOPICS.length - 2);
    concierge.close();
    await desk.close();
  });

  test('a token of an app is asked for once, again before its time is over, and when the shop refused it', async () => {
    const desk = new ShopifyDesk('app');
    await desk.open();
    const http = openHttp(storeOrigin('sandbox', desk.url));
    let now = 0;
    const token = accessTokenOf(desk.credential, http, { ...systemClocks, nowMs: () => now });
    assert.deepEqual(await Promise.all([token.get(), token.get()]), ['for-a-day', 'for-a-day']);
    now = 86_000_000;
    await token.get();
    assert.equal(desk.granted, 1);
    now = 86_399_000 - 300_000;
    await token.get();
    assert.equal(desk.granted, 2);
    token.forget();
    await token.get();
    assert.equal(desk.granted, 3);
    http.close();
    await desk.close();
  });

  const schemaFile = fileURLToPath(
    new URL('../../../shared/data/shopify-schema/admin_2026-07.graphql.gz', import.meta.url),
  );
  test('every document and topic is one of the true schema', {
    skip: !existsSync(schemaFile) && 'needs ../shared/data',
  }, () => {
    const schema = buildSchema(gunzipSync(readFileSync(schemaFile)).toString());
    for (const [name, text] of Object.entries(documents)) {
      assert.deepEqual(
        validate(schema, parse(text)).map(({ message }) => message),
        [],
        name,
      );
    }
    const known = schema.getType('WebhookSubscriptionTopic') as unknown as {
      getValue(name: string): { description?: string };
    };
    for (const { topic, scope } of WEBHOOK_TOPICS) {
      const value = known.getValue(topic);
      assert.ok(value, topic);
      assert.ok(!scope || value.description?.includes(scope), `${topic} asks for ${scope}`);
    }
  });
});

describe('the concierge for WooCommerce', () => {
  test('sends its secret along, renews it, and takes up what the shop has switched off', async () => {
    const desk = new WooCommerceDesk();
    await desk.open();
    const concierge = openConcierge(
      'woocommerce',
      openHttp(storeOrigin('sandbox', desk.url)),
      desk.credential,
      systemClocks,
    );
    await concierge.register(OURS, 'one');
    assert.deepEqual(new Set(desk.secrets.values()), new Set(['one']));
    await concierge.register(OURS, 'two', { renew: true });
    assert.deepEqual(new Set(desk.secrets.values()), new Set(['two']));
    desk.webhooks[0]!.active = false;
    assert.deepEqual((await concierge.register(OURS, 'two')).made, [desk.webhooks[0]!.topic]);
    assert.ok(desk.webhooks[0]!.active);
    desk.webhooks.push({ ...desk.webhooks[0]!, id: 77 });
    await concierge.register(OURS, 'two');
    assert.equal(desk.webhooks.filter(({ topic }) => topic === desk.webhooks[0]!.topic).length, 1);
    concierge.close();
    await desk.close();
  });

  test('a shop that sends on to its true address says which; the key is not taken along', async () => {
    const desk = new WooCommerceDesk();
    await desk.open();
    desk.movedTo = 'https://www.candles.example';
    const concierge = openConcierge(
      'woocommerce',
      openHttp(storeOrigin('sandbox', desk.url)),
      desk.credential,
      systemClocks,
    );
    await assert.rejects(concierge.whoIsThere(), /sends on to https:\/\/www\.candles\.example,/);
    concierge.close();
    await desk.close();
  });

  test('a shop that names only its distance from UTC', async () => {
    const desk = new WooCommerceDesk();
    await desk.open();
    const concierge = openConcierge(
      'woocommerce',
      openHttp(storeOrigin('sandbox', desk.url)),
      desk.credential,
      systemClocks,
    );
    for (const [offset, zone] of [
      ['5.5', '+05:30'],
      ['-3', '-03:00'],
      ['0', 'UTC'],
    ] as const) {
      desk.zone = offset;
      const { zone: found } = await concierge.whoIsThere();
      assert.equal(found, zone);
      assert.doesNotThrow(() => new Intl.DateTimeFormat('en', { timeZone: found }));
    }
    concierge.close();
    await desk.close();
  });
});

test('the difference of two clocks, to the second', () => {
  const now = Date.parse('2026-11-21T10:00:00.400Z');
  assert.equal(clockAheadMs('Sat, 21 Nov 2026 10:00:00 GMT', now), 0);
  assert.equal(clockAheadMs('Sat, 21 Nov 2026 09:58:00 GMT', now), -120_000);
  assert.equal(clockAheadMs(undefined, now), undefined);
  assert.equal(clockAheadMs('yesterday', now), undefined);
});
