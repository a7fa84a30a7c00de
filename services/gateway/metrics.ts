import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What the gateway counts. Labels have few values: reasons and states of closed lists, never ids or addresses. */
export interface Metrics {
  readonly registry: Registry;
  readonly received: Counter<'end' | 'endpoint'>;
  readonly connectionsPushedOut: Counter;
  readonly forgotten: Counter;
  readonly commitSize: Histogram;
  readonly commitSeconds: Histogram;
  readonly mapped: Counter<'state' | 'reason'>;
  readonly mappingSeconds: Histogram;
  readonly mappingLag: Gauge;
  readonly held: Gauge;
  readonly events: Counter<'type'>;
  readonly found: Counter<'kind'>;
  readonly asked: Counter<'cause'>;
  readonly publishFailures: Counter;
}

/** What is measured when it is asked for. */
interface Now {
  readonly waiting: () => number;
  readonly bytesUnderWay: () => number;
  readonly storesUnavailable: () => number;
}

function measure(registers: Registry[], name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers,
    collect() {
      this.set(read());
    },
  });
}

export function createMetrics(now: Now): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  measure(registers, 'parley_webhooks_waiting', 'Webhooks that wait for their commit.', now.waiting);
  measure(registers, 'parley_webhook_bytes_under_way', 'Bytes of webhooks that are being read.', now.bytesUnderWay);
  measure(registers, 'parley_stores_unavailable', 'Stores that do not answer the executor.', now.storesUnavailable);
  return {
    registry,
    ...receivingMetrics(registers),
    mapped: new Counter({
      name: 'parley_deliveries_total',
      help: 'Deliveries that were mapped, by state and reason.',
      labelNames: ['state', 'reason'],
      registers,
    }),
    mappingSeconds: new Histogram({
      name: 'parley_mapping_seconds',
      help: 'Time that one batch of mapping took.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
    mappingLag: new Gauge({
      name: 'parley_mapping_lag_seconds',
      help: 'Age of the oldest delivery of the last batch when it was taken.',
      registers,
    }),
    held: new Gauge({
      name: 'parley_deliveries_held',
      help: 'Deliveries that wait for an outcome or for an item that is not known yet.',
      registers,
    }),
    events: new Counter({
      name: 'parley_events_total',
      help: 'Events that were mapped, by type.',
      labelNames: ['type'],
      registers,
    }),
    found: new Counter({
      name: 'parley_found_total',
      help: 'Resources of which a poll has told and no webhook before, by kind: webhooks that got lost, or that nobody registered.',
      labelNames: ['kind'],
      registers,
    }),
    asked: new Counter({
      name: 'parley_fetches_asked_total',
      help: 'Times that a platform was asked how something is, because a webhook said only that it changed (thin) or came too late (older).',
      labelNames: ['cause'],
      registers,
    }),
    publishFailures: new Counter({
      name: 'parley_publish_failures_total',
      help: 'Events that the bus did not take; they are found in Postgres.',
      registers,
    }),
  };
}

/** What comes in, how it is kept, and for how long. */
function receivingMetrics(registers: Registry[]) {
  return {
    received: new Counter({
      name: 'parley_webhooks_total',
      help: 'Webhooks by end (accepted, duplicate, ping, or the reason of refusal) and by endpoint, empty where there is no such.',
      labelNames: ['end', 'endpoint'],
      registers,
    }),
    connectionsPushedOut: new Counter({
      name: 'parley_connections_pushed_out_total',
      help: 'Connections that made no progress and gave their place to new ones, because all were taken.',
      registers,
    }),
    forgotten: new Counter({
      name: 'parley_deliveries_forgotten_total',
      help: 'Deliveries that were deleted because their time was over.',
      registers,
    }),
    commitSize: new Histogram({
      name: 'parley_commit_webhooks',
      help: 'Webhooks in one commit.',
      buckets: [1, 2, 4, 8, 16, 32, 64],
      registers,
    }),
    commitSeconds: new Histogram({
      name: 'parley_commit_seconds',
      help: 'Time that one commit of webhooks took.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
  };
}
