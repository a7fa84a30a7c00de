import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign as signEd25519 } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Webhook as LibraryWebhook } from 'standardwebhooks';
import type { SourceName } from '#shared/contracts/sources.ts';
import { easypost } from './easypost.ts';
import { sourceOf } from './index.ts';
import { shopify } from './shopify.ts';
import { standard } from './standard.ts';
import { stripe } from './stripe.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const NOW_MS = 1_614_265_330_000;
const BODY = Buffer.from('{"test": 2432232314}');
const HEADERS = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const OTHER = 'v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=';

const EMPTY = `v1,${createHmac('sha256', '').update(`${HEADERS['webhook-id']}.${HEADERS['webhook-timestamp']}.`).update(BODY).digest('base64')}`;

const holds = (
  changes: Record<string, string | undefined>,
  options: { body?: Buffer; secrets?: string[]; nowMs?: number } = {},
) =>
  standard.verify(
    { headers: { ...HEADERS, ...changes }, body: options.body ?? BODY },
    options.secrets ?? [SECRET],
    options.nowMs ?? NOW_MS,
  ) !== undefined;

describe('Standard Webhooks signatures', () => {
  const cases: [string, boolean, boolean][] = [
    ["the specification's own vector holds", true, holds({})],
    ['a secret without its prefix is the same secret', true, holds({}, { secrets: [SECRET.slice(6)] })],
    ['either of two secrets will do', true, holds({}, { secrets: ['whsec_AAAA', SECRET] })],
    [
      'one of several signatures is enough',
      true,
      holds({ 'webhook-signature': `${OTHER} v2,xyz ${HEADERS['webhook-signature']}` }),
    ],
    ['300 s late holds', true, holds({}, { nowMs: NOW_MS + 300_000 })],
    ['301 s late does not', false, holds({}, { nowMs: NOW_MS + 301_000 })],
    ['301 s early does not', false, holds({}, { nowMs: NOW_MS - 301_000 })],
    [
      'another version does not',
      false,
      holds({ 'webhook-signature': HEADERS['webhook-signature'].replace('v1', 'v2') }),
    ],
    ['another id does not', false, holds({ 'webhook-id': 'msg_other' })],
    ['a time that is no number does not', false, holds({ 'webhook-timestamp': '1614265330.0' })],
    ['one changed bit does not', false, holds({}, { body: Buffer.from('{"test": 2432232315}') })],
    ['no signature does not', false, holds({ 'webhook-signature': undefined })],
    ['an empty one does not', false, holds({ 'webhook-signature': 'v1,' })],
    ['one of odd length does not', false, holds({ 'webhook-signature': 'v1,g0hM9SsE' })],
    [
      'letters beyond ASCII do not',
      false,
      holds({ 'webhook-signature': 'v1,é0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' }),
    ],
    [
      'an empty secret does not, though anybody can sign with it',
      false,
      holds({ 'webhook-signature': EMPTY }, { secrets: ['whsec_'] }),
    ],
    ['no secret does not', false, holds({}, { secrets: [] })],
  ];
  for (const [name, expected, actual] of cases) test(name, () => assert.equal(actual, expected));

  test('agree with the published library on bodies of its own signing', () => {
    for (const body of ['', '{}', '{"a": "ü"}', '{ "spaced" :  1 }']) {
      const timestamp = new Date(NOW_MS);
      const signature = new LibraryWebhook(SECRET).sign('msg_1', timestamp, body);
      const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': '1614265330', 'webhook-signature': signature };
      assert.ok(standard.verify({ headers, body: Buffer.from(body) }, [SECRET], NOW_MS), body);
    }
  });
});

