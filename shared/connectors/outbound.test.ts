import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createRawServer, type Server } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { PermanentError, TransientError, UnknownOutcomeError } from '#shared/kernel/errors.ts';
import { isInside } from './addresses.ts';
import { openHttp, publicLookup, storeOrigin } from './outbound.ts';

/** Every way of writing an inside address that the collected lists of such attacks name. */
const INSIDE_HOSTS = [
  '127.0.0.1',
  '127.1',
  '127.0.0.53',
  '0x7f.1',
  '0x7f000001',
  '2130706433',
  '0177.0.0.1',
  '127.0.0.1.',
  '①②⑦.⓪.⓪.①',
  '0',
  '0.0.0.0',
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b:1::a00:1]',
  '[2002:7f00:1::]',
  '[2001:0:7f00:1::]',
  '[fe80::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[ff02::1]',
  '[fec0::1]',
  '10.0.0.1',
  '10.255.255.255',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '169.254.169.254',
  '169.254.170.2',
  '100.64.0.1',
  '100.100.100.200',
  '192.0.0.192',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
];
const PUBLIC = ['8.8.8.8', '93.184.216.34', '172.15.255.255', '172.32.0.1', '100.63.255.255', '2606:4700::1111'];

const answering = (...addresses: string[]): typeof import('node:dns').lookup =>
  ((_host: string, _options: object, callback: (error: null, found: LookupAddress[]) => void) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )) as never;

const forbidden = (thrown: unknown) => thrown instanceof PermanentError && thrown.reason === 'forbidden-address';
const isPrivate = (thrown: unknown) => forbidden(thrown) && /leads into a private network/.test(String(thrown));

describe('outbound calls cannot reach inside', () => {
  let inside: Server;
  let connects = 0;
  const port = () => (inside.address() as AddressInfo).port;

  before(async () => {
    inside = createRawServer((socket) => {
      connects += 1;
      socket.on('error', () => {});
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    });
    // On every address of this machine, of both families.
    await new Promise<void>((resolve) => inside.listen(0, resolve));
  });
  after(() => inside.close());

  for (const host of INSIDE_HOSTS)
    test(`${host}: refused as an address of a store, and not connected to`, async () => {
      assert.throws(() => storeOrigin('woocommerce', `https://${host}/`), isPrivate);
      for (const scheme of ['http', 'https']) {
        const url = new URL(`${scheme}://${host}:${port()}/`);
        const http = openHttp({ url, mayBeInside: false });
        await assert.rejects(async () => http.ask({ method: 'GET', path: '/' }, 'read'), isPrivate);
        http.close();
      }
      assert.equal(connects, 0);
    });

  for (const addresses of [['127.0.0.1'], ['::1'], ['8.8.8.8', '127.0.0.1'], ['::ffff:127.0.0.1'], []])
    test(`a name that leads to ${addresses.join(' and ') || 'nothing'} is not connected to`, async () => {
      const url = new URL(`http://shop.example:${port()}/`);
      const http = openHttp({ url, mayBeInside: false }, { resolve: answering(...addresses) });
      await assert.rejects(http.ask({ method: 'POST', path: '/', body: 'x' }, 'write'), isPrivate);
      assert.equal(connects, 0);
      http.close();
    });

  test('a name of this machine is not connected to by the real resolver either', async () => {
    const http = openHttp({ url: new URL(`http://localhost:${port()}/`), mayBeInside: false });
    await assert.rejects(http.ask({ method: 'GET', path: '/' }, 'read'), isPrivate);
    assert.equal(connects, 0);
    http.close();
  });

  test('a name is resolved once a connection, and the connection goes to what was looked at', async () => {
    const answers = ['93.184.216.34', '127.0.0.1', '127.0.0.1'];
    let asked = 0;
    const rebinding = ((_host: string, _options: object, callback: (error: null, found: LookupAddress[]) => void) =>
      callback(null, [{ address: answers[asked++]!, family: 4 }])) as never;
    const lookup = publicLookup(rebinding);
    const first = await new Promise((resolve, reject) =>
      lookup('shop.example', { all: true }, (error, found) => (error ? reject(error) : resolve(found))),
    );
    assert.deepEqual([first, asked], [[{ address: '93.184.216.34', family: 4 }], 1]);
    const http = openHttp(
      { url: new URL(`http://shop.example:${port()}/`), mayBeInside: false },
      { resolve: rebinding },
    );
    await assert.rejects(http.ask({ method: 'GET', path: '/' }, 'read'), forbidden);
    assert.deepEqual([asked, connects], [2, 0]);
    http.close();
  });

  test('a redirect is an answer, and nobody goes there', async () => {
    await withServer(
      (_request, response) => response.writeHead(302, { location: `http://127.0.0.1:${port()}/` }).end(),
      async (url) => {
        const http = openHttp(storeOrigin('sandbox', url));
        assert.equal((await http.ask({ method: 'GET', path: '/' }, 'read')).status, 302);
        http.close();
      },
    );
    assert.equal(connects, 0);
  });

  test('the listener would have noticed', async () => {
    const http = openHttp(storeOrigin('sandbox', `http://127.0.0.1:${port()}`));
    assert.equal((await http.ask({ method: 'GET', path: '/' }, 'read')).status, 200);
    assert.equal(connects, 1);
    http.close();
  });
});

