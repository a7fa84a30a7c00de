import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RECEIVED_AT, when } from '../../fixtures/mapping.ts';

const told = (body: unknown, around: Parameters<typeof when>[4] = {}) => when('', body, [], 'standard', around);

describe('CloudEvents', () => {
  const data = { sku: 'A', views: 90, baselineViews: 9, windowMinutes: 60 };
  const attributes = {
    specversion: '1.0',
    id: '1',
    source: '/counter',
    type: 'traffic.spiked',
    time: '2026-02-01T10:00:00Z',
  };

  test('in one piece are read as ours, at their own time', () => {
    const [event] = told({ ...attributes, datacontenttype: 'application/json', data }).events;
    assert.deepEqual(
      [event?.type, event?.subject, event?.time],
      ['traffic.spiked', 'sku:A', '2026-02-01T10:00:00.000Z'],
    );
  });

  test('whose attributes are headers are read alike', () => {
    const headers = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]));
    const [event] = told(data, { headers }).events;
    assert.deepEqual(
      [event?.type, event?.subject, event?.time],
      ['traffic.spiked', 'sku:A', '2026-02-01T10:00:00.000Z'],
    );
    const mapping = `sender: counter
mappings:
  - when: body.type == "traffic.spiked" && body.source == "/counter"
    type: stock.written-off
    data: { sku: body.data.sku, units: body.data.views, cause: '"lost"' }
end: true
`;
    assert.deepEqual(told(data, { headers, mapping }).events[0]?.data, { units: 90, cause: 'lost' });
  });

  test('without a time are of when they were received; of a foreign type they are kept and ignored', () => {
    assert.equal(told({ ...attributes, time: undefined, data }).events[0]?.time, RECEIVED_AT);
    assert.equal(told({ ...attributes, type: 'com.example.build.finished', data }).end, 'ignored: unknown-event-type');
    assert.equal(told({ ...attributes, type: 'com.github.push', data }).end, 'ignored: unknown-event-type');
  });

  test('many in one body are not read', () => {
    assert.throws(() => told([{ ...attributes, data }]), { reason: 'unknown-shape' });
  });
});

describe('the end of a replay', () => {
  const over = { type: 'replay.ended', data: { deliveries: 3 } };

  test('is told to a store that replays a history', () => {
    assert.deepEqual(told(over, { clockKind: 'replay' }).events[0]?.data, { deliveries: 3 });
  });

  test('is kept and ignored by a live store, which nobody can stop so', () => {
    assert.equal(told(over).end, 'ignored: unknown-event-type');
    const attributes = { specversion: '1.0', id: '1', source: '/counter' };
    assert.equal(told({ ...attributes, ...over }).end, 'ignored: unknown-event-type');
  });

  test('is not what a mistyped name is taken for by a live store', () => {
    assert.equal(told({ ...over, type: 'replay.ende' }).end, 'ignored: unknown-event-type');
    assert.throws(() => told({ ...over, type: 'replay.ende' }, { clockKind: 'replay' }), /Did you mean "replay.ended"/);
  });
});

describe('an endpoint with a mapping file', () => {
  const mapping = `sender: rival-watch
topic: body.kind
mappings:
  - when: body.kind == "price"
    type: competitor.price-changed
    at: body.seen
    data:
      sku: body.article
      competitor: body.shop
      priceMinor: minor(body.price, "GBP")
      currency: '"GBP"'
end: true
`;
  const price = { kind: 'price', article: 'A', shop: 'Other', price: '12.50', seen: 1_770_000_000 };

  test("reads its sender's own JSON", () => {
    const [event] = told(price, { mapping }).events;
    assert.deepEqual(
      [event?.type, event?.subject, event?.time],
      ['competitor.price-changed', 'sku:A', '2026-02-02T02:40:00.000Z'],
    );
    assert.deepEqual(event?.data, { competitor: 'Other', minor: 1_250, currency: 'GBP' });
  });

  test('keeps and ignores what the file does not name', () => {
    assert.equal(told({ kind: 'heartbeat' }, { mapping }).end, 'unknown-topic');
    assert.equal(told({}, { mapping }).end, 'unknown-topic');
    assert.equal(told(null, { mapping }).end, 'unknown-topic');
  });

  test('refuses a body that lacks what its event needs, with the place', () => {
    assert.throws(() => told({ ...price, article: undefined }, { mapping }), {
      reason: 'unknown-shape',
      position: 'data.sku',
    });
    assert.throws(() => told({ ...price, price: 'much' }, { mapping }), {
      reason: 'unknown-shape',
      position: 'data.priceMinor',
    });
    assert.throws(() => told({ ...price, seen: 'yesterday' }, { mapping }), {
      reason: 'unknown-shape',
      position: 'at',
    });
  });

  test('reads ours all the same', () => {
    const ours = { type: 'bundle.changed', data: { bundle: 'gift-set', skus: ['A'] } };
    assert.equal(told(ours, { mapping }).events[0]?.subject, 'bundle:gift-set');
  });

  test('whose file no longer reads fails, and says where', () => {
    assert.throws(() => told(price, { mapping: 'sender: x\nmappings: []\nend: true\n' }), {
      reason: 'bad-config',
      message: /mapping\.yaml:2/,
    });
  });
});

describe('a type that is none of ours', () => {
  test('is kept and ignored; one that looks like ours mistyped fails with the likely one', () => {
    assert.equal(told({ type: 'inbound_received', data: {} }).end, 'ignored: unknown-event-type');
    assert.throws(() => told({ type: 'traffic.spike', data: {} }), {
      reason: 'unknown-event-type',
      message: /traffic\.spiked/,
    });
  });
});
