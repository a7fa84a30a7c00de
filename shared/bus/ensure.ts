import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { connect, nanos } from 'nats';
import { LIMITS } from '#shared/runtime/limits.ts';
import { inboxPrefix } from './identities.ts';
import { CONSUMER_LIMITS, consumersFor, STREAMS } from './streams.ts';
import { connectionTarget } from './target.ts';

/** Creates the streams and consumers that are missing, and only those; answers what it created. Used by `setup` alone. */
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
  const existing = new Set<string>();
  for await (const stream of manager.streams.list()) existing.add(stream.config.name);
  const created: string[] = [];
  for (const stream of STREAMS) {
    if (existing.has(stream.name)) continue;
    await manager.streams.add({
      name: stream.name,
      subjects: [...stream.subjects],
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.New,
      num_replicas: 1,
      max_bytes: stream.maxBytes,
      max_age: nanos(stream.maxAgeMs),
      max_msg_size: LIMITS.messageBytes,
      duplicate_window: nanos(stream.duplicateWindowMs),
      deny_delete: true,
      deny_purge: true,
    });
    created.push(stream.name);
  }
  return created;
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
