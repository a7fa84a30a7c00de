import { TransientError } from '#shared/kernel/errors.ts';
import { Arrivals } from './arrivals.ts';
import type { Bus, BusMessage } from './bus.ts';
import { consumersFor, STREAMS, type StreamName } from './streams.ts';

/** Runs something later and answers how to call it off; a simulation brings its own. */
export type Later = (ms: number, work: () => void) => () => void;

const later: Later = (ms, work) => {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
};

interface Stored {
  readonly subject: string;
  readonly payload: string;
}

interface Durable {
  readonly stream: StreamName;
  readonly filter: string;
  /** Place in the stream of the next message that has not been given to anybody. */
  next: number;
  /** Given and neither acknowledged nor waiting for a reader. */
  readonly again: { readonly message: Stored; readonly deliveries: number }[];
  readonly readers: Reader[];
}

interface Reader {
  readonly arrivals: Arrivals;
  readonly wanted: (subject: string) => boolean;
  readonly onArrival: () => void;
}

/**
 * The server of the memory driver: what JetStream would keep, for tests and simulations within one process. Each `connect`
 * is one service's connection. It forgets everything with the process, and `wipe` loses it before.
 */
export class MemoryServer {
  readonly #ackWaitMs: number;
  readonly #later: Later;
  readonly #streams = new Map<StreamName, { messages: Stored[]; ids: Set<string> }>();
  readonly #durables = new Map<string, Durable>();
  readonly #watchers = new Set<{ pattern: string; onSignal: (subject: string, payload: string) => void }>();

  constructor(options: { ackWaitMs: number; later?: Later }) {
    this.#ackWaitMs = options.ackWaitMs;
    this.#later = options.later ?? later;
    this.wipe();
  }

  /** Loses every message; who consumes a durable finds it again when it has been ensured. */
  wipe(): void {
    this.#durables.clear();
    for (const { name } of STREAMS) this.#streams.set(name, { messages: [], ids: new Set() });
  }

  /** Creates the durable consumers that are missing. */
  ensure(stores: readonly string[], agents: readonly string[]): void {
    for (const { stream, durable, filter } of consumersFor(stores, agents)) {
      const key = `${stream}.${durable}`;
      if (!this.#durables.has(key)) this.#durables.set(key, { stream, filter, next: 0, again: [], readers: [] });
    }
  }

  connect(): Bus {
    return new MemoryBus(this);
  }

  store(subject: string, payload: string, id: string | undefined): void {
    const name = STREAMS.find((stream) => stream.subjects.some((pattern) => covers(pattern, subject)))?.name;
    if (!name) throw new TransientError('bus-unavailable', `No stream stores ${subject}.`);
    const stream = this.#streams.get(name)!;
    if (id !== undefined && stream.ids.has(id)) return;
    if (id !== undefined) stream.ids.add(id);
    stream.messages.push({ subject, payload });
    for (const durable of this.#durables.values()) if (durable.stream === name) this.#give(durable);
  }

  signal(subject: string, payload: string): void {
    for (const { pattern, onSignal } of this.#watchers)
      if (covers(pattern, subject)) queueMicrotask(() => onSignal(subject, payload));
  }

  watch(pattern: string, onSignal: (subject: string, payload: string) => void): void {
    this.#watchers.add({ pattern, onSignal });
  }

  read(stream: StreamName, name: string, reader: Reader): () => void {
    const durable = this.#durables.get(`${stream}.${name}`);
    if (!durable) throw new TransientError('bus-unavailable', `There is no consumer ${name} on ${stream}.`);
    durable.readers.push(reader);
    this.#give(durable);
    return () => {
      durable.readers.splice(durable.readers.indexOf(reader), 1);
    };
  }

  /** Hands over what waits, to the readers in turn. */
  #give(durable: Durable): void {
    const { messages } = this.#streams.get(durable.stream)!;
    while (durable.readers.length > 0) {
      const entry = durable.again.shift() ?? { message: messages[durable.next++], deliveries: 0 };
      if (!entry.message) {
        durable.next--;
        return;
      }
      if (!covers(durable.filter, entry.message.subject)) continue;
      const reader = durable.readers.shift()!;
      durable.readers.push(reader);
      this.#handOver(durable, reader, { message: entry.message, deliveries: entry.deliveries + 1 });
    }
  }

  #handOver(durable: Durable, reader: Reader, entry: Durable['again'][number]): void {
    if (!reader.wanted(entry.message.subject)) return;
    const giveAgain = () => {
      durable.again.push(entry);
      this.#give(durable);
    };
    let cancel = this.#later(this.#ackWaitMs, giveAgain);
    const message: BusMessage = {
      subject: entry.message.subject,
      deliveries: entry.deliveries,
      text: () => entry.message.payload,
      ack: () => cancel(),
      working: () => {
        cancel();
        cancel = this.#later(this.#ackWaitMs, giveAgain);
      },
    };
    reader.arrivals.offer(message);
    reader.onArrival();
  }
}

class MemoryBus implements Bus {
  readonly #server: MemoryServer;
  readonly #consumptions = new Set<Arrivals>();
  #isOpen = true;

  constructor(server: MemoryServer) {
    this.#server = server;
  }

  async publish(subject: string, payload: string, id?: string): Promise<void> {
    if (!this.#isOpen) throw new TransientError('bus-unavailable', 'The connection is closed.');
    this.#server.store(subject, payload, id);
  }

  signal(subject: string, payload: string): void {
    if (this.#isOpen) this.#server.signal(subject, payload);
  }

  watch(pattern: string, onSignal: (subject: string, payload: string) => void): void {
    this.#server.watch(pattern, (subject, payload) => {
      if (this.#isOpen) onSignal(subject, payload);
    });
  }

  consume(options: Parameters<Bus['consume']>[0]): Arrivals {
    const leave: { now?: () => void } = {};
    const arrivals = new Arrivals(async () => {
      leave.now?.();
      this.#consumptions.delete(arrivals);
    });
    this.#consumptions.add(arrivals);
    leave.now = this.#server.read(options.stream, options.durable, {
      arrivals,
      wanted: options.wanted ?? (() => true),
      onArrival: options.onArrival ?? (() => {}),
    });
    return arrivals;
  }

  isConnected(): boolean {
    return this.#isOpen;
  }

  serverVersion(): string {
    return 'memory';
  }

  async close(): Promise<void> {
    await Promise.all([...this.#consumptions].map((consumption) => consumption.stop()));
    this.#isOpen = false;
  }
}

/** NATS's wildcards: `*` is one token, `>` is all that follow. */
function covers(pattern: string, subject: string): boolean {
  const wanted = pattern.split('.');
  const tokens = subject.split('.');
  for (const [index, part] of wanted.entries()) {
    if (part === '>') return tokens.length > index;
    if (tokens[index] === undefined || (part !== '*' && part !== tokens[index])) return false;
  }
  return tokens.length === wanted.length;
}
