import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildSchema, parse, validate } from 'graphql';
import * as money from '#shared/connectors/shopify/money-documents.ts';
import * as order from '#shared/connectors/shopify/order-documents.ts';
import * as product from '#shared/connectors/shopify/product-documents.ts';
import * as promotion from '#shared/connectors/shopify/promotion-documents.ts';
import * as reader from '#shared/connectors/shopify/reader-documents.ts';
import * as stock from '#shared/connectors/shopify/stock-documents.ts';
import { SCHEMA } from './schema.ts';
import { leakyBucket } from './throttle.ts';

describe('the schema of the stand-in', () => {
  const schema = buildSchema(SCHEMA);
  for (const [name, document] of Object.entries({
    ...money,
    ...order,
    ...product,
    ...promotion,
    ...stock,
    ...reader,
  })) {
    test(`knows what the connector sends: ${name}`, () => {
      assert.deepEqual(
        validate(schema, parse(String(document))).map((error) => error.message),
        [],
      );
    });
  }
});

test('the throttle refuses what is not there and fills again with time', () => {
  let now = 0;
  const bucket = leakyBucket(() => now, 100, 50);
  assert.equal(bucket.take(90), true);
  assert.equal(bucket.take(20), false);
  assert.equal(bucket.status().currentlyAvailable, 10);
  now = 1_000;
  assert.equal(bucket.take(20), true);
  assert.equal(bucket.status().currentlyAvailable, 40);
});
