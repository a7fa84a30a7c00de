import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import { STANDARD_TYPES } from '#shared/contracts/standard-types.ts';
import { API_PREFIX, GATEWAY_TYPES, identities, inboxPrefix } from './identities.ts';
import { consumersFor } from './streams.ts';

const AGENTS = ['pricing', 'newcomer'];
const ALL = identities(AGENTS);

describe('identities', () => {
  test('are one a service, and one an agent', () => {
    const users = ALL.map(({ user }) => user);
    assert.deepEqual(users.toSorted(), [
      'context',
      'coordinator',
      'executor',
      'gateway',
      'newcomer',
      'pricing',
      'sandbox',
      'setup',
    ]);
    assert.equal(new Set(users).size, users.length);
  });

  test('have an inbox and a heartbeat of their own, and nobody else’s', () => {
    for (const { user, publish, subscribe } of ALL) {
      assert.deepEqual(
        publish.filter((subject) => subject.startsWith('parley.alive')),
        [`parley.alive.${user}`],
      );
      assert.deepEqual(
        subscribe.filter((subject) => subject.startsWith('_INBOX')),
        [`${inboxPrefix(user)}.>`],
      );
    }
  });

  test('name streams and consumers in full, wherever they act on them', () => {
    for (const { user, publish } of ALL.filter((identity) => identity.user !== 'setup')) {
      for (const subject of publish.filter((line) => line.startsWith(API_PREFIX))) {
        assert.match(subject, /^PARLEY\.API\.CONSUMER\.(INFO|MSG\.NEXT)\.[A-Z]+\.[a-z-]+[0-9]*$/, user);
      }
    }
  });

  test('may pull from every consumer there can be, whatever the stores', () => {
    const stores = Array.from({ length: 400 }, (_, index) => `store-${index}`);
    const granted = new Set(ALL.flatMap(({ publish }) => publish));
    for (const { stream, durable } of consumersFor(stores, AGENTS)) {
      assert.ok(granted.has(`${API_PREFIX}.CONSUMER.MSG.NEXT.${stream}.${durable}`), durable);
    }
  });

  test('let the gateway publish whatever Standard Webhooks may bring', () => {
    const published: ReadonlySet<string> = new Set(GATEWAY_TYPES);
    for (const type of STANDARD_TYPES.keys()) assert.ok(published.has(type), type);
  });

  test('publish no event type that there is not', () => {
    for (const type of GATEWAY_TYPES) assert.ok(EVENT_TYPES.has(type), type);
    assert.equal(new Set(GATEWAY_TYPES).size, GATEWAY_TYPES.length);
  });
});
