import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PermanentError } from '#shared/kernel/errors.ts';
import { fakeReader } from '#shared/testing/fake-reader.ts';
import type { Reader } from './module.ts';
import { withinManifest } from './within-manifest.ts';

const AT = '2011-10-01T00:00:00.000Z';
const world = {
  facts: { 'sku:A': { stock: 5, cost: { minor: 500, currency: 'GBP' } }, 'order:1': { placed: { at: AT } } },
  shelves: ['sku:A'] as const,
  buyers: ['customer:7'] as const,
};
const reader = (...reads: string[]) => withinManifest({ agent: 'archivist', reads }, fakeReader(world, AT));
const bounds = { placedFrom: AT, placedTo: AT, limit: 9 };

test('what the manifest names is read as if nobody looked', async () => {
  const read = reader('stock', 'available', 'cost', 'placed', 'fulfilled', 'cancelled', 'consent', 'last-order');
  assert.equal((await read.facts(['sku:A'], ['stock'])).get('sku:A', 'stock')?.value, 5);
  assert.deepEqual(await read.known('stock', 9), ['sku:A']);
  assert.deepEqual(await read.dearestShelves(9), ['sku:A']);
  assert.deepEqual(await read.unshipped(bounds), ['order:1']);
  assert.deepEqual(await read.consentingBuyers({ boughtFrom: AT, boughtTo: AT, limit: 9 }), ['customer:7']);
  assert.deepEqual(await reader().claims(['sku:A']), []);
});

const REFUSED: readonly (readonly [string, readonly string[], (read: Reader) => Promise<unknown>])[] = [
  ['stock', ['cost'], (read) => read.facts(['sku:A'], ['cost', 'stock'])],
  ['cost', ['stock'], (read) => read.facts([], ['cost'])],
  ['cost', ['stock'], (read) => read.known('cost', 9)],
  ['cost', ['available'], (read) => read.dearestShelves(9)],
  ['cancelled', ['placed', 'fulfilled'], (read) => read.unshipped(bounds)],
  ['consent', ['last-order'], (read) => read.consentingBuyers({ boughtFrom: AT, boughtTo: AT, limit: 9 })],
];

for (const [index, [attribute, reads, ask]] of REFUSED.entries())
  test(`${attribute} is refused where only ${reads.join(' and ')} is named (${index + 1})`, async () => {
    await assert.rejects(ask(reader(...reads)), (thrown) => {
      assert.ok(thrown instanceof PermanentError);
      assert.equal(thrown.reason, 'not-permitted');
      assert.match(thrown.message, new RegExp(`^archivist asks for "${attribute}", which \`reads\` of its manifest`));
      return true;
    });
  });

test('a slip of the pen is shown', async () => {
  await assert.rejects(reader('stocks').facts(['sku:A'], ['stock']), /Did you mean "stocks"\?$/);
});
