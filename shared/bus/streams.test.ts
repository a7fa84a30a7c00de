import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { consumersFor, partitionDurable, STREAMS } from './streams.ts';
import { partitionOf } from './subjects.ts';

const STORES = ['sandbox', 'replay-0123456789ab'];

describe('consumers', () => {
  test('are one an agent, shared by its replicas, whatever the number of stores', () => {
    const own = consumersFor(STORES, ['pricing']).filter(({ durable }) => durable === 'pricing');
    assert.deepEqual(own, [{ stream: 'EVENTS', durable: 'pricing', filter: 'parley.event.>' }]);
  });

  test('are three a partition that has a store: two of events, one of answers', () => {
    const partition = partitionOf('sandbox');
    assert.deepEqual(consumersFor(['sandbox'], []), [
      { stream: 'EVENTS', durable: `context-${partition}`, filter: `parley.event.${partition}.>` },
      { stream: 'EVENTS', durable: `coordinator-${partition}`, filter: `parley.event.${partition}.>` },
      { stream: 'ANSWERS', durable: `coordinator-${partition}`, filter: `parley.answer.${partition}.>` },
    ]);
  });

  test('of stores that share a partition are the same ones', () => {
    const many = Array.from({ length: 200 }, (_, index) => `shop-${index}`);
    const names = consumersFor(many, []).map(({ stream, durable }) => `${stream}.${durable}`);
    assert.equal(new Set(names).size, names.length);
    assert.deepEqual(consumersFor([...many].reverse(), []), consumersFor(many, []));
  });

  test('of a service and an agent never share a name', () => {
    assert.equal(partitionDurable('context', 7), 'context-7');
    const all = consumersFor(STORES, ['context', 'coordinator']).map(({ stream, durable }) => `${stream}.${durable}`);
    assert.equal(new Set(all).size, all.length);
  });
});

test('streams do not share subjects, and have limits of bytes and age', () => {
  const subjects = STREAMS.flatMap((stream) => stream.subjects);
  assert.equal(new Set(subjects).size, subjects.length);
  for (const { maxBytes, maxAgeMs, duplicateWindowMs } of STREAMS) {
    assert.ok(maxBytes > 0 && maxAgeMs > 0);
    assert.ok(duplicateWindowMs < maxAgeMs);
  }
});
