import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { readRegistered, setRegistered } from '#shared/store/setup/connections.ts';
import type { Finding } from '../stores/look.ts';
import { PUBLIC_URL } from '../stores/testing.ts';
import { setUpStall } from '../stores/testing-stall.ts';
import { storeAddWith } from './store-add.ts';
import { storeEndpointAddWith, storeEndpointListWith } from './store-endpoint.ts';
import { storeRemoveWith } from './store-remove.ts';
import { storeEndpointRotateWith, storeRotateWith } from './store-rotate.ts';
import { storeTestWith } from './store-test.ts';

const INSIDE = 'http://127.0.0.1:8080';
const GIVEN = 'https://shop-hooks.example';

describe('where the webhooks of a store go, and which are there', () => {
  const stall = setUpStall();
  const run = (make: Parameters<typeof stall.shelf.run>[0], words: string) => stall.shelf.run(make, words);
  const webhooks = async () => {
    const { code, result } = await run(storeTestWith, 'candles --rules RULES --json');
    return { code, found: (result.findings as Finding[]).filter(({ name }) => name === 'webhooks') };
  };
  const addresses = () => [...new Set(stall.desk.webhooks.map(({ address }) => address))];

  describe('at an address that was given with --public-url and that Parley was not started with', () => {
    beforeEach(async () => {
      await stall.withWoo();
      stall.desk.webhooks.splice(0);
      stall.shelf.publicUrl = INSIDE;
      const { code } = await run(storeAddWith, `candles --rules RULES --public-url ${GIVEN}`);
      assert.equal(code, 0, String(code));
    });
    afterEach(() => {
      stall.shelf.publicUrl = PUBLIC_URL;
    });

    test('they are taken for what they are', async () => {
      const { code, found } = await webhooks();
      assert.equal(code, 0);
      assert.deepEqual(
        found.map(({ state, detail }) => [state, detail]),
        [['well', `14 go to ${GIVEN}/webhooks/candles`]],
      );
    });

    test('they are repaired, renewed and shown there', async () => {
      stall.desk.webhooks.splice(3);
      assert.equal((await run(storeAddWith, 'candles --rules RULES')).code, 0);
      for (const [make, words] of [
        [storeRotateWith, 'candles --secret'],
        [storeEndpointRotateWith, 'candles'],
      ] as const) {
        const { code } = await run(make, words);
        assert.equal(code, 0, String(code));
      }
      assert.deepEqual([stall.desk.webhooks.length, addresses()], [14, [`${GIVEN}/webhooks/candles`]]);
      const { text } = await run(storeEndpointAddWith, 'candles --source standard');
      assert.match(text, new RegExp(`${GIVEN}/webhooks/candles-standard`));
      assert.doesNotMatch(text, /machine/);
      assert.match((await run(storeEndpointListWith, 'candles')).text, new RegExp(`${GIVEN}/webhooks/candles `));
    });

    test('they are taken back there, wherever Parley was started since', async () => {
      stall.shelf.publicUrl = PUBLIC_URL;
      const { text } = await run(storeRemoveWith, 'candles --yes');
      assert.match(text, /14 webhooks were taken back/);
      assert.deepEqual(stall.desk.webhooks, []);
    });

    test('an address that Parley was started with and that is reached goes before it', async () => {
      stall.shelf.publicUrl = PUBLIC_URL;
      assert.match((await webhooks()).found[0]!.detail, new RegExp(`none go to ${PUBLIC_URL}`));
    });
  });

  test('an address that is given for a sender is kept where the shop has none', async () => {
    stall.shelf.publicUrl = INSIDE;
    try {
      await setRegistered(stall.shelf.database.sql, 'candles', { publicUrl: null, refusedTopics: [] });
      await run(storeEndpointAddWith, 'candles --source standard');
      assert.match(
        (await run(storeEndpointListWith, 'candles')).text,
        /127\.0\.0\.1.*this machine or its network only/s,
      );
      await run(storeEndpointAddWith, `candles --source standard --as candles-erp --public-url ${GIVEN}/`);
      const { text } = await run(storeEndpointListWith, 'candles');
      assert.match(text, new RegExp(`${GIVEN}/webhooks/candles-erp`));
      assert.doesNotMatch(text, /127|this machine/);
      await run(
        storeEndpointAddWith,
        'candles --source standard --as candles-pim --public-url https://pim.example.com',
      );
      assert.equal((await readRegistered(stall.shelf.database.sql, 'candles'))?.publicUrl, GIVEN);
    } finally {
      stall.shelf.publicUrl = PUBLIC_URL;
    }
  });

  test('one that the shop deleted is missing, and a repair brings it back', async () => {
    const all = stall.desk.webhooks.length;
    const [gone] = stall.desk.webhooks.splice(4, 2);
    const { code, found } = await webhooks();
    assert.equal(code, 1);
    assert.deepEqual([found.length, found[0]?.state], [1, 'wrong']);
    assert.match(found[0]!.detail, new RegExp(`^2 of ${all} are missing at the shop: ${gone!.topic}, `));
    assert.match(found[0]!.remedy ?? '', /npx parley store add candles$/);
    await run(storeAddWith, 'candles --rules RULES');
    assert.equal((await webhooks()).code, 0);
  });

  test('one that the credential does not allow is missed by nobody', async () => {
    stall.desk.scopes.delete('read_shopify_payments_disputes');
    stall.desk.webhooks.splice(0);
    await run(storeAddWith, 'candles --rules RULES');
    const { code, found } = await webhooks();
    assert.deepEqual([code, found.map(({ state }) => state)], [0, ['well']]);
    assert.deepEqual((await readRegistered(stall.shelf.database.sql, 'candles'))?.refusedTopics, []);
    stall.desk.scopes.add('read_shopify_payments_disputes');
    assert.match((await webhooks()).found[0]!.detail, /^2 of .* are missing.*DISPUTES_CREATE, DISPUTES_UPDATE$/);
  });

  test('one that the shop did not take is no fault, and may be tried again', async () => {
    const { topic } = stall.desk.webhooks.at(-1)!;
    const count = stall.desk.webhooks.splice(0).length;
    stall.desk.onSave = async () => {
      stall.desk.broken = stall.desk.webhooks.length === count - 1;
    };
    await run(storeAddWith, 'candles --rules RULES');
    stall.desk.broken = false;
    stall.desk.onSave = async () => {};
    const { code, found } = await webhooks();
    assert.equal(code, 0);
    assert.deepEqual(
      found.map(({ state }) => state),
      ['well', 'note'],
    );
    assert.equal(found[1]?.detail, `the shop did not take ${topic}`);
    await run(storeAddWith, 'candles --rules RULES');
    assert.equal((await webhooks()).found.length, 1);
  });
});
