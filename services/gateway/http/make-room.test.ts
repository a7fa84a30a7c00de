import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeRoom } from './make-room.ts';

const MOST = 4;
const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

describe('one connection too many takes the place of the one without progress for longest', { timeout: 20_000 }, () => {
  let server: Server;
  let pushedOut = 0;
  const opened: Socket[] = [];
  before(async () => {
    server = createServer((_, outgoing) => outgoing.end('ok'));
    makeRoom(server, MOST, () => pushedOut++);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    for (const socket of opened.splice(0)) socket.destroy();
    while ((await count()) > 0) await sleep(5);
    pushedOut = 0;
  });
  after(() => server.close());

  const count = () => new Promise<number>((resolve) => server.getConnections((_, n) => resolve(n)));
  const open = async (): Promise<Socket & { readonly answers: string }> => {
    const socket = Object.assign(connect((server.address() as AddressInfo).port, '127.0.0.1'), { answers: '' });
    opened.push(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk) => (socket.answers += chunk));
    await new Promise((resolve) => socket.once('connect', resolve));
    await sleep(10);
    return socket;
  };
  const ask = async (socket: Socket & { readonly answers: string }) => {
    const before = socket.answers.length;
    socket.write(REQUEST);
    while (socket.answers.length === before && !socket.closed) await sleep(2);
  };

  test('idle ones go in the order in which they came; who is answered meanwhile stays', async () => {
    const idle = [await open(), await open()];
    const busy = await open();
    const alsoIdle = await open();
    assert.equal(pushedOut, 0);
    await ask(busy);
    for (let n = 0; n < 3; n++) await open();
    await sleep(20);
    assert.deepEqual(
      [...idle, alsoIdle].map((socket) => socket.closed),
      [true, true, true],
    );
    assert.equal(busy.closed, false);
    assert.equal(pushedOut, 3);
    assert.equal(await count(), MOST);
  });

  test('half a request is no progress', async () => {
    const slow = await open();
    slow.write('GET / HTTP/1.1\r\nHost: a\r\nX-A: ');
    const rest = [await open(), await open(), await open()];
    slow.write('b\r\nX-B: c');
    await sleep(10);
    await open();
    await sleep(20);
    assert.equal(slow.closed, true);
    assert.deepEqual(
      rest.map((socket) => socket.closed),
      [false, false, false],
    );
  });

  test('what was closed leaves its place', async () => {
    for (let n = 0; n < 3 * MOST; n++) {
      const socket = await open();
      socket.destroy();
      await sleep(10);
    }
    assert.equal(pushedOut, 0);
  });
});
