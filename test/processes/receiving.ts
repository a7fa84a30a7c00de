import { createHmac, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newMasterKeyText, parseMasterKey, sealText } from '#shared/runtime/seal.ts';
import { putEndpoint } from '#shared/store/setup/installation.ts';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import { putTestStore } from '#shared/testing/stores.ts';
import { type ServerProcess, startProcess } from './start.ts';

export const SECRET = 'hush';

export interface Receiving {
  readonly database: TestDatabase;
  /** The gateway, in a process of its own. */
  readonly gateway: ServerProcess;
  readonly port: number;
  readonly operator: string;
  stop(): Promise<void>;
}

/** A database with these stores, each with a Shopify endpoint of its own name, and a gateway that takes their webhooks. */
export async function startReceiving(stores: readonly string[] = ['shop']): Promise<Receiving> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-receiving-'));
  const database = await createDatabase();
  const keyFile = await seed(database, folder, stores);
  const main = new URL('./gateway-main.ts', import.meta.url);
  const gateway = await startProcess(main, [database.urlOf('gateway'), keyFile], 'as launched');
  return {
    database,
    gateway,
    port: gateway.ports.public!,
    operator: `http://127.0.0.1:${gateway.ports.operator}`,
    stop: async () => {
      await gateway.stop();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function seed({ sql }: TestDatabase, folder: string, stores: readonly string[]): Promise<string> {
  const keyText = newMasterKeyText();
  const keyFile = join(folder, 'master.key');
  writeFileSync(keyFile, keyText);
  const key = parseMasterKey(keyText, 'test');
  for (const [index, store] of stores.entries()) {
    await putTestStore(sql, store, { partition: index });
    const secrets = [sealText(key, `endpoint:${store}`, SECRET)];
    await putEndpoint(sql, { endpoint: store, store, platform: 'shopify', secrets });
  }
  return keyFile;
}

/** Headers as Shopify sends them, signed. */
export function signedHeaders(body: string | Uint8Array, topic = 'orders/create', secret = SECRET) {
  return {
    'Content-Type': 'application/json',
    'X-Shopify-Topic': topic,
    'X-Shopify-Event-Id': randomUUID(),
    'X-Shopify-Hmac-Sha256': createHmac('sha256', secret).update(body).digest('base64'),
  };
}
