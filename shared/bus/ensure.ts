import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { connect, nanos } from 'nats';
import { LIMITS } from '#shared/runtime/limits.ts';
import { inboxPrefix } from './identities.ts';
import { CONSUMER_LIMITS, consumersFor, STREAMS, type StreamDeclaration } from './streams.ts';
import { connectionTarget } from './target.ts';

/**
 * Creates the streams and consumers that are missing, and gives streams with other settings those that are declared; answers
 * what it created or changed. What a stream holds is kept as far as its limits allow. Used by `setup` alone.
 */
export async function ensureBus(url: string, stores: readonly string[], agents: readonly string[]): Promise<string[]> {
  const connection = await connect({
    ...connectionTarget(url),
    name: 'parley-setup',
    inboxPrefix: inboxPrefix('setup'),
    timeout: 5_000,
  });
  try {
    const manager = await jetstreamManager(connection, { timeout: LIMITS.publishMs });
    return [...(await ensureStreams(manager)), ...(await ensureConsumers(manager, stores, agents))];
  } finally {
    await connection.close();
  }
}

async function ensureStreams(manager: JetStreamManager): Promise<string[]> {
  const existing = new Map<string, StreamConfig>();
  for await (const stream of manager.streams.list()) existing.set(stream.config.name, stream.config);
  const changed: string[] = [];
  for (const stream of STREAMS) {
    const declared = streamConfig(stream);
    const found = existing.get(stream.name);
    if (found && isLike(found, declared)) continue;
    if (found) await manager.streams.update(stream.name, declared);
    else await manager.streams.add(declared);
    changed.push(stream.name);
  }
  return changed;
}

/** What a stream is created and compared with. */
export function streamConfig(stream: StreamDeclaration) {
  return {
    name: stream.name,
    subjects: [...stream.subjects],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    num_replicas: 1,
    max_bytes: stream.maxBytes,
    max_age: nanos(stream.maxAgeMs),
    max_msg_size: LIMITS.messageBytes,
    duplicate_window: nanos(stream.duplicateWindowMs),
    deny_delete: true,
    deny_purge: true,
  };
}

/** Only what is declared counts: servers add settings of their own. */
function isLike(found: StreamConfig, declared: ReturnType<typeof streamConfig>): boolean {
  return Object.entries(declared).every(
    ([key, value]) => JSON.stringify(found[key as keyof StreamConfig]) === JSON.stringify(value),
  );
}

async function ensureConsumers(
  manager: JetStreamManager,
  stores: readonly string[],
  agents: readonly string[],
): Promise<string[]> {
  const existing = new Set<string>();
  for (const stream of STREAMS) {
    for await (const consumer of manager.consumers.list(stream.name)) existing.add(`${stream.name}.${consumer.name}`);
  }
  const created: string[] = [];
  for (const consumer of consumersFor(stores, agents)) {
    const name = `${consumer.stream}.${consumer.durable}`;
    if (existing.has(name)) continue;
    await manager.consumers.add(consumer.stream, {
      durable_name: consumer.durable,
      filter_subject: consumer.filter,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(CONSUMER_LIMITS.ackWaitMs),
      max_ack_pending: CONSUMER_LIMITS.ackPending,
      max_deliver: -1,
    });
    created.push(name);
  }
  return created;
}
