import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createLogger } from '#shared/runtime/logger.ts';
import { BusDurability } from './durability.ts';

const logger = createLogger('test', 'silent');

test('the bus is a transport only, unless its monitor says that it writes through', async () => {
  let syncAlways: boolean | undefined = true;
  const server = createServer((_request, response) =>
    response.end(JSON.stringify({ jetstream: { config: { sync_always: syncAlways } } })),
  ).listen(0);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const durability = new BusDurability(url, logger);
  await durability.ask();
  assert.equal(durability.current, 'fsync');
  syncAlways = undefined;
  await durability.ask();
  assert.equal(durability.current, 'transport only');
  server.close();
  await durability.ask();
  assert.equal(durability.current, 'transport only');
  durability.stop();
  assert.equal(new BusDurability(undefined, logger).current, 'transport only');
});
