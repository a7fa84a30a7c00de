import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Hono } from 'hono';
import { PermanentError } from '#shared/kernel/errors.ts';

const TYPES = {
  'parley.css': 'text/css; charset=utf-8',
  'live.mjs': 'text/javascript; charset=utf-8',
  'mark.svg': 'image/svg+xml',
} as const;

export type AssetName = keyof typeof TYPES;

interface Asset {
  readonly body: string;
  readonly digest: string;
}

/** Read once, at start. A bundle lies elsewhere than its sources, so the project's folder is looked into as well. */
function readAssets(): ReadonlyMap<AssetName, Asset> {
  const beside = fileURLToPath(new URL('./assets/', import.meta.url));
  const folders = [beside, join(process.cwd(), 'services/gateway/pages/assets')];
  const folder = folders.find((candidate) => existsSync(join(candidate, 'parley.css')));
  if (!folder) throw new PermanentError('bad-config', `The pages' files are in none of: ${folders.join(', ')}`);
  return new Map(
    (Object.keys(TYPES) as AssetName[]).map((name) => {
      const body = readFileSync(join(folder, name), 'utf8');
      return [name, { body, digest: createHash('sha256').update(body).digest('hex').slice(0, 12) }];
    }),
  );
}

let loaded: ReadonlyMap<AssetName, Asset> | undefined;

function assets(): ReadonlyMap<AssetName, Asset> {
  loaded ??= readAssets();
  return loaded;
}

/** The address carries the digest, so that it may be kept for ever and a new version is fetched at once. */
export function assetPath(name: AssetName): string {
  return `/assets/${name}?${assets().get(name)?.digest}`;
}

export function assetRoutes(): Hono {
  const all = assets();
  const routes = new Hono();
  routes.get('/assets/:name', (context) => {
    const name = context.req.param('name') as AssetName;
    const asset = all.get(name);
    if (!asset) return context.text('Not found\n', 404);
    return context.body(asset.body, 200, {
      'content-type': TYPES[name],
      'cache-control': 'public, max-age=31536000, immutable',
    });
  });
  routes.get('/favicon.ico', (context) => context.redirect(assetPath('mark.svg'), 302));
  return routes;
}
