import { type JetStreamClient, type JsMsg, jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection } from 'nats';
import { TransientError, toParleyError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import { Arrivals } from './arrivals.ts';
import type { Bus, BusMessage } from './bus.ts';
import { API_PREFIX, inboxPrefix } from './identities.ts';
import { connectionTarget } from './target.ts';

interface NatsBusOptions {
  url: string;
  service: string;
  logger: Logger;
}

/** Connects, waiting for the server as long as it takes: the bus is a transport, and a service without it still serves what it can. */
export async function openNatsBus(options: NatsBusOptions): Promise<Bus> {
  const target = connectionTarget(options.url);
  const connection = await connect({
    ...target,
    name: `parley-${options.service}`,
    inboxPrefix: inboxPrefix(target.user ?? options.service),
    reconnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    waitOnFirstConnect: true,
    pingInterval: 5_000,
    maxPingOut: 2,
    ignoreAuthErrorAbort: true,
    // Otherwise every publish draws two stack traces, for an error that hardly ever comes.
    noAsyncTraces: true,
  });
  // A bus of somebody else's without our users has one account for all, and the server's own prefix.
  const apiPrefix = target.user === options.service ? API_PREFIX : undefined;
  return new NatsBus(connection, options.logger, apiPrefix);
}

class NatsBus implements Bus {
  readonly #connection: NatsConnection;
  readonly #stream: JetStreamClient;
  readonly #logger: Logger;
  readonly #consumptions = new Set<Arrivals>();
  #connected = true;

  constructor(connection: NatsConnection, logger: Logger, apiPrefix: string | undefined) {
    this.#connection = connection;
    this.#stream = jetstream(connection, { timeout: LIMITS.publishMs, ...(apiPrefix ? { apiPrefix } : {}) });
    this.#logger = logger;
    void this.#followStatus();
  }

  async #followStatus(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type === 'disconnect') this.#connected = false;
      if (status.type === 'reconnect') this.#connected = true;
      if (status.type === 'disconnect' || status.type === 'reconnect') this.#logger.warn(`bus: ${status.type}`);
      if (status.type === 'error') this.#logger.error({ err: status.error }, 'bus: error');
    }
  }

  async publish(subject: string, payload: string, id?: string): Promise<void> {
    try {
      await this.#stream.publish(subject, payload, { retries: 0, ...(id === undefined ? {} : { msgID: id }) });
    } catch (thrown) {
      throw new TransientError('bus-unavailable', `The bus did not store a message on ${subject}`, { cause: thrown });
    }
  }

  signal(subject: string, payload: string): void {
    if (!this.#connection.isClosed()) this.#connection.publish(subject, payload);
  }

  watch(pattern: string, onSignal: (subject: string, payload: string) => void): void {
    this.#connection.subscribe(pattern, {
      callback: (error, message) => {
        if (error) this.#logger.error({ err: error, pattern }, 'bus: watch failed');
        else onSignal(message.subject, message.string());
      },
    });
  }

  consume(options: Parameters<Bus['consume']>[0]): Arrivals {
    const pulling = new AbortController();
    const arrivals = new Arrivals(async () => {
      pulling.abort();
      this.#consumptions.delete(arrivals);
    });
    this.#consumptions.add(arrivals);
    void this.#pull(options, arrivals, pulling.signal);
    return arrivals;
  }

  /** Pulls until stopped. A consumer that is not there (a wiped store) is waited for: `setup` creates it, no service may. */
  async #pull(options: Parameters<Bus['consume']>[0], arrivals: Arrivals, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#connection.isClosed()) {
      try {
        const consumer = await this.#stream.consumers.get(options.stream, options.durable);
        const messages = await consumer.consume({
          max_messages: LIMITS.messagesPulled,
          expires: 5_000,
          abort_on_missing_resource: true,
        });
        const stop = () => void messages.close();
        signal.addEventListener('abort', stop, { once: true });
        for await (const message of messages) {
          if (options.wanted && !options.wanted(message.subject)) message.ack();
          else {
            arrivals.offer(new NatsMessage(message));
            options.onArrival?.();
          }
        }
        signal.removeEventListener('abort', stop);
      } catch (thrown) {
        if (!signal.aborted)
          this.#logger.debug({ err: toParleyError(thrown), durable: options.durable }, 'bus: consumer not there yet');
      }
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, LIMITS.consumerRetryMs));
    }
  }

  isConnected(): boolean {
    return this.#connected && !this.#connection.isClosed();
  }

  serverVersion(): string {
    return this.#connection.info?.version ?? 'unknown';
  }

  async close(): Promise<void> {
    await Promise.all([...this.#consumptions].map((consumption) => consumption.stop()));
    await this.#connection.drain();
  }
}

class NatsMessage implements BusMessage {
  readonly #message: JsMsg;

  constructor(message: JsMsg) {
    this.#message = message;
  }

  get subject(): string {
    return this.#message.subject;
  }

  get deliveries(): number {
    return this.#message.info.deliveryCount;
  }

  text(): string {
    return this.#message.string();
  }

  ack(): void {
    this.#message.ack();
  }

  working(): void {
    this.#message.working();
  }
}
