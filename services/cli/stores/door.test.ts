import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { INSTALLATION_FILES } from '#shared/runtime/installation.ts';
import { deadLettersList } from '../commands/dead-letters.ts';
import { storeAdd } from '../commands/store-add.ts';
import { storeEndpointAdd, storeEndpointList, storeEndpointRemove } from '../commands/store-endpoint.ts';
import { storeGoLive } from '../commands/store-go-live.ts';
import { storeList } from '../commands/store-list.ts';
import { storeRemove } from '../commands/store-remove.ts';
import { storeReport } from '../commands/store-report.ts';
import { storeEndpointRotate, storeRotate } from '../commands/store-rotate.ts';
import { storeTest } from '../commands/store-test.ts';
import { webhooksList } from '../commands/webhooks.ts';
import { operatorOf } from './door.ts';

const ASKING = [storeReport, storeGoLive];
const OTHERS = [
  storeAdd,
  storeTest,
  storeList,
  storeRotate,
  storeRemove,
  storeEndpointAdd,
  storeEndpointList,
  storeEndpointRotate,
  storeEndpointRemove,
];

describe('how the store commands find Parley', () => {
  const data = mkdtempSync(join(tmpdir(), 'parley-door-'));
  after(() => rmSync(data, { recursive: true }));

  test('each takes --data; an address of the API only those that ask it', () => {
    for (const command of [...ASKING, ...OTHERS]) assert.ok(command.options?.data, command.name);
    for (const { asksApi, name } of ASKING) assert.notEqual(asksApi, false, name);
    for (const { asksApi, name } of OTHERS) assert.equal(asksApi, false, name);
  });

  test('by its data folder they find its API, and no other where nothing runs on it', () => {
    assert.throws(() => operatorOf(storeReport, { data }), /No Parley runs on .*--data/);
    const running = { publicUrl: 'http://127.0.0.1:7910', operatorUrl: 'http://127.0.0.1:7911', databasePort: 5_432 };
    writeFileSync(join(data, INSTALLATION_FILES.running), JSON.stringify(running));
    for (const command of [storeReport, webhooksList, deadLettersList])
      assert.equal(operatorOf(command, { data }), 'http://127.0.0.1:7911');
    assert.equal(operatorOf(storeList, { data }), undefined);
  });
});
