import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AgentModule, Reader } from '#shared/agent/module.ts';
import { withinManifest } from '#shared/agent/within-manifest.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import { resource } from '#shared/contracts/resource.ts';
import { arbitraryOf } from './arbitrary-schema.ts';
import { fakeReader } from './fake-reader.ts';

const AT = '2011-10-20T12:00:00.000Z';
const SCHEDULES = ['daily-review', 'weekly-review'];
/** Every event of these types carries what was proposed once. */
const proposal = { params: { sku: 'A', order: '1', customer: '7', target: 'sku:A' }, cites: [] };

/**
 * The `reads` of an agent's manifest are what it reads: whatever happens of the types that it answers, it asks for nothing
 * else, and each attribute is asked for at some time.
 */
export function testReads<Briefing>({ manifest, gather }: Pick<AgentModule<Briefing>, 'manifest' | 'gather'>): void {
  test(`${manifest.agent} reads what its manifest names, no more and no less`, async () => {
    const asked = new Set<string>();
    for (const type of manifest.answers) {
      const data = arbitraryOf(EVENT_TYPES.get(type)!.data);
      const check = async (drawn: unknown) => {
        await gather(eventOf(type, drawn), withinManifest(manifest, noting(asked)));
      };
      await fc.assert(fc.asyncProperty(data, check), { numRuns: 40 });
      if (type === 'schedule.due') for (const name of SCHEDULES) await check({ name });
    }
    assert.deepEqual([...asked].sort(), [...new Set(manifest.reads)].sort());
  });
}

function eventOf(type: string, drawn: unknown): Envelope {
  const fixed = { specversion: '1.0', source: 'test', store: 'shop', correlationid: 'c', dataversion: 1 } as const;
  const own = drawn as Readonly<Record<string, unknown>>;
  return {
    ...fixed,
    id: '01932c07-0000-7000-8000-000000000001',
    type,
    subject: resource(EVENT_TYPES.get(type)!.subject, 'A'),
    data: 'proposal' in own || type === 'intent.due' ? { ...own, proposal } : own,
    time: AT,
    now: AT,
    seq: 1,
    depth: 0,
  };
}

/** A reader of a shop of which nothing is known, that keeps what it is asked for. */
function noting(asked: Set<string>): Reader {
  const read = fakeReader({ facts: {} }, AT);
  return {
    ...read,
    facts: (resources, attributes) => {
      for (const attribute of attributes) asked.add(attribute);
      return read.facts(resources, attributes);
    },
    known: (attribute, limit) => {
      asked.add(attribute);
      return read.known(attribute, limit);
    },
  };
}
