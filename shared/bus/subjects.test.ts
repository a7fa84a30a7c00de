import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import {
  aliveSubject,
  answerSubject,
  decisionSubject,
  eventSubject,
  nameOfAlive,
  PARTITIONS,
  parseAgentSubject,
  parseEventSubject,
  parseWatermarkSubject,
  partitionOf,
  watermarkSubject,
} from './subjects.ts';

const store = fc.stringMatching(/^[a-z0-9-]{1,40}$/);
const agent = fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/);
const type = fc.constantFrom(...EVENT_TYPES.keys());

describe('subjects', () => {
  test('give back what they were made of', () => {
    fc.assert(
      fc.property(store, agent, type, (shop, name, event) => {
        assert.deepEqual(parseEventSubject(eventSubject(shop, event)), { store: shop, type: event });
        assert.deepEqual(parseAgentSubject(answerSubject(shop, name)), { store: shop, agent: name });
        assert.deepEqual(parseAgentSubject(decisionSubject(shop, name)), { store: shop, agent: name });
        assert.equal(parseWatermarkSubject(watermarkSubject(shop)), shop);
        assert.equal(nameOfAlive(aliveSubject(name)), name);
      }),
    );
  });

  test('of another form are nobody’s', () => {
    for (const subject of [
      '',
      'parley',
      'parley.event.1.shop.order',
      'parley.event.1.shop.order.placed.twice',
      'parley.decision.1.shop.order.placed',
    ])
      assert.equal(parseEventSubject(subject), undefined, subject);
    for (const subject of ['', 'parley.answer.1.shop', 'parley.answer.1.shop.pricing.more'])
      assert.equal(parseAgentSubject(subject), undefined, subject);
    assert.equal(parseWatermarkSubject('parley.watermark.1'), undefined);
  });

  test('have every event type in two tokens', () => {
    for (const name of EVENT_TYPES.keys()) assert.equal(name.split('.').length, 2, name);
  });
});

describe('partitions', () => {
  test('are always within their number, and always the same', () => {
    fc.assert(fc.property(store, (shop) => partitionOf(shop) >= 0 && partitionOf(shop) < PARTITIONS));
    // Streams that are there were filled under these numbers.
    assert.deepEqual(['sandbox', 'replay-0123456789ab'].map(partitionOf), [36, 57]);
  });

  test('spread a thousand stores so that none has far more than its share', () => {
    const counts = new Map<number, number>();
    for (let index = 0; index < 1_000; index++) {
      const partition = partitionOf(`shop-${index}`);
      counts.set(partition, (counts.get(partition) ?? 0) + 1);
    }
    assert.ok(counts.size > PARTITIONS * 0.9);
    assert.ok(Math.max(...counts.values()) < (4 * 1_000) / PARTITIONS);
  });
});
