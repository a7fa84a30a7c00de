import { chmodSync, chownSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { commonShape, readConfig } from '#shared/runtime/config.ts';
import { SUPERUSER } from '#shared/runtime/embedded/postgres.ts';
import { runService } from '#shared/runtime/lifecycle.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { keepBus } from './bus-keeper.ts';
import { DataFolder } from './data-folder.ts';
import { SERVICES } from './services.ts';
import { busAccounts, type SandboxStore, setUpBus, setUpDatabase } from './setup.ts';

/**
 * The part of the one-machine start that containers need too. `prepare` draws the secrets and writes what the servers
 * read; without an argument it sets the database and the bus up, hands each service its own secrets, and stays up.
 */
const shape = {
  PARLEY_LOG_LEVEL: commonShape.PARLEY_LOG_LEVEL,
  PARLEY_SETUP_DIR: z.string().min(1),
  PARLEY_SETUP_DATABASE_HOST: z.string().min(1),
  PARLEY_SETUP_BUS_HOST: z.string().min(1),
  PARLEY_SETUP_SANDBOX_URL: z.url(),
} as const;

const NATS_FOLDER = '/run/nats';
const PASSWORD_FOLDER = '/run/postgres-password';
const READY_FILE = '/tmp/ready';
const DATABASE = 'parley';
/** Each service's user: this and its place in the list of services, as docker-compose.yml says. */
const FIRST_UID = 10_001;

if (process.argv[2] === 'prepare') await prepare();
else await runService('setup', shape, (config, logger) => setUp(config, (text) => logger.info(text)));

async function prepare(): Promise<void> {
  const config = readConfig(shape);
  const data = await DataFolder.open(config.PARLEY_SETUP_DIR, { fresh: false, lockAs: 'setup' });
  mkdirSync(NATS_FOLDER, { recursive: true });
  writeFileSync(join(NATS_FOLDER, 'nats-server.conf'), natsConfiguration(data), { mode: 0o644 });
  mkdirSync(PASSWORD_FOLDER, { recursive: true });
  writeFileSync(join(PASSWORD_FOLDER, 'password'), data.passwords.postgres, { mode: 0o644 });
  data.release();
}

function natsConfiguration(data: DataFolder): string {
  return `# Written by setup at each start; changes here are lost.
listen: "0.0.0.0:4222"
http: "0.0.0.0:8222"
max_payload: ${LIMITS.messageBytes * 2}
max_connections: 256
write_deadline: "5s"
jetstream { store_dir: "/data", max_file_store: 4GB }
${busAccounts(data)}`;
}

async function setUp(
  config: z.infer<z.ZodObject<typeof shape>>,
  say: (text: string) => void,
): Promise<{ stop(): Promise<void> }> {
  const data = await DataFolder.open(config.PARLEY_SETUP_DIR, { fresh: false, lockAs: 'setup' });
  const url = `postgres://${SUPERUSER}:${data.passwords.postgres}@${config.PARLEY_SETUP_DATABASE_HOST}/${DATABASE}`;
  const sandbox: SandboxStore = { store: 'sandbox', clockKind: 'live', adminUrl: config.PARLEY_SETUP_SANDBOX_URL };
  // Beside this file when it is bundled, and in the same place of the image.
  const root = join(dirname(fileURLToPath(import.meta.url)), '..');
  const { sql, urls } = await setUpDatabase({ url, root, data, sandbox, say });
  const busUrl = (user: string) => `nats://${user}:${data.busPassword(user)}@${config.PARLEY_SETUP_BUS_HOST}`;
  await setUpBus(sql, busUrl('setup'));
  for (const [index, { name }] of SERVICES.entries())
    handOver(data, name, FIRST_UID + index, urls[name]!, busUrl(name));
  // Containers report their own health to the engine; there is nothing to add on the bus.
  const keeper = await keepBus({ sql, setupUrl: busUrl('setup'), say, status: () => ({}) });
  writeFileSync(READY_FILE, '');
  return {
    stop: async () => {
      await keeper.stop();
      await sql.end({ timeout: 2 });
      data.release();
    },
  };
}

/** A service's own folder, which only its user may enter: its logins, and the keys that it and no other needs. */
function handOver(data: DataFolder, service: string, uid: number, databaseUrl: string, natsUrl: string): void {
  const folder = data.in(service);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files = [join(folder, 'env')];
  writeFileSync(files[0]!, `DATABASE_URL=${databaseUrl}\nNATS_URL=${natsUrl}\n`);
  const keys = SERVICES.find(({ name }) => name === service)?.keys ?? [];
  if (keys.includes('PARLEY_MASTER_KEY_FILE')) files.push(copy(data.masterKeyFile, join(folder, 'master.key')));
  if (keys.includes('PARLEY_SANDBOX_SECRET_FILE'))
    files.push(copy(data.sandboxSecretFile('sandbox'), join(folder, 'sandbox.json')));
  for (const path of [...files, folder]) {
    chmodSync(path, path === folder ? 0o500 : 0o400);
    chownSync(path, uid, uid);
  }
}

function copy(from: string, to: string): string {
  copyFileSync(from, to);
  return to;
}
