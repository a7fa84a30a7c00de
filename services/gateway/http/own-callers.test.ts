import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { readConfig } from '#shared/runtime/config.ts';
import { gatewayShape } from '../config.ts';
import { startHarness } from '../fixtures/harness.ts';

/** Like a browser or a tool that has been led to the listener by a name of its own: `fetch` would not let Host be set. */
async function send(url: string, method: string, headers: Record<string, string>, body?: string): Promise<number> {
  const sent = request(url, { method, headers });
  const status = new Promise<number>((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
  });
  sent.end(body);
  return await status;
}

const JSON_BODY = { 'content-type': 'application/json' };
const ALLOWED = 'console.shop.example';
const RULES = '{"files":{}}';

describe('who may call the operator listener', { timeout: 60_000 }, () => {
  let gateway: Awaited<ReturnType<typeof startHarness>>;
  let port: string;
  before(async () => {
    gateway = await startHarness({ PARLEY_OPERATOR_NAMES: [ALLOWED] });
    port = new URL(gateway.operator).port;
  });
  after(() => gateway.stop());

  const PATHS = ['/', '/mailbox', '/escalations', '/api/summary', '/api/rules', '/api/dead-letters', '/metrics'];
  test('by a name of this machine, or one that the configuration names', async () => {
    for (const name of ['localhost', '127.0.0.1', '[::1]', 'LOCALHOST', ALLOWED])
      for (const path of PATHS)
        assert.equal(await send(`${gateway.operator}${path}`, 'GET', { host: `${name}:${port}` }), 200, name + path);
  });

  test('by no other name, whatever the browser believes of it: neither to look nor to change', async () => {
    for (const name of ['rebound.example', '127.0.0.1.example', '10.0.0.7', 'sub.console.shop.example'])
      for (const path of [...PATHS, '/readyz', '/assets/parley.css', '/no-such-page'])
        assert.equal(await send(`${gateway.operator}${path}`, 'GET', { host: `${name}:${port}` }), 403, name + path);
    const host = `rebound.example:${port}`;
    const headers = { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin', ...JSON_BODY };
    assert.equal(await send(`${gateway.operator}/api/rules/sets`, 'POST', headers, RULES), 403);
    assert.equal(await send(`${gateway.operator}/escalations/by-id/x`, 'POST', headers, RULES), 403);
  });

  test('the public listener is called by any name', async () => {
    assert.notEqual(await send(`${gateway.base}/healthz`, 'GET', { host: 'shop.example' }), 403);
  });

  /** 400: it came as far as the route, to which this is no rule set. */
  const changes = [
    ['a tool', 400, JSON_BODY],
    ['a tool, with a character set', 400, { 'content-type': 'application/json; charset=utf-8' }],
    ['our page', 400, { ...JSON_BODY, origin: 'http://{host}', 'sec-fetch-site': 'same-origin' }],
    ['our page behind somebody’s TLS', 400, { ...JSON_BODY, origin: 'https://{host}' }],
    ['a browser that says nothing but its origin', 400, { ...JSON_BODY, origin: 'http://{host}' }],
    ['another site', 403, { ...JSON_BODY, 'sec-fetch-site': 'cross-site' }],
    ['a neighbour on this machine', 403, { ...JSON_BODY, 'sec-fetch-site': 'same-site' }],
    ['another origin', 403, { ...JSON_BODY, origin: 'http://evil.example' }],
    [
      'another origin, though the browser says otherwise',
      403,
      { ...JSON_BODY, origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' },
    ],
    ['another port of this machine', 403, { ...JSON_BODY, origin: 'http://127.0.0.1:1' }],
    ['a page without an origin', 403, { ...JSON_BODY, origin: 'null' }],
    ['a plain form of an old browser', 415, { 'content-type': 'text/plain' }],
    ['a form', 415, { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a body of no type', 415, {}],
    ['a type that only begins alike', 415, { 'content-type': 'application/jsonp' }],
  ] as const satisfies readonly (readonly [string, number, Record<string, string>])[];
  for (const [who, status, headers] of changes) {
    test(`a change sent by ${who}: ${status}`, async () => {
      const host = `127.0.0.1:${port}`;
      const filled = Object.fromEntries(
        Object.entries<string>(headers).map(([key, value]) => [key, value.replace('{host}', host)]),
      );
      assert.equal(await send(`${gateway.operator}/api/rules/sets`, 'POST', { host, ...filled }, RULES), status);
    });
  }

  test('a redrive has no body and needs no type', async () => {
    const path = '/api/dead-letters/shop/00000000-0000-7000-8000-000000000001/redrive';
    assert.equal(await send(`${gateway.operator}${path}`, 'POST', {}), 404);
    assert.equal(await send(`${gateway.operator}${path}`, 'POST', { origin: 'http://evil.example' }), 403);
  });
});

describe('the names of the operator listener in the configuration', () => {
  const base = {
    DATABASE_URL: 'postgres://x/y',
    NATS_URL: 'nats://x',
    PARLEY_PUBLIC_PORT: '1',
    PARLEY_OPERATOR_PORT: '2',
    PARLEY_MASTER_KEY_FILE: 'f',
  };
  const read = (names?: string) =>
    readConfig(gatewayShape, { ...base, ...(names === undefined ? {} : { PARLEY_OPERATOR_NAMES: names }) })
      .PARLEY_OPERATOR_NAMES;

  test('one or more, apart by commas; none where nothing is said', () => {
    assert.deepEqual(read(), []);
    assert.deepEqual(read(''), []);
    assert.deepEqual(read('console.shop.example'), ['console.shop.example']);
    assert.deepEqual(read('Console.shop.example, gateway,10.0.0.7,fd00::7'), [
      'console.shop.example',
      'gateway',
      '10.0.0.7',
      'fd00::7',
    ]);
  });

  test('an address or a name with its port is refused with the name that was meant', () => {
    assert.throws(
      () => read('https://console.shop.example/'),
      /PARLEY_OPERATOR_NAMES: .*Did you mean "console\.shop\.example"\?/,
    );
    assert.throws(() => read('gateway:8081'), /Did you mean "gateway"\?/);
    assert.throws(() => read('*'), /PARLEY_OPERATOR_NAMES: "\*" is not a name/);
    assert.throws(
      () => readConfig(gatewayShape, { ...base, PARLEY_OPERATOR_NAME: 'x' }),
      /Did you mean "PARLEY_OPERATOR_NAMES"\?/,
    );
  });
});
