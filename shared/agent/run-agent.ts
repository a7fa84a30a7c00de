import type { Bus, BusMessage, Consumption } from '#shared/bus/bus.ts';
import { openNatsBus } from '#shared/bus/nats-bus.ts';
import { aliveSubject, answerSubject, parseEventSubject } from '#shared/bus/subjects.ts';
import type { Answer } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { toParleyError } from '#shared/kernel/errors.ts';
import { answerId } from '#shared/kernel/ids.ts';
import { later } from '#shared/kernel/time.ts';
import { sleep } from '#shared/runtime/clocks.ts';
import { commonShape } from '#shared/runtime/config.ts';
import { digestOf } from '#shared/runtime/digest.ts';
import { type RunningService, runService } from '#shared/runtime/lifecycle.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import { isUnavailable, openStore, type Sql } from '#shared/store/connect.ts';
import { toAnswer } from './check.ts';
import type { AgentModule } from './module.ts';
import { openReader } from './reader.ts';
import { Watermarks } from './watermarks.ts';

/** The entry of every agent's process. */
export function runAgent<Briefing>(agent: AgentModule<Briefing>): Promise<void> {
  return runService(agent.manifest.agent, commonShape, (config, logger) => startAgent(agent, config, logger));
}

interface AgentConfig {
  readonly DATABASE_URL: string;
  readonly NATS_URL: string;
}

export async function startAgent<Briefing>(
  agent: AgentModule<Briefing>,
  config: AgentConfig,
  logger: Logger,
): Promise<RunningService> {
  const name = agent.manifest.agent;
  const sql = openStore({ url: config.DATABASE_URL, service: name, connections: 2 });
  const bus = await openNatsBus({ url: config.NATS_URL, service: name, logger });
  const answers = new Set(agent.manifest.answers);
  const events = bus.consume({
    stream: 'EVENTS',
    durable: name,
    wanted: (subject) => answers.has(parseEventSubject(subject)?.type ?? ''),
  });
  const loop = new AgentLoop(agent, { sql, bus, logger, events });
  const running = loop.run();
  const beat = setInterval(() => loop.beat(), LIMITS.heartbeatMs);
  loop.beat();
  return {
    async stop() {
      clearInterval(beat);
      loop.stopping.abort();
      await events.stop();
      await running;
      await bus.close();
      await sql.end({ timeout: 2 });
    },
  };
}

interface LoopDeps {
  readonly sql: Sql;
  readonly bus: Bus;
  readonly logger: Logger;
  readonly events: Consumption;
}

interface Handed {
  readonly message: BusMessage;
  readonly event: Envelope;
}

/** Takes what has arrived, decides, answers, acknowledges; and again. It keeps nothing from one batch to the next. */
class AgentLoop<Briefing> {
  readonly stopping = new AbortController();
  readonly #agent: AgentModule<Briefing>;
  readonly #deps: LoopDeps;
  readonly #digest: string;
  readonly #watermarks: Watermarks;
  #busy = false;

  constructor(agent: AgentModule<Briefing>, deps: LoopDeps) {
    this.#agent = agent;
    this.#deps = deps;
    this.#digest = digestOf(agent.manifest);
    this.#watermarks = new Watermarks(deps.bus, deps.sql);
  }

  beat(): void {
    this.#deps.bus.signal(
      aliveSubject(this.#agent.manifest.agent),
      JSON.stringify({ digest: this.#digest, state: this.#busy ? 'busy' : 'idle' }),
    );
  }

  async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const messages = await this.#deps.events.take(LIMITS.eventsPerFetch);
      this.#busy = messages.length > 0;
      const handed = messages.map((message) => ({ message, event: JSON.parse(message.text()) as Envelope }));
      const byStore = Map.groupBy(handed, ({ event }) => event.store);
      for (const [store, batch] of byStore) await this.#answerBatch(store, batch);
      this.#busy = false;
    }
  }

  /** One store's events of one batch, tried again for as long as the database or the bus is away. */
  async #answerBatch(store: string, batch: readonly Handed[]): Promise<void> {
    const mine = batch.filter(({ event }) => this.#isMine(event));
    for (const { message, event } of batch) if (!this.#isMine(event)) message.ack();
    const working = () => mine.forEach(({ message }) => void message.working());
    while (mine.length > 0 && !this.stopping.signal.aborted) {
      try {
        await this.#decideBatch(store, mine, working);
        return;
      } catch (thrown) {
        this.#deps.logger.warn({ err: toParleyError(thrown) }, 'a batch waits: the database or the bus is away');
        working();
        await sleep(LIMITS.retryPassMs, this.stopping.signal);
      }
    }
  }

  #isMine(event: Envelope): boolean {
    return (
      event.depth <= LIMITS.depth && (event.addressee === undefined || event.addressee === this.#agent.manifest.agent)
    );
  }

  async #decideBatch(store: string, batch: readonly Handed[], working: () => void): Promise<void> {
    const newest = batch.reduce((max, { event }) => Math.max(max, event.seq), 0);
    await this.#watermarks.reach(store, newest, working);
    const now = batch.reduce((max, { event }) => later(max, event.now), '');
    const read = openReader(this.#deps.sql, store, now);
    await Promise.all(
      batch.map(async ({ message, event }) => {
        const answer = await this.#decide(message, event, read);
        if (!answer) return;
        const name = this.#agent.manifest.agent;
        await this.#deps.bus.publish(answerSubject(store, name), JSON.stringify(answer), answerId(event.id, name, 1));
        message.ack();
      }),
    );
  }

  /** The answer to one event; undefined where deciding failed: the event is then handed over again, and in the end passed. */
  async #decide(
    message: BusMessage,
    event: Envelope,
    read: ReturnType<typeof openReader>,
  ): Promise<Answer | undefined> {
    const { manifest } = this.#agent;
    const pass = (why: string) =>
      toAnswer(event, { intents: [], announcements: [], pass: why }, manifest, this.#digest);
    if (message.deliveries >= LIMITS.poisonDeliveries) return pass('poison');
    try {
      const briefing = await this.#agent.gather(event, read);
      return toAnswer(event, this.#agent.decide(event, briefing, event.now), manifest, this.#digest);
    } catch (thrown) {
      if (isUnavailable(thrown)) throw thrown;
      this.#deps.logger.error(
        { err: thrown, event: event.id, type: event.type, delivery: message.deliveries },
        'deciding failed',
      );
      return undefined;
    }
  }
}
