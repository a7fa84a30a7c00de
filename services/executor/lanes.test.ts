import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import { BULK_TYPES, placesFor, URGENT_TYPES } from './lanes.ts';

describe('lanes', () => {
  test('hold every action type once', () => {
    const lanes = [...URGENT_TYPES, ...BULK_TYPES];
    assert.equal(new Set(lanes).size, lanes.length);
    assert.deepEqual([...lanes].sort(), [...ACTION_TYPES.keys()].sort());
  });

  test('holds, pauses and refunds come before bulk repricing and mails', () => {
    for (const type of ['order.hold', 'promotion.pause', 'refund.issue'])
      assert.ok(URGENT_TYPES.some((each) => each === type));
    for (const type of ['price.set', 'campaign.send']) assert.ok(BULK_TYPES.some((each) => each === type));
  });

  test('bulk leaves places for the urgent, and nobody is taken beyond the bound', () => {
    assert.deepEqual(placesFor(0, 16, 4), { urgent: 16, bulk: 12 });
    assert.deepEqual(placesFor(12, 16, 4), { urgent: 4, bulk: 0 });
    assert.deepEqual(placesFor(16, 16, 4), { urgent: 0, bulk: 0 });
    assert.deepEqual(placesFor(20, 16, 4), { urgent: 0, bulk: 0 });
  });
});
