import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Webhook as LibraryWebhook } from 'standardwebhooks';
import { shopify } from './shopify.ts';
import { standard } from './standard.ts';

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

interface Vector {
  readonly name: string;
  readonly scheme: string;
  readonly secret: string;
  readonly old_secret?: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly now?: number;
  readonly expect: 'valid' | 'invalid';
}

const VECTORS = new URL('../../../../shared/data/webhooks/test-vectors.json', import.meta.url);
const absent = existsSync(VECTORS) ? false : 'the shared data is not there';

test('published signature vectors (shared data)', { skip: absent }, () => {
  const vectors = JSON.parse(readFileSync(VECTORS, 'utf8')) as Vector[];
  let checked = 0;
  for (const { name, scheme, secret, old_secret, headers: given, body: text, now, expect } of vectors) {
    const platform = /shopify/i.test(scheme) ? shopify : /standard/i.test(scheme) ? standard : undefined;
    if (!platform) continue;
    const headers = Object.fromEntries(Object.entries(given).map(([header, value]) => [header.toLowerCase(), value]));
    const verified = platform.verify(
      { headers, body: Buffer.from(text) },
      old_secret ? [secret, old_secret] : [secret],
      (now ?? 0) * 1_000,
    );
    assert.equal(verified !== undefined, expect === 'valid', name);
    checked += 1;
  }
  assert.ok(checked >= 14, `${checked} vectors`);
});
