import type { SourceName } from '#shared/contracts/sources.ts';
import type { Reason } from '#shared/kernel/errors.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { ReceivedDelivery } from '#shared/store/deliveries/received.ts';
import type { Topic } from '../mapping/topic.ts';

/** What the receiver knows of a webhook before anything in it is read. */
export interface Webhook {
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

export interface Verified {
  /** The source's dedupe key; the same for every repetition of one webhook. */
  readonly key: string;
  /** Empty where only the body says it. */
  readonly topic: string;
  /** The MAC, where it covers the body alone: what a replay under other ids has in common with the first. */
  readonly digest?: Uint8Array;
}

/** A delivery whose body has been read: its topic, the part of the body that we know, and where its events say they come from. */
export interface ReadDelivery {
  readonly topic: Topic;
  readonly source: string;
  readonly body: unknown;
  readonly toldAt: Instant;
}

/** A delivery of which no body is read: kept, counted and ignored. Without a reason its topic is one that nobody here maps. */
export interface UnreadDelivery {
  readonly unknown: string;
  readonly reason?: Reason;
}

/** What reading may know of the endpoint that a delivery came by. */
export interface SourceEndpoint {
  readonly platform: SourceName;
  /** The endpoint's mapping file, as its author wrote it. */
  readonly mapping: string | null;
  /** Whether its store lives now or replays a history. */
  readonly clockKind: 'live' | 'replay';
}

/** One source of webhooks: how its signature is checked, by what its webhooks are told apart, and what its bodies say. Pure but for the MAC. */
export interface Source {
  /** Undefined: refused. Why is not said, to anybody. */
  verify(webhook: Webhook, secrets: readonly string[], nowMs: number): Verified | undefined;
  /** Headers that are kept with the delivery. */
  keeps(header: string): boolean;
  /** What a platform posts unsigned to see whether somebody answers: it is told 200, and nothing of it is kept. */
  isPing?(webhook: Webhook): boolean;
  /** What a body calls itself though it could not be read; for sources whose headers do not say it. May throw. */
  nameOf?(delivery: ReceivedDelivery, endpoint: SourceEndpoint): string;
  /** Throws a PermanentError that says where the body is not what its topic promises. */
  read(delivery: ReceivedDelivery, endpoint: SourceEndpoint): ReadDelivery | UnreadDelivery;
}
