import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EXIT_BAD_CONFIG } from '#shared/runtime/lifecycle.ts';
import { bundleInto, bundleServices } from './bundle.ts';

const root = mkdtempSync(join(tmpdir(), 'parley-bundle-'));
after(() => rmSync(root, { recursive: true }));

test('bundles are built once, and again when something that went in has changed', async () => {
  mkdirSync(join(root, 'services', 'one'), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'services', 'one', 'part.ts'), 'export const part: number = 1;');
  writeFileSync(join(root, 'services', 'one', 'main.ts'), "import { part } from './part.ts'; console.log(part);");
  const build = () => bundleServices(root, ['one'], join(root, 'data'));
  const first = await build();
  assert.deepEqual(readdirSync(first).sort(), ['one.mjs', 'one.mjs.map']);
  const builtAt = statSync(join(first, 'one.mjs')).mtimeMs;
  assert.equal(await build(), first);
  assert.equal(statSync(join(first, 'one.mjs')).mtimeMs, builtAt);
  writeFileSync(join(root, 'services', 'one', 'part.ts'), 'export const part: number = 2;');
  const second = await build();
  assert.notEqual(second, first);
});

test('bundles of a running system stay when the packages are installed anew beside it, and two systems share none', async () => {
  const own = (name: string) => bundleServices(root, ['one'], join(root, name));
  const [first, second] = await Promise.all([own('data-1'), own('data-2')]);
  assert.notEqual(first, second);
  rmSync(join(root, 'node_modules'), { recursive: true });
  for (const folder of [first, second]) assert.match(readFileSync(join(folder, 'one.mjs'), 'utf8'), /part ?= ?2/);
  assert.equal(await own('data-1'), first);
  assert.deepEqual(readdirSync(join(root, 'data-1', 'running')), [basename(first)]);
});

test('what a service never uses of a package is left out, and what is left still loads', async () => {
  const repository = fileURLToPath(new URL('../..', import.meta.url));
  await bundleInto(repository, [{ in: 'services/gateway/main.ts', out: 'gateway' }], join(root, 'gateway'));
  const bundle = join(root, 'gateway', 'gateway.mjs');
  const text = readFileSync(bundle, 'utf8');
  for (const used of ['Invalid input', 'process_cpu_user_seconds_total']) assert.ok(text.includes(used), used);
  for (const unused of ['Eingabe', 'class Pushgateway', 'class AggregatorRegistry'])
    assert.ok(!text.includes(unused), unused);
  assert.equal(spawnSync(process.execPath, [bundle], { env: {} }).status, EXIT_BAD_CONFIG);
});
