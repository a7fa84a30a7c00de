import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AgentModule } from '#shared/agent/module.ts';
import { withinManifest } from '#shared/agent/within-manifest.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import { fakeReader } from '#shared/testing/fake-reader.ts';
import { fold, type Stored } from '../../services/context/fold.ts';
import { orderBody } from '../../services/gateway/fixtures/bodies.ts';
import { when } from '../../services/gateway/fixtures/mapping.ts';
import type { Said } from '../../services/gateway/mapping/topic.ts';
import * as inventory from '../../services/inventory/agent.ts';
import { decide as decideInventory } from '../../services/inventory/decide.ts';
import { gather as gatherInventory } from '../../services/inventory/gather.ts';
import * as orders from '../../services/orders/agent.ts';
import { decide as decideOrders } from '../../services/orders/decide.ts';
import { gather as gatherOrders } from '../../services/orders/gather.ts';
import * as support from '../../services/support/agent.ts';
import { decide as decideSupport } from '../../services/support/decide.ts';
import { gather as gatherSupport } from '../../services/support/gather.ts';

/** A shop's trial of its own checkout, as the real mapping, fold and agents take it; and a real order beside it, which moves them. */

const AT = '2026-02-01T10:00:00.000Z';
const AGENTS = [
  { manifest: inventory.manifest, gather: gatherInventory, decide: decideInventory },
  { manifest: orders.manifest, gather: gatherOrders, decide: decideOrders },
  { manifest: support.manifest, gather: gatherSupport, decide: decideSupport },
] as readonly unknown[] as readonly AgentModule<unknown>[];

const placedBy = (isTest: boolean): readonly Said[] =>
  when('orders/create', orderBody({ test: isTest, total_price: '9000.00' })).events;

/** What may be said of an order afterwards, and moves an agent. */
const LATER: readonly Said[] = [
  { type: 'order.flagged', subject: 'order:5001', time: AT, data: { level: 'high', signals: ['card tried often'] } },
  { type: 'order.paid', subject: 'order:5001', time: AT, data: { currency: 'GBP', minor: 900_000 } },
  {
    type: 'payment.disputed',
    subject: 'order:5001',
    time: AT,
    data: { dispute: 'd1', minor: 900_000, currency: 'GBP', state: 'open', customer: '7001' },
  },
  {
    type: 'shipment.delayed',
    subject: 'order:5001',
    time: AT,
    data: {
      fulfilment: '41',
      carrier: 'UPS',
      estimatedAt: '2026-02-20T10:00:00.000Z',
      promisedAt: '2026-02-04T10:00:00.000Z',
      customer: '7001',
    },
  },
  {
    type: 'message.received',
    subject: 'message:m1',
    time: AT,
    data: { customer: '7001', order: '5001', channel: 'email', topic: 'cancel' },
  },
];

/** What a shop of some age knows of the SKU and of the buyer. */
const KNOWN = {
  'sku:85123A': {
    available: { level: 3, levelTime: '2026-01-01T00:00:00.000Z', movements: [] },
    stock: 3,
    'lead-time': { days: 10, sdDays: 2 },
  },
  'customer:7001': { consent: { email: true } },
};

const envelopeOf = (said: Said, seq: number): Envelope => ({
  specversion: '1.0',
  id: `01932c07-0000-7000-8000-00000000000${seq}`,
  source: 'test',
  store: 'shop',
  correlationid: 'c',
  dataversion: 1,
  depth: 0,
  seq,
  now: AT,
  ...said,
});

/** Facts after these events, by resource and attribute. */
function factsAfter(events: readonly Envelope[]) {
  const facts = new Map<string, Stored>();
  for (const event of events) {
    for (const change of EVENT_TYPES.get(event.type)?.facts?.(event) ?? []) {
      const key = `${change.resource} ${change.attribute}`;
      const folded = fold(facts.get(key), change, { seq: event.seq, time: event.time, source: event.source });
      if ('next' in folded) facts.set(key, folded.next);
    }
  }
  return facts;
}

async function proposalsAbout(isTest: boolean): Promise<string[]> {
  const events = [...placedBy(isTest), ...LATER].map((said, index) => envelopeOf(said, index + 1));
  const proposals: string[] = [];
  for (const [index, event] of events.entries()) {
    const world: Record<string, Record<string, unknown>> = structuredClone(KNOWN);
    for (const [key, { value }] of factsAfter(events.slice(0, index + 1))) {
      const [resource = '', attribute = ''] = key.split(/ (?=[a-z-]+$)/);
      world[resource] = { ...world[resource], [attribute]: value };
    }
    for (const { manifest, gather, decide } of AGENTS.filter((agent) => agent.manifest.answers.includes(event.type))) {
      const briefing = await gather(event, withinManifest(manifest, fakeReader({ facts: world }, AT)));
      const { intents } = decide(event, briefing, AT);
      for (const intent of intents) proposals.push(`${event.type}: ${manifest.agent} ${intent.action}`);
    }
  }
  return proposals;
}

describe('a test order', () => {
  test('is one event, and says that it is a test', () => {
    const [placed, ...more] = placedBy(true);
    assert.deepEqual([placed?.type, placed?.data.test, more.length], ['order.placed', true, 0]);
  });

  test('moves no agent, whatever is said of it; a real one does', async () => {
    assert.deepEqual(await proposalsAbout(true), []);
    const real = await proposalsAbout(false);
    assert.ok(real.includes('order.flagged: orders order.hold'), real.join('; '));
    assert.ok(
      real.some((proposal) => proposal.includes('support')),
      real.join('; '),
    );
  });

  test('counts nowhere: not as a sale, not in stock, not for its buyer', () => {
    const changed = (isTest: boolean) =>
      [...factsAfter(placedBy(isTest).map((said) => envelopeOf(said, 1))).keys()].sort();
    assert.deepEqual(changed(true), ['order:5001 lines', 'order:5001 placed']);
    assert.ok(changed(false).includes('sku:85123A available') && changed(false).includes('customer:7001 spent'));
  });
});
