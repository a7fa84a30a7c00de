import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { woocommerce } from '../woocommerce.ts';

describe('the signature of WooCommerce', () => {
  const sign = (secret: string, body: string) => createHmac('sha256', secret).update(body).digest('base64');
  const webhook = (body: string, signature: string, headers: Record<string, string> = {}) => ({
    headers: {
      'x-wc-webhook-signature': signature,
      'x-wc-webhook-topic': 'order.updated',
      'x-wc-webhook-id': '4',
      'x-wc-webhook-delivery-id': 'same-second',
      ...headers,
    },
    body: Buffer.from(body),
  });
  const BODY = '{"id":727,"link":"https:\\/\\/shop.example\\/"}   '.padEnd(60);

  test('is over the bytes, with the slashes as they were sent', () => {
    assert.ok(woocommerce.verify(webhook(BODY, sign('s', BODY)), ['s'], 0));
    assert.equal(woocommerce.verify(webhook(JSON.stringify(JSON.parse(BODY)), sign('s', BODY)), ['s'], 0), undefined);
  });

  test('two orders of one second are two, though they share the delivery id', () => {
    const other = BODY.replace('727', '728');
    const [a, b] = [BODY, other].map((body) => woocommerce.verify(webhook(body, sign('s', body)), ['s'], 0)!.key);
    assert.notEqual(a, b);
    const again = woocommerce.verify(webhook(BODY, sign('s', BODY), { 'x-wc-webhook-delivery-id': 'later' }), ['s'], 0);
    assert.equal(again?.key, a);
  });

  for (const [typed, used] of [
    ['a&amp;b', 'a&b'],
    ['a&b', 'a&b'],
    ['&lt;x&gt;', '<x>'],
    ['say &quot;it&#039;s&quot;', `say "it's"`],
    ['&amp;lt;', '&lt;'],
  ] as const) {
    test(`a secret written as ${typed} signs as ${used}`, () => {
      assert.ok(woocommerce.verify(webhook(BODY, sign(used, BODY)), [typed], 0));
    });
  }

  test('an empty secret signs nothing', () => {
    assert.equal(woocommerce.verify(webhook(BODY, sign('', BODY)), [''], 0), undefined);
  });

  test('the ping of a saved webhook is one, and nothing with a header or another body is', () => {
    const ping = {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from('webhook_id=142'),
    };
    assert.equal(woocommerce.isPing?.(ping), true);
    assert.equal(woocommerce.isPing?.({ ...ping, body: Buffer.from('webhook_id=142&x=1') }), false);
    assert.equal(woocommerce.isPing?.({ ...ping, headers: { 'x-wc-webhook-topic': 'order.created' } }), false);
  });
});
