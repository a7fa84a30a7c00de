#!/usr/bin/env node
// Runs an entry of the project with the project's own Node, installing the dependencies first when they are missing or
// stale. Plain JavaScript for any Node >= 20, with nothing installed: this is the first file that a newcomer's Node sees.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR = 24;
const INSTALL_WAIT_MS = 10 * 60_000;
const PARENT_LOOK_MS = 500;
const startedBy = process.ppid;
const root = fileURLToPath(new URL('../../', import.meta.url));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.parley-installed');
const lock = join(root, '.parley', 'install.lock');

const [entry, ...args] = process.argv.slice(2);
if (entry === undefined) fail('Usage: node services/local/bootstrap.mjs ENTRY.ts [ARGUMENTS]', 2);
if (Number(process.versions.node.split('.')[0]) < 20)
  fail(`Node 20 or newer is needed to begin with; this is ${process.version}.`, 1);

if (!isInstalled()) await install();
run(chooseNode());

/** What is installed is what package-lock.json says. The stamp answers at once; without it npm's own record is compared. */
function isInstalled() {
  const lockText = readFileSync(join(root, 'package-lock.json'));
  const digest = `${createHash('sha256').update(lockText).digest('hex')} ${process.platform}-${process.arch}`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return true;
  const record = join(modules, '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  for (const [path, wanted] of Object.entries(JSON.parse(lockText.toString()).packages)) {
    if (path === '') continue;
    const present = installed[path];
    const mayBeAbsent = wanted.optional === true && !fitsThisMachine(wanted);
    if (present === undefined ? !mayBeAbsent : present.version !== wanted.version) return false;
  }
  try {
    writeFileSync(stamp, digest);
  } catch {
    // A read-only installation: the comparison is made again next time.
  }
  return true;
}

/** Optional packages for this platform count as missing once, so that a copy from another machine is noticed. */
function fitsThisMachine(wanted) {
  const fits = (list, value) => list === undefined || list.includes(value);
  const named = wanted.os !== undefined && wanted.cpu !== undefined;
  return named && fits(wanted.os, process.platform) && fits(wanted.cpu, process.arch) && wanted.libc === undefined;
}

async function install() {
  const release = await takeLock();
  try {
    if (isInstalled()) return;
    process.stderr.write('parley: installing dependencies (npm ci) ...\n');
    const startedAt = Date.now();
    const cli = process.env.npm_execpath;
    const options = { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], env: installEnvironment() };
    const result =
      cli && /\.[cm]?js$/.test(cli) && existsSync(cli)
        ? spawnSync(process.execPath, [cli, 'ci', '--no-progress'], options)
        : spawnSync('npm', ['ci', '--no-progress'], { ...options, shell: process.platform === 'win32' });
    if (result.status !== 0) {
      const why = result.error ? result.error.message : `exit code ${result.status}`;
      fail(`npm ci did not succeed (${why}). Run "npm ci" in ${root} to see why, then start again.`, 1);
    }
    if (!isInstalled()) {
      fail('npm ci left out packages for this platform; check that npm is not told to omit optional packages.', 1);
    }
    process.stderr.write(`parley: installed in ${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`);
  } finally {
    release();
  }
}

/** npm needs a cache it can write to; a home that is missing or read-only must not stop the installation. */
function installEnvironment() {
  const environment = { ...process.env };
  let cache = environment.npm_config_cache ?? join(environment.HOME ?? '/nonexistent', '.npm');
  while (!existsSync(cache) && dirname(cache) !== cache) cache = dirname(cache);
  try {
    accessSync(cache, constants.W_OK);
  } catch {
    environment.npm_config_cache = join(root, '.parley', 'npm-cache');
  }
  return environment;
}

/** One installation at a time: a folder is the lock, with the owner's pid in it so that a dead owner is noticed. */
async function takeLock() {
  const owner = join(lock, 'pid');
  const startedAt = Date.now();
  for (let told = false; ; ) {
    try {
      mkdirSync(dirname(lock), { recursive: true });
      mkdirSync(lock);
      writeFileSync(owner, String(process.pid));
      return () => rmSync(lock, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') fail(`Cannot write to ${root}: ${error.message}`, 1);
    }
    if (ownerIsGone(owner)) {
      rmSync(lock, { recursive: true, force: true });
      continue;
    }
    if (Date.now() - startedAt > INSTALL_WAIT_MS)
      fail(`Another start has been installing for too long; remove ${lock} if it is not.`, 1);
    if (!told) process.stderr.write('parley: another start is installing dependencies; waiting ...\n');
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function ownerIsGone(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid > 0) {
      process.kill(pid, 0);
      return false;
    }
  } catch (error) {
    if (error.code === 'EPERM') return false;
    if (error.code === 'ESRCH') return true;
  }
  // The folder is there and the pid is not yet written: give its owner five seconds.
  try {
    return Date.now() - statSync(lock).mtimeMs > 5_000;
  } catch {
    return true;
  }
}

function chooseNode() {
  const own = join(modules, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  const direct = join(
    modules,
    `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`,
    'bin',
    'node',
  );
  for (const candidate of process.platform === 'win32' ? [`${direct}.exe`] : [own, direct]) {
    if (existsSync(candidate)) return candidate;
  }
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath;
  const hint = process.platform === 'darwin' ? 'for example: brew install node@24' : 'from https://nodejs.org/';
  return fail(
    `Node ${NODE_MAJOR} or newer is needed on ${process.platform}-${process.arch}; this is ${process.version}, and no package carries one for this platform. Install it (${hint}) and start again.`,
    1,
  );
}

function run(node) {
  const environment = { ...process.env };
  try {
    const cache = join(modules, '.cache', 'parley-compiled');
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
    environment.NODE_COMPILE_CACHE ??= cache;
  } catch {
    // Without a place for compiled code the start is a little slower, nothing else.
  }
  // The channel tells the entry when this process dies without a word; it must not outlive it.
  const child = spawn(node, [join(root, entry), ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: environment,
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  stopWithNpm(child);
  child.on('error', (error) => fail(`Cannot run ${node}: ${error.message}`, 1));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (osConstants.signals[signal] ?? 0)));
}

/**
 * A SIGTERM at npm ends npm and the shell between, and neither passes it on. Only under npm: a start from a script or by
 * setsid is meant to outlive whoever made it.
 */
function stopWithNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const look = setInterval(() => {
    if (process.ppid === startedBy) return;
    clearInterval(look);
    child.kill('SIGTERM');
  }, PARENT_LOOK_MS);
  look.unref();
}

function fail(message, code) {
  process.stderr.write(`parley: ${message}\n`);
  process.exit(code);
}
