import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UsageError } from '../command.ts';
import { PLATFORMS } from './platforms.ts';

describe('a BigCommerce store as it is named', () => {
  const { urlOf } = PLATFORMS.bigcommerce;
  for (const shop of [
    'abc123',
    ' ABC123/ ',
    'stores/abc123/v3',
    'https://api.bigcommerce.com/stores/abc123/v3/',
    'store-abc123.mybigcommerce.com',
    'https://store-abc123.mybigcommerce.com/manage/dashboard',
    'https://store-abc123-1.mybigcommerce.com',
  ])
    test(shop, () => assert.equal(urlOf(shop), 'https://api.bigcommerce.com/stores/abc123'));
  for (const shop of ['candles.example', 'https://candles.example/', 'abc', 'stores/'])
    test(`not ${shop}`, () => assert.throws(() => urlOf(shop), UsageError));
});