describe('the address of a store', () => {
  test('is refused where it is not what its platform is called by', () => {
    const refused: [Parameters<typeof storeOrigin>[0], string][] = [
      ['shopify', 'http://shop.myshopify.com'],
      ['shopify', 'https://shop.myshopify.com:8443'],
      ['shopify', 'https://shop.myshopify.com.evil.example'],
      ['shopify', 'https://evil.example/shop.myshopify.com'],
      ['shopify', 'https://shop.myshopify.com@evil.example'],
      ['shopify', 'https://me:secret@shop.myshopify.com'],
      ['shopify', 'https://shop.myshopify.com?to=https://evil.example'],
      ['bigcommerce', 'https://api.bigcommerce.com.evil.example/stores/x'],
      ['woocommerce', 'http://shop.example'],
      ['woocommerce', 'https://user@shop.example'],
      ['woocommerce', 'https://shop.example:444'],
      ['woocommerce', 'ftp://shop.example'],
      ['woocommerce', 'file:///etc/passwd'],
      ['sandbox', 'file:///etc/passwd'],
      ['woocommerce', 'no address'],
    ];
    for (const [platform, address] of refused) assert.throws(() => storeOrigin(platform, address), forbidden, address);
  });

  test('is taken where it is', () => {
    assert.equal(storeOrigin('shopify', 'https://shop-1.myshopify.com').mayBeInside, false);
    assert.equal(storeOrigin('bigcommerce', 'https://api.bigcommerce.com/stores/abc').url.pathname, '/stores/abc');
    assert.equal(storeOrigin('woocommerce', 'https://shop.example/wp').mayBeInside, false);
    assert.equal(storeOrigin('woocommerce', 'https://shop.example:443').url.port, '');
    assert.equal(storeOrigin('sandbox', 'http://127.0.0.1:4100/stores/sandbox').mayBeInside, true);
  });

  test('public addresses are public', () => {
    assert.deepEqual(
      PUBLIC.filter((address) => isInside(address)),
      [],
    );
  });
});