describe('Shopify signatures', () => {
  const sign = (body: string, secret: string) => createHmac('sha256', secret).update(body).digest('base64');
  const verify = (body: string, signature: string | undefined, secrets: string[], more: Record<string, string> = {}) =>
    shopify.verify({ headers: { 'x-shopify-hmac-sha256': signature, ...more }, body: Buffer.from(body) }, secrets, 0);

  test("Shopify's own vectors hold, with the present and the former secret", () => {
    assert.ok(verify('{"foo": "bar"}', 'B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g=', ['test_secret_key']));
    for (const signature of [
      'yCGX/RrK4fcuNtr3ztk5tQGsOBjcAzHpGLdMUrbV8yI=',
      'XqRcjrSv57VACn6apEO9znyu/wkN1VC7QxdSPwK3Hzs=',
    ]) {
      assert.ok(verify('foo=anything', signature, ['secret', 'old_secret']));
    }
    assert.equal(verify('foo=anything', 'XqRcjrSv57VACn6apEO9znyu/wkN1VC7QxdSPwK3Hzs=', ['secret']), undefined);
  });

  test('are over the bytes as they came: the same JSON written anew does not hold', () => {
    const pretty = '{\n  "id": 1\n}';
    assert.ok(verify(pretty, sign(pretty, 's'), ['s']));
    assert.equal(verify(JSON.stringify(JSON.parse(pretty)), sign(pretty, 's'), ['s']), undefined);
  });

  test('of another length, of hex, or missing do not hold, and do not throw', () => {
    const hex = createHmac('sha256', 's').update('x').digest('hex');
    for (const given of [undefined, '', 'AAAA', hex, `${sign('x', 's')}=`, sign('x', 's').slice(1)]) {
      assert.equal(verify('x', given, ['s']), undefined);
    }
  });

  test('the key is topic and event id, then topic and webhook id, then the body', () => {
    const key = (more: Record<string, string>) => verify('x', sign('x', 's'), ['s'], more)?.key;
    const topic = { 'x-shopify-topic': 'orders/create' };
    assert.equal(key({ ...topic, 'x-shopify-event-id': 'e1', 'x-shopify-webhook-id': 'w1' }), 'orders/create|event|e1');
    assert.notEqual(key({ 'x-shopify-topic': 'orders/paid', 'x-shopify-event-id': 'e1' }), 'orders/create|event|e1');
    assert.equal(key({ ...topic, 'x-shopify-webhook-id': 'w1' }), 'orders/create|webhook|w1');
    assert.match(key(topic) ?? '', /^orders\/create\|body\|[0-9a-f]{64}$/);
  });
});

describe('Standard Webhooks signatures under a public key', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const PUBLIC = `whpk_${raw.toString('base64')}`;
  const signed = Buffer.concat([Buffer.from(`${HEADERS['webhook-id']}.${HEADERS['webhook-timestamp']}.`), BODY]);
  const signature = signEd25519(null, signed, privateKey);
  const given = (entry: string) => ({ 'webhook-signature': entry });
  const byMac = createHmac('sha256', raw).update(signed).digest('base64');
  const other = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);

  const cases: [string, boolean, boolean][] = [
    ['hold', true, holds(given(`v1a,${signature.toString('base64')}`), { secrets: [PUBLIC] })],
    [
      'hold beside others',
      true,
      holds(given(`${OTHER} v1a,${signature.toString('base64')}`), { secrets: ['whsec_AAAA', PUBLIC] }),
    ],
    [
      'do not hold for another body',
      false,
      holds(given(`v1a,${signature.toString('base64')}`), { secrets: [PUBLIC], body: Buffer.from('{}') }),
    ],
    [
      'do not hold under another key',
      false,
      holds(given(`v1a,${signature.toString('base64')}`), { secrets: [`whpk_${other.toString('base64')}`] }),
    ],
    ['do not hold as a MAC', false, holds(given(`v1,${signature.toString('base64')}`), { secrets: [PUBLIC] })],
    [
      'and their key, which everybody may know, is no secret',
      false,
      holds(given(`v1,${byMac}`), { secrets: [PUBLIC] }),
    ],
    ['of odd length do not hold, and do not throw', false, holds(given('v1a,AAAA'), { secrets: [PUBLIC] })],
    [
      'under a key of odd length do not hold',
      false,
      holds(given(`v1a,${signature.toString('base64')}`), { secrets: ['whpk_AAAA'] }),
    ],
  ];
  for (const [name, expected, actual] of cases) test(name, () => assert.equal(actual, expected));
});

