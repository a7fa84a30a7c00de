import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { uuidv7 } from '#shared/kernel/ids.ts';
import { clockTime, dayTime, distance, drawnAt, fullTime, impactText, paramsText, shortIds, words } from './format.ts';

const LONDON = 'Europe/London';

describe('values as people read them', () => {
  test('times are in the zone of the shop, in summer and in winter', () => {
    assert.equal(clockTime('2011-10-03T08:05:09.000Z', LONDON), '09:05:09');
    assert.equal(clockTime('2011-12-03T08:05:09.000Z', LONDON), '08:05:09');
    assert.equal(dayTime('2011-10-03T23:30:00.000Z', LONDON), '4 Oct 00:30');
    assert.equal(fullTime('2011-10-03T12:00:00.000Z', LONDON), 'Mon 3 Oct 2011, 13:00');
    assert.equal(clockTime('2011-10-03T08:05:09.000Z', 'No/Where'), '08:05:09', 'a zone that nobody knows is UTC');
  });

  test('how far a time is', () => {
    const now = '2011-10-03T12:00:00.000Z';
    assert.equal(distance('2011-10-03T15:20:30.000Z', now), 'in 3 h 20 min');
    assert.equal(distance('2011-10-03T11:58:00.000Z', now), '2 min ago');
    assert.equal(distance('2011-10-05T13:00:00.000Z', now), 'in 2 d 1 h');
    assert.equal(distance(now, now), 'now');
  });

  test('a uuidv7 says when it was drawn, others do not', () => {
    const at = '2025-10-03T08:20:24.704Z';
    assert.equal(drawnAt(uuidv7(Date.parse(at), new Uint8Array(10))), at);
    assert.equal(drawnAt('5f70bf18-a086-4007-8000-000000000000'), undefined);
  });

  test('parameters by their units, what matters first, what the resource says left out', () => {
    const params = {
      sku: '85123A',
      currency: 'GBP',
      title: 'x',
      endsAt: '2011-10-10T08:00:00.000Z',
      discountBasisPoints: 1_250,
      priceMinor: 325,
    };
    assert.equal(
      paramsText(params, 'sku:85123A', 'EUR', LONDON, 3),
      'price £3.25 · discount 12.5 % · ends 10 Oct 09:00',
    );
    assert.equal(paramsText({ units: 1_240, supplier: 'a' }, 'sku:1', 'GBP', LONDON), '1,240 units · supplier a');
    assert.equal(paramsText({}, 'sku:1', 'GBP', LONDON), '');
  });

  test('impacts, names and ids', () => {
    assert.equal(
      impactText({ revenueMinor: 541_200, units: 0, customers: 3 }, 'GBP'),
      '£5,412.00 of revenue, 3 customers',
    );
    assert.equal(impactText(undefined, 'GBP'), '');
    assert.equal(words('minimumOrderUnits'), 'minimum order units');
    assert.equal(
      shortIds('0199a9c5-5c80-7000-8000-000000000000.pricing.1.0/sku:23163/price holds the same'),
      '0199a9c5…pricing/sku:23163/price holds the same',
    );
  });
});
