import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PermanentError, TransientError } from '#shared/kernel/errors.ts';
import type { Environment } from './config.ts';
import { SUPERUSER } from './embedded/postgres.ts';
import { type MasterKey, readMasterKey } from './seal.ts';

/** What lies in the data folder of an installation, and where its tools find it. */
export const INSTALLATION_FILES = {
  masterKey: 'master.key',
  passwords: 'passwords.json',
  running: 'running.json',
} as const;

/** What a running launcher says of itself, for the commands that work on its data folder beside it. */
export const runningShape = z.strictObject({
  /** Absent where the database was given to the launcher by DATABASE_URL. */
  databasePort: z.int().optional(),
  publicUrl: z.string(),
  /** The listener of the pages and of the API. */
  operatorUrl: z.string(),
});

export type Running = z.infer<typeof runningShape>;

/** The way into an installation for the commands that connect stores: they write its database, under its master key. */
export interface Installation {
  readonly databaseUrl: string;
  readonly masterKey: MasterKey;
  /** Base of the addresses that platforms post to, where it is known. */
  readonly publicUrl: string | undefined;
}

/**
 * By DATABASE_URL and PARLEY_MASTER_KEY_FILE where they are given; in a container by PARLEY_SETUP_DIR, which setup keeps;
 * else by the data folder of an `npm start` that is running.
 */
export function findInstallation(environment: Environment, dataFolder: string): Installation {
  const folder = environment.PARLEY_SETUP_DIR || dataFolder;
  const running = readRunning(folder);
  const databaseUrl = databaseOf(environment, folder, running);
  const keyFile = environment.PARLEY_MASTER_KEY_FILE || join(folder, INSTALLATION_FILES.masterKey);
  return {
    databaseUrl,
    masterKey: readMasterKey(keyFile),
    publicUrl: environment.PARLEY_PUBLIC_URL || running?.publicUrl,
  };
}

function databaseOf(environment: Environment, folder: string, running: Running | undefined): string {
  if (environment.DATABASE_URL) return environment.DATABASE_URL;
  const host = environment.PARLEY_SETUP_DIR
    ? environment.PARLEY_SETUP_DATABASE_HOST
    : running?.databasePort && `127.0.0.1:${running.databasePort}`;
  if (host) {
    const database = environment.PARLEY_SETUP_DIR ? SUPERUSER : 'postgres';
    return `postgres://${SUPERUSER}:${passwordIn(folder)}@${host}/${database}`;
  }
  if (running) {
    throw new PermanentError(
      'bad-config',
      'This Parley was started with DATABASE_URL; give the same DATABASE_URL to this command.',
      { position: 'DATABASE_URL' },
    );
  }
  throw nothingRuns(folder);
}

/** Where the API of an `npm start` answers that runs on this folder; undefined where none does. */
export function findOperator(dataFolder: string): string | undefined {
  return readRunning(dataFolder)?.operatorUrl;
}

export function nothingRuns(folder: string): TransientError {
  return new TransientError(
    'timeout',
    `No Parley runs on ${folder}. Start it with "npm start", or name its data folder with --data.`,
    { position: '--data' },
  );
}

function readRunning(folder: string): Running | undefined {
  const file = join(folder, INSTALLATION_FILES.running);
  if (!existsSync(file)) return undefined;
  const read = runningShape.safeParse(parsed(file));
  return read.success ? read.data : undefined;
}

function passwordIn(folder: string): string {
  const file = join(folder, INSTALLATION_FILES.passwords);
  const read = z.object({ postgres: z.string().min(1) }).safeParse(parsed(file));
  if (read.success) return read.data.postgres;
  throw new PermanentError('bad-config', `${file} cannot be read, or holds no password of the database.`, {
    position: '--data',
  });
}

/** Undefined where there is no such file, or it holds no JSON. */
function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