describe('Stripe signatures', () => {
  const body = '{"id":"evt_1"}';
  const sign = (secret: string, t: number | string = 1_700_000_000) =>
    createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
  const verify = (header: string | undefined, more: { secrets?: string[]; nowS?: number; body?: string } = {}) =>
    stripe.verify(
      { headers: { 'stripe-signature': header }, body: Buffer.from(more.body ?? body) },
      more.secrets ?? ['whsec_a'],
      (more.nowS ?? 1_700_000_000) * 1_000,
    ) !== undefined;
  const T = 't=1700000000';
  const cases: [string, boolean, boolean][] = [
    ['hold', true, verify(`${T},v1=${sign('whsec_a')}`)],
    ['hold with spaces between', true, verify(`${T}, v1=${sign('whsec_a')}`)],
    ['one of several is enough', true, verify(`${T},v1=${sign('whsec_b')},v1=${sign('whsec_a')}`)],
    ['either of two secrets will do', true, verify(`${T},v1=${sign('whsec_a')}`, { secrets: ['whsec_b', 'whsec_a'] })],
    ['300 s late hold', true, verify(`${T},v1=${sign('whsec_a')}`, { nowS: 1_700_000_300 })],
    ['301 s late do not', false, verify(`${T},v1=${sign('whsec_a')}`, { nowS: 1_700_000_301 })],
    ['301 s early do not', false, verify(`${T},v1=${sign('whsec_a')}`, { nowS: 1_699_999_699 })],
    ['of test mode (v0) do not', false, verify(`${T},v0=${sign('whsec_a')}`)],
    ['with another time do not', false, verify(`t=1700000001,v1=${sign('whsec_a')}`)],
    ['without a time do not', false, verify(`v1=${sign('whsec_a')}`)],
    ['over another body do not', false, verify(`${T},v1=${sign('whsec_a')}`, { body: '{"id": "evt_1"}' })],
    [
      'with an empty secret do not, though anybody can sign with it',
      false,
      verify(`${T},v1=${sign('')}`, { secrets: [''] }),
    ],
    ['in base64, or missing, do not', false, verify(`${T},v1=AAAA`) || verify(undefined) || verify('')],
  ];
  for (const [name, expected, actual] of cases) test(name, () => assert.equal(actual, expected));

  test('an event is known by its id, and where it does not stand out by its body', () => {
    const keyOf = (text: string) => {
      const signature = createHmac('sha256', 's').update(`1.${text}`).digest('hex');
      return stripe.verify(
        { headers: { 'stripe-signature': `t=1,v1=${signature}` }, body: Buffer.from(text) },
        ['s'],
        1_000,
      )?.key;
    };
    assert.equal(keyOf('{"data":{"object":{"id":"ch_1"}},"id":"evt_9"}'), 'evt_9');
    assert.match(keyOf('{"id":"ch_1"}') ?? '', /^body\|[0-9a-f]{64}$/);
    assert.notEqual(keyOf('{"id":"ch_1"}'), keyOf('{"id":"ch_2"}'));
  });
});

describe('EasyPost signatures', () => {
  const body = '{"id":"evt_1"}';
  const sign = (secret: string) => createHmac('sha256', secret.normalize('NFKD')).update(body).digest('hex');
  const verify = (header: string, secret: string) =>
    easypost.verify({ headers: { 'x-hmac-signature': header }, body: Buffer.from(body) }, [secret], 0) !== undefined;
  const composed = 's\u00e9cret';
  const cases: [string, boolean, boolean][] = [
    ['hold', true, verify(`hmac-sha256-hex=${sign('a')}`, 'a')],
    ['hold however the secret was typed', true, verify(`hmac-sha256-hex=${sign(composed)}`, composed.normalize('NFD'))],
    ['without their prefix do not', false, verify(sign('a'), 'a')],
    ['under another secret do not', false, verify(`hmac-sha256-hex=${sign('b')}`, 'a')],
    ['cut short do not, and do not throw', false, verify(`hmac-sha256-hex=${sign('a').slice(2)}`, 'a')],
    ['with an empty secret do not', false, verify(`hmac-sha256-hex=${sign('')}`, '')],
  ];
  for (const [name, expected, actual] of cases) test(name, () => assert.equal(actual, expected));
});

interface Vector {
  readonly name: string;
  readonly scheme: string;
  readonly secret: string;
  readonly old_secret?: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly bodyFile?: string;
  readonly now?: number;
  readonly expect: 'valid' | 'invalid';
}

const FOLDER = new URL('../../../../shared/data/webhooks/', import.meta.url);
const VECTORS = new URL('test-vectors.json', FOLDER);
const absent = existsSync(VECTORS) ? false : 'needs ../shared/data';
const SCHEMES: Readonly<Record<string, SourceName>> = {
  shopify: 'shopify',
  'standard-webhooks v1': 'standard',
  easypost: 'easypost',
  bigcommerce: 'bigcommerce',
};

describe('published signature vectors (shared data)', { skip: absent }, () => {
  const vectors = absent ? [] : (JSON.parse(readFileSync(VECTORS, 'utf8')) as Vector[]);
  test('are sixteen', () => assert.equal(vectors.length, 16));
  for (const vector of vectors)
    test(vector.name, () => {
      const { secret, old_secret: former, now = 0 } = vector;
      const body = vector.bodyFile ? readFileSync(new URL(vector.bodyFile, FOLDER)) : Buffer.from(vector.body!);
      const headers = Object.fromEntries(
        Object.entries(vector.headers).map(([name, value]) => [name.toLowerCase(), value]),
      );
      const source = sourceOf({ platform: SCHEMES[vector.scheme]! });
      const verified = source.verify({ headers, body }, former ? [secret, former] : [secret], now * 1_000);
      assert.equal(verified !== undefined, vector.expect === 'valid');
    });
});
