import { partitionDurable, STREAMS, type StreamName } from './streams.ts';
import { PARTITIONS } from './subjects.ts';

/**
 * One NATS user per service, with the least it needs, as data. Allow-lists only: servers before 2.12 let a queue
 * subscription pass a deny rule. Nobody may empty or delete a stream or a consumer, not even `setup`.
 */
export interface Identity {
  readonly user: string;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** Types of the events that come from outside, through the gateway; `action.*` are the executor's, all others the coordinator's. */
export const GATEWAY_TYPES = [
  'bundle.changed',
  'campaign.scheduled',
  'category.changed',
  'competitor.price-changed',
  'consent.changed',
  'cost.changed',
  'customer.changed',
  'feed.changed',
  'label.bought',
  'map.changed',
  'mention.detected',
  'message.received',
  'order.cancelled',
  'order.changed',
  'order.flagged',
  'order.fulfilled',
  'order.held',
  'order.paid',
  'order.placed',
  'order.refunded',
  'payment.disputed',
  'price.changed',
  'price.recorded',
  'product.changed',
  'promotion.changed',
  'replay.ended',
  'restock.requested',
  'rules.requested',
  'ruling.given',
  'shipment.delayed',
  'shipment.delivered',
  'stock.changed',
  'stock.received',
  'stock.written-off',
  'supplier.delayed',
  'supplier.listed',
  'traffic.spiked',
] as const;

/**
 * Under this prefix services speak to the API of the streams. Under `$JS.API` each account would hear the server's own
 * answer first, that it has no streams.
 */
export const API_PREFIX = 'PARLEY.API';

/**
 * What pulling from one durable consumer takes. Newer servers may put domain and account into an acknowledgement's subject;
 * the domain is `_` where there is none, and must be written out: with `*` in its place the acknowledgement of a foreign
 * consumer could be dressed up to fit.
 */
function consumes(stream: StreamName, durable: string): string[] {
  return [
    `${API_PREFIX}.CONSUMER.INFO.${stream}.${durable}`,
    `${API_PREFIX}.CONSUMER.MSG.NEXT.${stream}.${durable}`,
    `$JS.ACK.${stream}.${durable}.>`,
    `$JS.ACK._.*.${stream}.${durable}.>`,
  ];
}

/** Written out, because a wildcard stands for a whole token: `*` would let a service take what another one is to get. */
function consumesPartitions(stream: StreamName, service: string): string[] {
  return Array.from({ length: PARTITIONS }, (_, partition) =>
    consumes(stream, partitionDurable(service, partition)),
  ).flat();
}

function inbox(user: string): string {
  return `${inboxPrefix(user)}.>`;
}

export function inboxPrefix(user: string): string {
  return `_INBOX_${user}`;
}

function identity(user: string, publish: readonly string[], subscribe: readonly string[] = []): Identity {
  return { user, publish: [`parley.alive.${user}`, ...publish], subscribe: [inbox(user), ...subscribe] };
}

function agent(user: string): Identity {
  return identity(
    user,
    [`parley.answer.*.*.${user}`, ...consumes('EVENTS', user)],
    [`parley.decision.*.*.${user}`, 'parley.watermark.>'],
  );
}

/** `agents` are the names of the agents in force. */
export function identities(agents: readonly string[]): Identity[] {
  return [
    identity(
      'gateway',
      GATEWAY_TYPES.map((type) => `parley.event.*.*.${type}`),
      ['parley.event.>', 'parley.decision.>', 'parley.alive.*'],
    ),
    identity('context', ['parley.watermark.*.*', ...consumesPartitions('EVENTS', 'context')]),
    identity(
      'coordinator',
      [
        // Every type: an idle agent that owes an answer gets its event again, whoever wrote it.
        'parley.event.>',
        'parley.decision.*.*.*',
        ...consumesPartitions('EVENTS', 'coordinator'),
        ...consumesPartitions('ANSWERS', 'coordinator'),
      ],
      ['parley.alive.>', 'parley.watermark.>'],
    ),
    identity('executor', ['parley.event.*.*.action.*']),
    identity('sandbox', []),
    ...agents.map(agent),
    setup(),
  ];
}

/** The deploy user: the only one that may create streams and consumers and change a stream's settings, and nothing else. No service has it. */
function setup(): Identity {
  return identity('setup', [
    '$JS.API.INFO',
    '$JS.API.STREAM.LIST',
    ...STREAMS.flatMap(({ name }) => [
      `$JS.API.STREAM.CREATE.${name}`,
      // A change is written over what the stream has.
      `$JS.API.STREAM.INFO.${name}`,
      `$JS.API.STREAM.UPDATE.${name}`,
      `$JS.API.CONSUMER.LIST.${name}`,
      // Servers from 2.10 on take the second form, with the filter in the subject; older ones the first.
      `$JS.API.CONSUMER.DURABLE.CREATE.${name}.*`,
      `$JS.API.CONSUMER.CREATE.${name}.>`,
    ]),
  ]);
}
