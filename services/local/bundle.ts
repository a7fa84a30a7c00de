import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, join } from 'node:path';
import type { Plugin } from 'esbuild';
import { DAY_MS } from '#shared/kernel/time.ts';

/** CommonJS packages inside an ES module bundle still ask for `require`. */
const BANNER =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";

interface Index {
  digest: string;
  /** Files of ours that went in; packages are covered by the digest of package-lock.json. */
  inputs: string[];
}

/**
 * One bundle a service, built only when something that goes into it has changed. Unbundled, a service takes five times as
 * long to start and three times the memory. Answers a folder within `own` that holds `<service>.mjs`: builds are shared by
 * all systems of a checkout, but what runs is the system's own, since an `npm ci` beside it takes the shared ones away.
 */
export async function bundleServices(root: string, services: readonly string[], own: string): Promise<string> {
  return keptOwn(await built(root, services, cacheFolder(root, join(own, 'built'))), own);
}

async function built(root: string, services: readonly string[], cache: string): Promise<string> {
  const indexFile = join(cache, 'index.json');
  if (existsSync(indexFile)) {
    const index = JSON.parse(readFileSync(indexFile, 'utf8')) as Index;
    const folder = join(cache, index.digest);
    if (digestOf(root, index.inputs, services) === index.digest && existsSync(folder)) return folder;
  }
  return await build(root, services, cache, indexFile);
}

/** Linked where the file system can, copied otherwise; renamed into place when it is whole. What ran before goes. */
function keptOwn(built: string, own: string): string {
  const running = join(own, 'running');
  const folder = join(running, basename(built));
  mkdirSync(running, { recursive: true });
  if (!existsSync(folder)) {
    const unfinished = `${folder}.${process.pid}`;
    mkdirSync(unfinished);
    for (const name of readdirSync(built)) linkOrCopy(join(built, name), join(unfinished, name));
    renameSync(unfinished, folder);
  }
  for (const name of readdirSync(running)) {
    if (join(running, name) !== folder) rmSync(join(running, name), { recursive: true, force: true });
  }
  return folder;
}

/** The same bytes under a second name, which stays when the first is taken away. */
export function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

function cacheFolder(root: string, fallback: string): string {
  try {
    const cache = join(root, 'node_modules', '.cache', 'parley-services');
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
    return cache;
  } catch {
    mkdirSync(fallback, { recursive: true });
    return fallback;
  }
}

async function build(root: string, services: readonly string[], cache: string, indexFile: string): Promise<string> {
  const unfinished = join(cache, `building-${process.pid}`);
  rmSync(unfinished, { recursive: true, force: true });
  const entries = services.map((name) => ({ in: `services/${name}/main.ts`, out: name }));
  const inputs = await bundleInto(root, entries, unfinished);
  const digest = digestOf(root, inputs, services);
  const folder = join(cache, digest);
  try {
    renameSync(unfinished, folder);
  } catch {
    // Another start was quicker; its bundles are the same.
    rmSync(unfinished, { recursive: true, force: true });
  }
  const index = `${indexFile}.${process.pid}`;
  writeFileSync(index, JSON.stringify({ digest, inputs } satisfies Index));
  renameSync(index, indexFile);
  forgetOld(cache, digest);
  return folder;
}

/** Bundles of a day ago may still run somewhere, and be started again there; older ones go. */
function forgetOld(cache: string, current: string): void {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (name !== current && found?.isDirectory() && Date.now() - found.mtimeMs > DAY_MS)
      rmSync(path, { recursive: true, force: true });
  }
}

/** zod brings its messages in fifty languages, a quarter of every bundle; ours are in one. */
const oneLanguage: Plugin = {
  name: 'one-language',
  setup: (build) => {
    build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

/** What prom-client loads for others: pushing figures elsewhere and gathering them from a cluster, with HTTPS and zlib for it. */
const ownFiguresOnly: Plugin = {
  name: 'own-figures-only',
  setup: (build) => {
    build.onLoad({ filter: /[\\/]prom-client[\\/]lib[\\/](pushgateway|cluster)\.js$/ }, () => ({ contents: '' }));
  },
};

/**
 * Node's own modules by `require`: an `import` of one copies all its exports at once, and reading them wakes what Node keeps
 * asleep until it is used. The executor is 3 MB smaller for it, an agent 1 MB.
 */
const builtinsByRequire: Plugin = {
  name: 'builtins-by-require',
  setup: (build) => {
    const namespace = 'builtin';
    const filter = new RegExp(`^(node:.*|${builtinModules.filter((name) => !name.startsWith('_')).join('|')})$`);
    build.onResolve({ filter }, ({ path, kind }) =>
      kind === 'require-call' ? { path, external: true } : { path, namespace },
    );
    build.onLoad({ filter: /^/, namespace }, ({ path }) => ({ contents: `module.exports = require('${path}');` }));
  },
};

/** Writes `<out>.mjs` for each entry, and answers the files of ours that went in. */
export async function bundleInto(
  root: string,
  entries: readonly { in: string; out: string }[],
  folder: string,
): Promise<string[]> {
  const { build: esbuild } = await import('esbuild');
  const result = await esbuild({
    absWorkingDir: root,
    entryPoints: [...entries],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // Node keeps the text of what it runs: without its blanks a process is 1 to 2 MB smaller. Lines stay short enough to name a place.
    minifyWhitespace: true,
    lineLimit: 160,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    sourcemap: 'linked',
    metafile: true,
    logLevel: 'silent',
    banner: { js: BANNER },
    // Asked for only on a developer's terminal; found in node_modules if at all.
    external: ['pino-pretty', 'esbuild'],
    plugins: [oneLanguage, ownFiguresOnly, builtinsByRequire],
  });
  return Object.keys(result.metafile.inputs)
    .filter((file) => !file.includes('node_modules') && !file.startsWith('builtin:'))
    .sort();
}

function digestOf(root: string, inputs: readonly string[], services: readonly string[]): string {
  const hash = createHash('sha256').update(services.join());
  // This file, too: it says how they are built.
  for (const file of [...inputs, 'services/local/bundle.ts', 'package.json', 'package-lock.json']) {
    const path = join(root, file);
    hash.update(`\0${file}\0`).update(existsSync(path) ? readFileSync(path) : '');
  }
  return hash.digest('hex').slice(0, 16);
}
