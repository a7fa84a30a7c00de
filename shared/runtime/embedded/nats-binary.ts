import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { PermanentError } from '#shared/kernel/errors.ts';

const run = promisify(execFile);

/** The official release that is fetched where no nats-server is at hand. */
const RELEASE = 'v2.11.15';
const RELEASE_HOST = 'https://github.com/nats-io/nats-server/releases/download';
const DOWNLOAD_LIMIT_MS = 60_000;
const CONNECT_LIMIT_MS = 4_000;

const USUAL_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin', '/opt/homebrew/sbin'];

export interface NatsBinary {
  readonly path: string;
  /** `2.9.10`, without the v. */
  readonly version: string;
  /** Where it was found, for the terminal. */
  readonly found: string;
}

interface Search {
  /** The environment's `NATS_SERVER_BIN` and `PATH`. */
  given: string | undefined;
  path: string | undefined;
  /** Where a fetched server is kept. */
  cache: string;
  say(text: string): void;
}

/** Finds a nats-server, or fetches one: nearest first. What fails is told once, at the end, with what to do. */
export async function findNatsServer(search: Search): Promise<NatsBinary> {
  const name = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';
  if (search.given !== undefined && search.given !== '') {
    const version = await versionOf(search.given);
    if (version) return { path: search.given, version, found: 'NATS_SERVER_BIN' };
    throw new PermanentError('bad-config', `NATS_SERVER_BIN=${search.given} does not run as a nats-server`, {
      position: 'NATS_SERVER_BIN',
    });
  }
  const cached = join(search.cache, name);
  const folders = [...(search.path ?? '').split(delimiter).filter(Boolean), ...USUAL_FOLDERS];
  for (const path of [...folders.map((folder) => join(folder, name)), cached]) {
    const version = existsSync(path) ? await versionOf(path) : undefined;
    if (version) return { path, version, found: path };
  }
  mkdirSync(search.cache, { recursive: true });
  const tried: string[] = [];
  for (const [source, fetchServer] of [
    ['the official release', fetchRelease],
    ['the Debian package', fetchDebianPackage],
    ['the docker image', fetchFromImage],
  ] as const) {
    search.say(`no nats-server here; trying ${source} ...`);
    try {
      await fetchServer(cached);
      const version = await versionOf(cached);
      if (version) return { path: cached, version, found: source };
      tried.push(`${source}: what came does not run here`);
    } catch (thrown) {
      tried.push(`${source}: ${(thrown as Error).message.split('\n')[0]}`);
    }
  }
  throw new PermanentError('bad-config', noServer(tried), { position: 'NATS_SERVER_BIN' });
}

function noServer(tried: readonly string[]): string {
  const command =
    process.platform === 'darwin'
      ? 'brew install nats-server'
      : process.platform === 'win32'
        ? 'winget install NATSAuthors.NATSServer'
        : existsSync('/usr/bin/apt-get')
          ? 'sudo apt-get install nats-server'
          : 'install nats-server >= 2.9 with your package manager';
  return [
    'No nats-server was found, and none could be fetched:',
    ...tried.map((line) => `  ${line}`),
    `Run:  ${command}`,
    'or set NATS_SERVER_BIN to the program, or NATS_URL to a server that runs.',
  ].join('\n');
}

async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: 5_000 });
    return /v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

/** The release's own SHA256SUMS says what the archive must be; both come over TLS from the project's release page. */
async function fetchRelease(target: string): Promise<void> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const archive = `nats-server-${RELEASE}-${system}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const file = process.platform === 'win32' ? `${archive}.zip` : `${archive}.tar.gz`;
  const sums = (await download(`${RELEASE_HOST}/${RELEASE}/SHA256SUMS`, CONNECT_LIMIT_MS)).toString();
  const wanted = new RegExp(`^([0-9a-f]{64})\\s+\\*?${file.replaceAll('.', '\\.')}$`, 'm').exec(sums)?.[1];
  if (!wanted) throw new Error(`release ${RELEASE} has no ${file}`);
  const bytes = await download(`${RELEASE_HOST}/${RELEASE}/${file}`, DOWNLOAD_LIMIT_MS);
  if (createHash('sha256').update(bytes).digest('hex') !== wanted)
    throw new Error('the checksum of the download is wrong');
  await inFolder(target, async (folder) => {
    writeFileSync(join(folder, file), bytes);
    await run('tar', ['-xf', join(folder, file), '-C', folder], { timeout: 30_000 });
    return join(folder, archive, target.endsWith('.exe') ? 'nats-server.exe' : 'nats-server');
  });
}

async function download(url: string, limitMs: number): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(limitMs) }).catch((thrown: Error) => {
    throw new Error(
      `${new URL(url).host} cannot be reached (${(thrown.cause as Error | undefined)?.message ?? thrown.message})`,
    );
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/** Unpacked, not installed: that needs no root. apt checks the package against the signed index. */
async function fetchDebianPackage(target: string): Promise<void> {
  if (!existsSync('/usr/bin/apt-get')) throw new Error('this is not Debian or one of its children');
  await inFolder(target, async (folder) => {
    await run('apt-get', ['download', 'nats-server'], { cwd: folder, timeout: 60_000 });
    const archive = readdirSync(folder).find((name) => name.endsWith('.deb'));
    if (!archive) throw new Error('apt-get download brought nothing');
    await run('dpkg-deb', ['-x', join(folder, archive), folder], { timeout: 30_000 });
    return join(folder, 'usr', 'sbin', 'nats-server');
  });
}

async function fetchFromImage(target: string): Promise<void> {
  if (process.platform !== 'linux') throw new Error('only on Linux can a server be taken out of an image');
  const image = `docker.io/library/nats:${RELEASE.slice(1)}-alpine`;
  const { stdout } = await run('docker', ['create', image], { timeout: 60_000 }).catch(
    (thrown: NodeJS.ErrnoException) => {
      throw new Error(thrown.code === 'ENOENT' ? 'docker is not installed' : 'docker did not give it');
    },
  );
  const container = stdout.trim();
  await inFolder(target, async (folder) => {
    await run('docker', ['cp', `${container}:/usr/local/bin/nats-server`, folder], { timeout: 60_000 });
    await run('docker', ['rm', container], { timeout: 30_000 });
    return join(folder, 'nats-server');
  });
}

/** Fetches in a folder of its own beside the target and moves the one file there when it is whole. */
async function inFolder(target: string, fetchInto: (folder: string) => Promise<string>): Promise<void> {
  const folder = mkdtempSync(`${target}-`);
  try {
    const file = await fetchInto(folder);
    const whole = `${target}.${process.pid}`;
    copyFileSync(file, whole);
    chmodSync(whole, 0o755);
    renameSync(whole, target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
