import { DAY_MS, MINUTE_MS } from '#shared/kernel/time.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { partitionOf } from './subjects.ts';

export type StreamName = 'EVENTS' | 'ANSWERS' | 'DECISIONS';

export interface StreamDeclaration {
  readonly name: StreamName;
  readonly subjects: readonly string[];
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly duplicateWindowMs: number;
}

interface ConsumerDeclaration {
  readonly stream: StreamName;
  readonly durable: string;
  readonly filter: string;
}

const MIB = 1024 * 1024;

/**
 * The streams, as data. All have file storage, one replica, limits retention, discard old, and deny delete and purge.
 * A full stream lets its oldest messages go: Postgres is the truth, and what an agent still owes is told to it again. One
 * that refused would keep agents from answering at all.
 */
export const STREAMS: readonly StreamDeclaration[] = [
  {
    name: 'EVENTS',
    subjects: ['parley.event.>'],
    maxBytes: 1024 * MIB,
    maxAgeMs: 2 * DAY_MS,
    duplicateWindowMs: 2 * MINUTE_MS,
  },
  {
    name: 'ANSWERS',
    subjects: ['parley.answer.>'],
    maxBytes: 512 * MIB,
    maxAgeMs: 2 * DAY_MS,
    duplicateWindowMs: 2 * MINUTE_MS,
  },
  {
    name: 'DECISIONS',
    subjects: ['parley.decision.>'],
    maxBytes: 256 * MIB,
    maxAgeMs: 2 * DAY_MS,
    duplicateWindowMs: 2 * MINUTE_MS,
  },
];

/** Services that take every event of the partitions whose lease they hold. */
const PARTITIONED = ['context', 'coordinator'] as const;

export function partitionDurable(service: string, partition: number): string {
  return `${service}-${partition}`;
}

/** The durable consumers that must exist for these stores and agents; 2.9 allows one filter a consumer. */
export function consumersFor(stores: readonly string[], agents: readonly string[]): ConsumerDeclaration[] {
  const consumers: ConsumerDeclaration[] = agents.map((agent) => ({
    stream: 'EVENTS',
    durable: agent,
    filter: 'parley.event.>',
  }));
  const partitions = [...new Set(stores.map(partitionOf))].sort((a, b) => a - b);
  for (const partition of partitions) {
    for (const service of PARTITIONED) {
      consumers.push({
        stream: 'EVENTS',
        durable: partitionDurable(service, partition),
        filter: `parley.event.${partition}.>`,
      });
    }
    consumers.push({
      stream: 'ANSWERS',
      durable: partitionDurable('coordinator', partition),
      filter: `parley.answer.${partition}.>`,
    });
  }
  return consumers;
}

export const CONSUMER_LIMITS = { ackWaitMs: LIMITS.ackWaitMs, ackPending: LIMITS.ackPending } as const;
