import type { StreamName } from './streams.ts';

/** A message that a durable consumer was given. Until `ack`, it will be given again after the ack wait. */
export interface BusMessage {
  readonly subject: string;
  /** How often it has been given, this time included. */
  readonly deliveries: number;
  text(): string;
  ack(): void;
  /** "Still at it": starts the ack wait anew. */
  working(): void;
}

/** A durable consumer being pulled: what has arrived waits here, bounded, until it is taken. */
export interface Consumption {
  /** All that has arrived, at most `max`; waits while there is nothing. An empty array means that the consumption has been stopped. */
  take(max: number): Promise<BusMessage[]>;
  /** What has arrived, without waiting. */
  takeNow(max: number): BusMessage[];
  /** How many wait here. */
  readonly waiting: number;
  /** "Still at it", for all that wait here: a message that waits its turn is not lost, and must not be given again. */
  working(): void;
  stop(): Promise<void>;
}

interface ConsumeOptions {
  stream: StreamName;
  durable: string;
  /** By subject, before parsing: what is not wanted is acknowledged at once and never seen. */
  wanted?: (subject: string) => boolean;
  /** Called when something arrives, so that a loop that also waits for other things can be woken. */
  onArrival?: () => void;
}

/** The bus as the services see it. Drivers: NATS JetStream (`nats-bus.ts`) and memory (`memory-bus.ts`); one contract suite for both. */
export interface Bus {
  /** Resolves when the stream has stored the message; rejects with a TransientError when it could not. */
  publish(subject: string, payload: string, id?: string): Promise<void>;
  /** A signal that nobody stores: heartbeats and watermarks. Lost when nobody listens. */
  signal(subject: string, payload: string): void;
  watch(pattern: string, onSignal: (subject: string, payload: string) => void): void;
  consume(options: ConsumeOptions): Consumption;
  isConnected(): boolean;
  /** Version of the server, or `unknown`. */
  serverVersion(): string;
  close(): Promise<void>;
}
