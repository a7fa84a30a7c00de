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
import type { AgentModule, Reader } from './module.ts';
import { openReader } from './reader.ts';
import { Watermarks } from './watermarks.ts';
import { withinManifest } from './within-manifest.ts';

/** The entry of every agent's process. */
export function runAgent<Briefing>(agent: AgentModule<Briefing>): Promise<void> {
  return runService(agent.manifest.agent, commonShape, (config, logger) => startAgent(agent, config, logger));
}

interface AgentConfig {
  readonly DATABASE_URL: string;
  readonly NATS_URL: string;
}

async function startAgent<Briefing>(
  agent: AgentModule<Briefing>,
  config: AgentConfig,
  logger: Logger,
): Promise<RunningService> {
  const name = agent.manifest.agent;
  const sql = openStore({ url: config.DATABASE_URL, service: name, connections: 2 });
  const bus = await openNatsBus({ url: config.NATS_URL, service: name, logger });
  const serving = serveAgent(agent, { sql, bus, logger });
  return {
    async stop() {
      await serving.stop();
      await bus.close();
      await sql.end({ timeout: 2 });
    },
  };
}

/** Answers events over connections that somebody else has opened, and closes. */
export function serveAgent<Briefing>(agent: AgentModule<Briefing>, deps: Omit<LoopDeps, 'events'>): RunningService {
  const answers = new Set(agent.manifest.answers);
  const events = deps.bus.consume({
    stream: 'EVENTS',
    durable: agent.manifest.agent,
    wanted: (subject) => answers.has(parseEventSubject(subject)?.type ?? ''),
  });
  const loop = new AgentLoop(agent, { ...deps, events });
  const running = loop.run();
  const beat = setInterval(() => loop.beat(), LIMITS.heartbeatMs);
  const working = setInterval(() => loop.working(), LIMITS.workingEveryMs);
  loop.beat();
  return {
    async stop() {
      clearInterval(beat);
      clearInterval(working);
      loop.stopping.abort();
      await events.stop();
      await running;
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
  /** The messages under way; they and those that wait are not given again while this process lives. */
  #underWay: readonly BusMessage[] = [];

  constructor(agent: AgentModule<Briefing>, deps: LoopDeps) {
    this.#agent = agent;
    this.#deps = deps;
    this.#digest = digestOf(agent.manifest);
    this.#watermarks = new Watermarks(deps.bus, deps.sql);
  }

  beat(): void {
    this.#deps.bus.signal(
      aliveSubject(this.#agent.manifest.agent),
      JSON.stringify({ digest: this.#digest, state: this.#isBusy() ? 'busy' : 'idle' }),
    );
  }

  working(): void {
    for (const message of this.#underWay) message.working();
    this.#deps.events.working();
  }

  #isBusy(): boolean {
    return this.#underWay.length > 0 || this.#deps.events.waiting > 0;
  }

  async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const messages = await this.#deps.events.take(LIMITS.eventsPerFetch);
      this.#underWay = messages;
      const byStore = Map.groupBy(this.#mineOf(messages), ({ event }) => event.store);
      for (const [store, batch] of byStore) await this.#answerBatch(store, batch);
      this.#underWay = [];
    }
  }

  /** The events that this agent answers; the others, and what nobody can read, are acknowledged and done with. */
  #mineOf(messages: readonly BusMessage[]): Handed[] {
    return messages.flatMap((message) => {
      try {
        const event = JSON.parse(message.text()) as Envelope;
        if (this.#isMine(event)) return [{ message, event }];
      } catch (thrown) {
        this.#deps.logger.error({ err: thrown, subject: message.subject }, 'a message is not an event');
      }
      message.ack();
      return [];
    });
  }

  /** One store's events of one batch, tried again for as long as the database or the bus is away. */
  async #answerBatch(store: string, batch: readonly Handed[]): Promise<void> {
    const left = new Set(batch);
    while (left.size > 0 && !this.stopping.signal.aborted) {
      try {
        await this.#decideBatch(store, left);
        return;
      } catch (thrown) {
        this.#deps.logger.warn({ err: toParleyError(thrown) }, 'a batch waits: the database or the bus is away');
        await sleep(LIMITS.retryPassMs, this.stopping.signal);
      }
    }
  }

  #isMine(event: Envelope): boolean {
    return (
      event.depth <= LIMITS.depth && (event.addressee === undefined || event.addressee === this.#agent.manifest.agent)
    );
  }

  async #decideBatch(store: string, left: Set<Handed>): Promise<void> {
    const newest = Math.max(...[...left].map(({ event }) => event.seq));
    if (!(await this.#watermarks.reach(store, newest, this.stopping.signal))) return;
    const now = [...left].reduce((max, { event }) => later(max, event.now), '');
    const read = withinManifest(this.#agent.manifest, openReader(this.#deps.sql, store, now));
    const ends = await Promise.allSettled([...left].map((handed) => this.#answer(store, handed, read, left)));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async #answer(store: string, handed: Handed, read: Reader, left: Set<Handed>): Promise<void> {
    const { message, event } = handed;
    const answer = await this.#decide(message, event, read);
    if (answer) {
      const name = this.#agent.manifest.agent;
      await this.#deps.bus.publish(answerSubject(store, name), JSON.stringify(answer), answerId(event.id, name, 1));
      message.ack();
    }
    left.delete(handed);
  }

  /** The answer to one event; undefined where deciding failed: the event is then handed over again, and in the end passed. */
  async #decide(message: BusMessage, event: Envelope, read: Reader): Promise<Answer | undefined> {
    const pass = (why: string) =>
      toAnswer(event, { intents: [], announcements: [], pass: why }, this.#agent.manifest, this.#digest);
    if (message.deliveries >= LIMITS.poisonDeliveries) return pass('poison');
    try {
      const briefing = await this.#agent.gather(event, read);
      return this.#propose(event, briefing) ?? pass('malformed');
    } catch (thrown) {
      if (isUnavailable(thrown)) throw thrown;
      this.#deps.logger.error(
        { err: thrown, event: event.id, type: event.type, delivery: message.deliveries },
        'deciding failed',
      );
      return undefined;
    }
  }

  /** What was decided, once; undefined where it lies outside manifest or contracts: deciding again would not change that. */
  #propose(event: Envelope, briefing: Briefing): Answer | undefined {
    const proposal = this.#agent.decide(event, briefing, event.now);
    try {
      return toAnswer(event, proposal, this.#agent.manifest, this.#digest);
    } catch (thrown) {
      this.#deps.logger.error({ err: thrown, event: event.id, type: event.type }, 'a proposal is malformed');
      return undefined;
    }
  }
}