describe('a call', () => {
  const ask = (url: string, kind: 'read' | 'write', doors: Parameters<typeof openHttp>[1] = {}) => {
    const http = openHttp(storeOrigin('sandbox', url), doors);
    return http
      .ask({ method: 'POST', path: '/orders?x=1', headers: { 'x-a': 'b' }, body: '{"é":1}' }, kind)
      .finally(() => http.close());
  };

  test('carries path, headers and body below the base of the store', () =>
    withServer(
      async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const { 'x-a': own, 'content-length': length, 'transfer-encoding': coding } = request.headers;
        response.end(
          JSON.stringify([request.method, request.url, own, length, coding, Buffer.concat(chunks).toString()]),
        );
      },
      async (url) => {
        const { text } = await ask(`${url}/stores/one/`, 'write');
        assert.deepEqual(JSON.parse(text), ['POST', '/stores/one/orders?x=1', 'b', '8', null, '{"é":1}']);
      },
    ));

  test('that has no answer in time may have happened if it was a write', () =>
    withServer(
      () => {},
      async (url) => {
        await assert.rejects(
          ask(url, 'write', { headersMs: 50 }),
          (t) => t instanceof UnknownOutcomeError && t.reason === 'timeout',
        );
        await assert.rejects(ask(url, 'read', { headersMs: 50 }), TransientError);
      },
    ));

  test('whose answer drips has an end', () =>
    withServer(
      (_request, response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write('x'), 5);
        response.on('close', () => clearInterval(drip));
      },
      async (url) => {
        await assert.rejects(
          ask(url, 'write', { totalMs: 60 }),
          (t) => t instanceof UnknownOutcomeError && t.reason === 'timeout',
        );
        await assert.rejects(
          ask(url, 'write', { answerBytes: 3 }),
          (t) => t instanceof UnknownOutcomeError && t.reason === 'body-too-large',
        );
      },
    ));

  test('that breaks off after it was sent may have happened, one that was never connected has not', () =>
    withServer(
      (request) => request.socket.destroy(),
      async (url) => {
        await assert.rejects(ask(url, 'write'), UnknownOutcomeError);
        await assert.rejects(ask(url, 'read'), TransientError);
        await assert.rejects(ask('http://127.0.0.1:1', 'write'), TransientError);
        await assert.rejects(ask(url.replace('http', 'https'), 'write', { connectMs: 500 }), TransientError);
      },
    ));

  test('whose answer changes the protocol has an end, as if the connection had broken', { timeout: 5_000 }, () =>
    withServer(
      (request) =>
        void request.socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
        ),
      async (url) => {
        await assert.rejects(ask(url, 'write'), UnknownOutcomeError);
        await assert.rejects(ask(url, 'read'), TransientError);
      },
    ),
  );

  test('whose time is over when there is a connection is not sent', () => {
    let received = 0;
    return withServer(
      (_request, response) => {
        received += 1;
        response.end();
      },
      async (url) => {
        let nowMs = 1_000;
        const http = openHttp(storeOrigin('sandbox', url), { nowMs: () => nowMs });
        const request = { method: 'POST', path: '/', body: 'x', beginByMs: 2_000 } as const;
        const stopped = http.ask(request, 'write');
        nowMs = 2_001;
        await assert.rejects(stopped, (t) => t instanceof TransientError && t.reason === 'timeout');
        assert.equal(received, 0);
        nowMs = 2_000;
        assert.equal((await http.ask(request, 'write')).status, 200);
        http.close();
      },
    );
  });

  test('keeps its connection for the next', () => {
    const sockets = new Set<unknown>();
    return withServer(
      (request, response) => {
        sockets.add(request.socket);
        response.end();
      },
      async (url) => {
        const http = openHttp(storeOrigin('sandbox', url));
        for (let n = 0; n < 5; n++) await http.ask({ method: 'GET', path: '/' }, 'read');
        assert.equal(sockets.size, 1);
        http.close();
      },
    );
  });

  test('that is under way when the door is closed has its answer, and then no connection stays', () => {
    let answer = () => {};
    const received = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    return withServer(
      (request, response) => {
        request.socket.once('close', () => closed.resolve());
        answer = () => response.end('done');
        received.resolve();
      },
      async (url) => {
        const http = openHttp(storeOrigin('sandbox', url));
        const asked = http.ask({ method: 'POST', path: '/', body: '{}' }, 'write');
        await received.promise;
        http.close();
        answer();
        assert.equal((await asked).text, 'done');
        await closed.promise;
      },
    );
  });
});

async function withServer(listener: RequestListener, body: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
