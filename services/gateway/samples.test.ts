import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { casesOf } from './fixtures/samples/cases.ts';
import { OTHERS } from './fixtures/samples/expected-others.ts';
import { SHAPES } from './fixtures/samples/expected-shapes.ts';
import { SHOPIFY } from './fixtures/samples/expected-shopify.ts';
import { absent, FOLDER, loadSamples, NOT_DELIVERIES } from './fixtures/samples/load.ts';
import { OWN, OWN_EXPECTED } from './fixtures/samples/own.ts';
import { testDeliveries } from './fixtures/samples/suite.ts';

const gathered = absent ? [] : casesOf(loadSamples());

testDeliveries(
  'every real delivery that was gathered',
  gathered,
  { ...SHOPIFY, ...SHAPES, ...OTHERS },
  { skip: absent, bits: 50_000 },
);

testDeliveries('a small delivery of each source', OWN, OWN_EXPECTED, { skip: false, bits: 10_000 });

test('no gathered file is left out', { skip: absent }, () => {
  const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const files = folders
    .filter((folder) => !NOT_DELIVERIES.includes(folder.name))
    .flatMap((folder) => readdirSync(`${FOLDER}${folder.name}`).map((file) => `${folder.name}/${file}`))
    .filter((file) => /\.(?:json|wire)$/.test(file))
    .map((file) => file.replace(/\.(?:json|wire)$/, ''));
  assert.deepEqual([...new Set(files)].sort(), [...new Set(gathered.map(({ name }) => name.split(' ')[0]!))].sort());
});
