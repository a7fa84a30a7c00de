import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ShopifyDesk } from '#shared/connectors/testing/front-desks.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { seal } from '#shared/runtime/seal.ts';
import { readEndpoint } from '#shared/store/setup/connections.ts';
import { UsageError } from '../command.ts';
import { PUBLIC_URL } from '../stores/testing.ts';
import { refused, setUpStall } from '../stores/testing-stall.ts';
import { storeEndpointAddWith, storeEndpointListWith, storeEndpointRemoveWith } from './store-endpoint.ts';
import { storeEndpointRotateWith, storeRotateWith } from './store-rotate.ts';

describe('the secrets of a store and of its other senders', () => {
  const stall = setUpStall();

  describe('store rotate', () => {
    const rotate = (words: string, questions?: readonly string[]) =>
      stall.shelf.run(storeRotateWith, `candles ${words} --json`, questions);

    test('a secret of the sender: both count until the old one is retired', async () => {
      assert.equal((await rotate('--secret', ['shpss_2'])).code, 0);
      assert.deepEqual(await stall.secrets(), ['shpss_2', 'shpss_1']);
      assert.equal((await rotate('--secret', [])).result.isResumed, true, 'and nobody is asked for a third');
      assert.deepEqual(await stall.secrets(), ['shpss_2', 'shpss_1']);
      assert.equal((await rotate('--retire')).code, 0);
      assert.deepEqual(await stall.secrets(), ['shpss_2']);
      assert.equal((await rotate('--retire')).result.changed, false);
    });

    test('the file that the shop was connected with may be given again', async () => {
      const file = stall.shelf.file('whole.env', 'shop=candles\nclient_secret=shpss_2\ntoken=shpat_right');
      assert.equal((await rotate(`--secret --credentials ${file}`)).code, 0);
      assert.deepEqual(await stall.secrets(), ['shpss_2', 'shpss_1']);
    });

    test('with two in force no third comes in', async () => {
      await rotate('--secret', ['shpss_2']);
      const file = stall.shelf.file('third.env', 'client_secret=shpss_3');
      refused(await rotate(`--secret --credentials ${file}`), /two secrets in force.*--retire/);
      assert.deepEqual(await stall.secrets(), ['shpss_2', 'shpss_1']);
    });

    test('a secret of ours is told to the shop; a change that broke off goes on with the same secret', async () => {
      await stall.withWoo();
      const [old] = (await stall.secrets())!;
      stall.desk.broken = true;
      refused(
        await rotate('--secret'),
        /Both secrets count.*store rotate candles --secret again: the webhook order\.created/,
      );
      const [next, before] = (await stall.secrets())!;
      assert.equal(before, old);
      assert.deepEqual(new Set(stall.desk.secrets.values()), new Set([old]));
      stall.desk.broken = false;
      const { code, result } = await rotate('--secret');
      assert.deepEqual([code, result.isResumed], [0, true]);
      assert.deepEqual(await stall.secrets(), [next, old]);
      assert.deepEqual(new Set(stall.desk.secrets.values()), new Set([next]));
    });

    test('where the shop cannot reach us, nothing is begun', async () => {
      await stall.withWoo();
      const before = await stall.secrets();
      refused(await rotate('--secret --public-url http://127.0.0.1:8080'), /cannot be reached by a platform/);
      assert.deepEqual(await stall.secrets(), before);
    });

    test('a WooCommerce shop without webhooks signs nothing, so that nothing is begun', async () => {
      await stall.withWoo();
      const before = await stall.secrets();
      await stall.shelf.database.sql`update stores set webhooks = false`;
      refused(await rotate('--secret'), /connected without webhooks.*store add candles/);
      assert.deepEqual(await stall.secrets(), before);
    });

    test('an app asks for its tokens with the same secret: it is tried first, and kept for both', async () => {
      await stall.desk.close();
      stall.desk = new ShopifyDesk('app');
      stall.desk.currency = 'GBP';
      stall.desk.zone = 'Europe/London';
      await stall.desk.open();
      // As the app was before its secret was changed at Shopify.
      const old = JSON.stringify({ clientId: 'id', clientSecret: 'shpss_1' });
      const sealed = seal(stall.shelf.door.masterKey, 'credential:candles:shopify', Buffer.from(old));
      await stall.shelf.database.sql`update credentials set sealed = ${sealed}`;
      const wrong = stall.shelf.file('wrong.env', 'client_secret=wrong');
      refused(await rotate(`--secret --credentials ${wrong}`), /gives this app no token/);
      assert.deepEqual([await stall.secrets(), await stall.credential()], [['shpss_1'], old]);
      const right = stall.shelf.file('right.env', 'client_secret=right');
      assert.equal((await rotate(`--secret --credentials ${right}`)).code, 0);
      assert.deepEqual(await stall.secrets(), ['right', 'shpss_1']);
      assert.deepEqual(JSON.parse((await stall.credential())!), { clientId: 'id', clientSecret: 'right' });
    });

    test('a token is tried before it takes the place of the old one', async () => {
      const wrong = stall.shelf.file('wrong.env', 'token=shpat_wrong');
      assert.ok((await rotate(`--token --credentials ${wrong}`)).code instanceof PermanentError);
      assert.equal(await stall.credential(), 'shpat_right');
      await stall.desk.close();
      stall.desk = new ShopifyDesk('app');
      stall.desk.currency = 'GBP';
      await stall.desk.open();
      const right = stall.shelf.file('right.env', 'token=for-a-day');
      assert.equal((await rotate(`--token --credentials ${right}`)).code, 0);
      assert.equal(await stall.credential(), 'for-a-day');
      assert.deepEqual(await stall.secrets(), ['shpss_1']);
    });

    test('another app is told to be added, for its webhooks are its own', async () => {
      const file = stall.shelf.file('app.env', 'client_id=id\nclient_secret=right');
      refused(await rotate(`--token --credentials ${file}`), /store add candles --credentials/, UsageError);
    });

    test('what is typed', async () => {
      refused(await rotate(''), /Say one of/, UsageError);
      refused(await rotate('--secret --retire'), /Say one of/, UsageError);
      refused(await rotate('--retire --endpoint candels'), /no sender "candels"\. Did you mean "candles"/);
    });
  });

  describe('store endpoint', () => {
    const add = (words: string, questions?: readonly string[]) =>
      stall.shelf.run(storeEndpointAddWith, `candles ${words} --json`, questions);

    test('of Standard Webhooks: the secret is drawn, shown once and kept sealed', async () => {
      const { code, result } = await add('--source standard --as candles-erp');
      assert.equal(code, 0);
      assert.deepEqual([result.address, result.endpoint], [`${PUBLIC_URL}/webhooks/candles-erp`, 'candles-erp']);
      assert.match(String(result.secret), /^whsec_[A-Za-z0-9+/]{43}=$/);
      assert.deepEqual(await stall.secrets('candles-erp'), [result.secret]);
      const { text } = await stall.shelf.run(storeEndpointListWith, 'candles --json');
      assert.doesNotMatch(text, /whsec_/);
    });

    test('of Standard Webhooks with a secret or a public key of the sender: nothing is shown', async () => {
      for (const [slug, secret] of [
        ['one', `whsec_${'A'.repeat(43)}=`],
        ['two', `whpk_${'B'.repeat(43)}=`],
      ]) {
        const { code, result } = await add(
          `--source standard --as ${slug} --credentials ${stall.shelf.file('o.env', `secret=${secret}`)}`,
        );
        assert.deepEqual([code, result.secret], [0, undefined]);
        assert.deepEqual(await stall.secrets(slug), [secret]);
      }
    });

    test('a key that cannot be one, a name that is there twice, and what is no file are refused', async () => {
      const refusedFor = async (path: string, why: RegExp) =>
        refused(await add(`--source standard --as odd --credentials ${path}`), why, UsageError);
      await refusedFor(stall.shelf.file('short.env', 'secret=whpk_AAAA'), /has 32 bytes, and this one has 3/);
      const secret = `secret=whsec_${'A'.repeat(43)}=`;
      await refusedFor(stall.shelf.file('twice.env', `${secret}\n${secret}`), /:2: "secret" is there twice/);
      await refusedFor('/dev/zero', /a device or a pipe/);
      assert.equal(await stall.secrets('odd'), undefined);
    });

    test('a mapping file is checked before it is kept, and replaced by the next one', async () => {
      const text =
        'sender: erp\nmappings:\n  - type: traffic.spiked\n    data: { sku: body.sku, views: 9, baselineViews: 1, windowMinutes: 60 }\nend: true\n';
      const good = stall.shelf.file('erp.yaml', text);
      const bad = stall.shelf.file('bad.yaml', text.replace('baselineViews: 1', 'baselineVews: 1'));
      refused(await add(`--source standard --as erp --mapping ${bad}`), /bad\.yaml:4:.*baselineVi?e?ws/s);
      assert.equal(await stall.secrets('erp'), undefined);
      assert.equal((await add(`--source standard --as erp --mapping ${good}`)).code, 0);
      const [kept] = (await stall.secrets('erp'))!;
      const other = stall.shelf.file('erp2.yaml', text.replace('views: 9', 'views: 10'));
      const { code, result } = await add(`--source standard --as erp --mapping ${other}`);
      assert.deepEqual([code, result.isNew], [0, false]);
      assert.match((await readEndpoint(stall.shelf.database.sql, 'erp'))?.mapping ?? '', /views: 10/);
      assert.deepEqual(await stall.secrets('erp'), [kept]);
    });

    test('of Stripe: its own secret is asked for, and never shown', async () => {
      const words = 'candles --source stripe';
      const { code, text } = await stall.shelf.run(storeEndpointAddWith, words, ['whsec_stripe']);
      assert.equal(code, 0);
      assert.doesNotMatch(text, /whsec_/);
      assert.deepEqual(await stall.secrets('candles-stripe'), ['whsec_stripe']);
      refused(
        await add(`--source stripe --as x --credentials ${stall.shelf.file('s.env', 'secret=abc')}`),
        /begins with whsec_/,
        UsageError,
      );
    });

    test('of Stripe: its secret is shown once it has the address, so that the address is told first', async () => {
      const address = `${PUBLIC_URL}/webhooks/candles-stripe`;
      // A question that nobody answers ends the command.
      const asked = await stall.shelf.run(storeEndpointAddWith, 'candles --source stripe', []);
      assert.match(String(asked.code), /asked, and not expected: Signing secret/);
      assert.ok(asked.text.includes(address), asked.text);
      const { code } = await add('--source stripe');
      assert.ok(code instanceof UsageError && code.message.includes(address), String(code));
      assert.match(code.message, /Signing secret.*"secret=…".*--credentials/);
      assert.equal(await stall.secrets('candles-stripe'), undefined);
    });

    test('an address that the Internet does not reach is said to be one', async () => {
      const words = 'candles --source standard --public-url';
      assert.match(
        (await stall.shelf.run(storeEndpointAddWith, `${words} http://127.0.0.1:8080`)).text,
        /this machine/,
      );
      await stall.shelf.run(storeEndpointRemoveWith, 'candles-standard --yes');
      assert.doesNotMatch((await stall.shelf.run(storeEndpointAddWith, `${words} ${PUBLIC_URL}`)).text, /this machine/);
    });

    test('of EasyPost: a secret that somebody chose may hold any letter', async () => {
      const { code } = await add(`--source easypost --credentials ${stall.shelf.file('e.env', 'secret=sécret')}`);
      assert.equal(code, 0);
      assert.deepEqual(await stall.secrets('candles-easypost'), ['sécret']);
    });

    test('is rotated and removed by its own name; the shop’s is not', async () => {
      const first = await add('--source standard');
      const rotated = await stall.shelf.run(storeEndpointRotateWith, 'candles-standard --json');
      assert.deepEqual(await stall.secrets('candles-standard'), [rotated.result.secret, first.result.secret]);
      await stall.shelf.run(storeEndpointRotateWith, 'candles-standard --retire');
      assert.deepEqual(await stall.secrets('candles-standard'), [rotated.result.secret]);
      refused(await stall.shelf.run(storeEndpointRemoveWith, 'candles --yes'), /store remove candles/, UsageError);
      refused(await stall.shelf.run(storeEndpointRemoveWith, 'candles-standard'), /--yes/, UsageError);
      assert.equal((await stall.shelf.run(storeEndpointRemoveWith, 'candles-standard --yes')).code, 0);
      assert.equal(await stall.secrets('candles-standard'), undefined);
    });

    test('what is typed', async () => {
      refused(await add('--source shopify'), /--source: standard, stripe, easypost/, UsageError);
      refused(await add('--source standard --as ../x'), /no part of an address/, UsageError);
      await add('--source standard');
      refused(await add('--source standard'), /already/);
      refused(await add('--source stripe --mapping x.yaml'), /Only a sender by Standard Webhooks/, UsageError);
      refused(await add('--source standard --as y --mapping /nowhere.yaml'), /cannot be read/, UsageError);
    });
  });
});
