import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PermanentError } from '#shared/kernel/errors.ts';
import { isAlive } from '#shared/runtime/embedded/child.ts';
import { removeCluster } from '#shared/runtime/embedded/postgres.ts';
import { INSTALLATION_FILES, type Running } from '#shared/runtime/installation.ts';
import { type MasterKey, newMasterKeyText, readMasterKey } from '#shared/runtime/seal.ts';

/** The secrets that an installation draws once and keeps: without them its Postgres and its store credentials do not open. */
interface Passwords {
  postgres: string;
  /** By service: its login in Postgres and its user on the bus. */
  logins: Record<string, string>;
  bus: Record<string, string>;
}

/** As the sandbox reads them from its file, by store. */
export interface SandboxSecrets {
  readonly shopifySecret: string;
  readonly worldSecret: string;
  readonly accessToken: string;
}

/** Everything that one installation keeps, and the lock that keeps a second start out of it. */
export class DataFolder {
  readonly path: string;
  readonly passwords: Passwords;
  readonly masterKeyFile: string;

  private constructor(path: string) {
    this.path = path;
    this.masterKeyFile = join(path, INSTALLATION_FILES.masterKey);
    if (!existsSync(this.masterKeyFile)) writeFileSync(this.masterKeyFile, newMasterKeyText(), { mode: 0o600 });
    const kept = join(path, INSTALLATION_FILES.passwords);
    this.passwords = existsSync(kept)
      ? (JSON.parse(readFileSync(kept, 'utf8')) as Passwords)
      : { postgres: newPassword(), logins: {}, bus: {} };
    this.save();
  }

  static async open(wanted: string, options: { fresh: boolean; lockAs: string }): Promise<DataFolder> {
    const path = resolve(wanted);
    makeFolder(path);
    await takeLock(path, options.lockAs);
    if (options.fresh) forget(path);
    for (const folder of ['logs', 'nats', 'secrets', 'mailbox'])
      mkdirSync(join(path, folder), { recursive: true, mode: 0o700 });
    return new DataFolder(path);
  }

  in(...names: string[]): string {
    return join(this.path, ...names);
  }

  log(name: string): string {
    return this.in('logs', `${name}.log`);
  }

  loginPassword(service: string): string {
    this.passwords.logins[service] ??= newPassword();
    return this.passwords.logins[service];
  }

  busPassword(user: string): string {
    this.passwords.bus[user] ??= newPassword();
    return this.passwords.bus[user];
  }

  save(): void {
    writeFileSync(this.in(INSTALLATION_FILES.passwords), JSON.stringify(this.passwords, null, 2), { mode: 0o600 });
  }

  masterKey(): MasterKey {
    return readMasterKey(this.masterKeyFile);
  }

  sandboxSecretFile(store: string): string {
    return this.in('secrets', `sandbox-${store}.json`);
  }

  /** Drawn once a store, so that what was signed before a restart is still good after it. */
  sandboxSecrets(store: string): SandboxSecrets {
    const file = this.sandboxSecretFile(store);
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as Record<string, SandboxSecrets>)[store]!;
    const secrets = {
      shopifySecret: `shpss_${randomBytes(24).toString('hex')}`,
      worldSecret: `whsec_${randomBytes(32).toString('base64')}`,
      accessToken: `shpat_${randomBytes(24).toString('hex')}`,
    };
    writeFileSync(file, JSON.stringify({ [store]: secrets }), { mode: 0o600 });
    return secrets;
  }

  /** For `parley store …`, which finds the running system by its data folder. */
  tellRunning(running: Running): void {
    writeFileSync(this.in(INSTALLATION_FILES.running), JSON.stringify(running), { mode: 0o600 });
  }

  release(): void {
    rmSync(this.in(INSTALLATION_FILES.running), { force: true });
    rmSync(this.in('launcher.pid'), { force: true });
  }
}

/** Level by level: where a parent can hold no folders, Node's own recursion may try for ever. */
function makeFolder(path: string): void {
  try {
    const missing: string[] = [];
    for (let level = path; !existsSync(level); level = dirname(level)) missing.unshift(level);
    for (const level of missing) mkdirSync(level, { mode: 0o711 });
    if (!statSync(path).isDirectory()) throw new Error('it is a file');
    // Others may pass through it (Postgres as another user), nobody else may list it.
    chmodSync(path, process.getuid?.() === 0 ? 0o711 : 0o700);
    accessSync(path, constants.W_OK);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new PermanentError('bad-config', `--data: ${path} cannot be the data folder (${why}).`, {
      cause,
      position: '--data',
    });
  }
}

function newPassword(): string {
  return randomBytes(24).toString('base64url');
}

async function takeLock(path: string, program: string): Promise<void> {
  const file = join(path, 'launcher.pid');
  const owner = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  if (owner > 0 && owner !== process.pid && (await isAlive(owner, program))) {
    throw new PermanentError(
      'bad-config',
      `Another Parley (process ${owner}) runs on ${path}. Stop it, or give this one a folder and a port of its own: npm start -- --data ${path}-2 --port 9090`,
      { position: '--data' },
    );
  }
  writeFileSync(file, String(process.pid));
}

/** What `npm start` made; anything else that lies in the folder is left alone. */
function forget(path: string): void {
  removeCluster(join(path, 'postgres'));
  const own = Object.values(INSTALLATION_FILES);
  for (const name of ['nats', 'secrets', 'mailbox', 'logs', ...own, 'state.json']) {
    rmSync(join(path, name), { recursive: true, force: true });
  }
}
