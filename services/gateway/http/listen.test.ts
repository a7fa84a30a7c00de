import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { listen } from './listen.ts';

test('what answers is loaded once, with the first request that was not taken before it', async () => {
  let loads = 0;
  const load = async () => {
    loads++;
    await wait(20);
    return (_: unknown, outgoing: import('node:http').ServerResponse) => void outgoing.end('loaded');
  };
  const listener = await listen(load, {
    name: 'test',
    host: '127.0.0.1',
    port: 0,
    connections: 10,
    before: ({ url }, outgoing) => {
      if (url === '/first') outgoing.end('taken');
      return url === '/first';
    },
  });
  const get = async (path: string) => await (await fetch(`http://127.0.0.1:${listener.port}${path}`)).text();
  assert.equal(await get('/first'), 'taken');
  assert.equal(loads, 0);
  assert.deepEqual(await Promise.all([get('/a'), get('/b'), get('/first')]), ['loaded', 'loaded', 'taken']);
  assert.equal(await get('/c'), 'loaded');
  assert.equal(loads, 1);
  await listener.close();
});
