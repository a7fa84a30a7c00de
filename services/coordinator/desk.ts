import type { BusMessage } from '#shared/bus/bus.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { TransientError } from '#shared/kernel/errors.ts';
import { answerId } from '#shared/kernel/ids.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { appendEvents } from '#shared/store/append-events.ts';
import type { Transaction } from '#shared/store/connect.ts';
import {
  type AnswerRow,
  insertAnswers,
  openRounds,
  readAnswersOfOpenRounds,
  readEarlyAnswers,
  readOpenRounds,
} from '#shared/store/coordinator/rounds.ts';
import { readActivations, readPinned, readReplayEnded } from '#shared/store/coordinator/rule-sets.ts';
import { readShadowRun, type ShadowRun } from '#shared/store/coordinator/shadow.ts';
import { type DeadLetter, writeDeadLetters, writeDeadLettersOnce } from '#shared/store/dead-letters.ts';
import { EventFeed } from '#shared/store/event-feed.ts';
import { fence, fenceAlone } from '#shared/store/leases.ts';
import { readPosition, writePosition } from '#shared/store/positions.ts';
import { readEventsAfter, readEventsAt, readEventsById } from '#shared/store/read-events.ts';
import type { StoreRow } from '#shared/store/stores.ts';
import { inStores } from '#shared/store/transaction.ts';
import { heldDraft, partAsked } from './asked.ts';
import { type Deps, SERVICE } from './deps.ts';
import { expectedAgents, hasEffect, type OpenRound, openRound } from './open-round.ts';
import { publishEvents } from './publish.ts';
import { RoundFault } from './round-fault.ts';
import { RulesInForce } from './rules-in-force.ts';
import { distinctRows, readAnswerMessage, type TakenAnswer } from './take-answers.ts';
import type { FolderState } from './watch-rules.ts';

/** What the holder of a partition keeps of one store: where it stands, and the rounds that wait for answers. */
export class Desk {
  readonly store: string;
  readonly kind: 'live' | 'replay';
  readonly partition: number;
  readonly epoch: number;
  readonly rounds = new Map<number, OpenRound>();
  readonly feed = new EventFeed(LIMITS.feedEvents);
  readonly rules: RulesInForce;
  readonly deps: Deps;
  readonly #early = new Map<number, AnswerRow[]>();
  position = 0;
  watermark = 0;
  /** The store clock as last seen. */
  clock: string;
  replayEndedAt: number | undefined;
  /** The rule set that is tried beside the one in force. */
  shadow: ShadowRun | undefined;
  /** What the rule folder held when it was last looked at, and what was last asked about taking it up. */
  folderSeen: FolderState | undefined;
  considered = '';
  /** So few rounds a transaction while any up to this place is open: one of them writes what Postgres refuses. */
  narrowed: { readonly upTo: number; readonly most: number } | undefined;
  /** Set when timers were written: the next due time must be read again. */
  timersChanged = true;
  #lookAtMs = 0;
  #isInDoubt = false;

  constructor(row: StoreRow, epoch: number, deps: Deps) {
    this.store = row.store;
    this.kind = row.clock_kind;
    this.partition = row.partition;
    this.clock = row.clock;
    this.epoch = epoch;
    this.deps = deps;
    this.rules = new RulesInForce(deps.compiled);
  }

  /**
   * Runs a transaction of this store under the lease; a stale holder writes nothing. One that fails may have been committed
   * all the same, its answer lost: from then on only the table knows where this desk stands. A fault in judging is our own.
   */
  async transact<Result>(work: (tx: Transaction) => Promise<Result>, lock = fence): Promise<Result> {
    try {
      return await inStores(this.deps.sql, [this.store], async (tx) => {
        if (!(await lock(tx, SERVICE, this.partition, this.epoch)))
          throw new TransientError('lease-lost', `The lease of partition ${this.partition} has moved on.`);
        return work(tx);
      });
    } catch (thrown) {
      if (!(thrown instanceof RoundFault)) this.#isInDoubt = true;
      throw thrown;
    }
  }

  /** Before each pass: what this desk keeps may be behind the table, so it is read again before anything rests on it. */
  async settleDoubt(): Promise<void> {
    if (!this.#isInDoubt) return;
    await this.restore();
    this.deps.logger.warn({ store: this.store, position: this.position }, 'taken up again after a failure in doubt');
  }

  /** Takes up where the table says that its holder stands: position, open rounds, answers that came already. */
  async restore(): Promise<void> {
    const kept = await this.transact((tx) => this.#readKept(tx), fenceAlone);
    const waited = new Map(this.rounds);
    this.rounds.clear();
    this.#early.clear();
    this.position = kept.position;
    this.watermark = Math.max(this.watermark, kept.watermark);
    for (const { seq, hash, how } of kept.activations) this.rules.activate(seq, hash, how ?? undefined);
    this.rules.pinned = kept.pinned;
    this.shadow = kept.shadow;
    this.replayEndedAt = kept.replayEndedAt;
    const events = new Map(kept.events.map((event) => [event.seq, event]));
    const last = events.get(kept.position);
    if (last && last.now > this.clock) this.clock = last.now;
    for (const row of kept.open) {
      const round = openRound(events.get(row.seq)!, row.missing, row.faults);
      round.judgeableAtMs = waited.get(row.seq)?.judgeableAtMs;
      this.rounds.set(row.seq, round);
    }
    for (const answer of kept.answers) this.#place(answer);
    this.feed.forget(this.position);
    this.timersChanged = true;
    this.#lookAtMs = 0;
    this.#isInDoubt = false;
  }

  async #readKept(tx: Transaction) {
    const { store } = this;
    const position = await readPosition(tx, store, SERVICE);
    const open = await readOpenRounds(tx, store);
    return {
      position,
      open,
      watermark: await readPosition(tx, store, 'context'),
      activations: await readActivations(tx, store),
      pinned: await readPinned(tx, store),
      shadow: await readShadowRun(tx, store),
      replayEndedAt: await readReplayEnded(tx, store),
      events: await readEventsAt(tx, store, [...open.map((row) => row.seq), position]),
      answers: [...(await readAnswersOfOpenRounds(tx, store)), ...(await readEarlyAnswers(tx, store, position))],
    };
  }

  /** Opens rounds for new events and takes answers in, in one transaction. True when there was anything. */
  async collect(messages: readonly BusMessage[]): Promise<boolean> {
    const room = Math.max(0, LIMITS.openRounds - this.rounds.size);
    const fromBus = this.feed.take(this.position, Math.min(room, LIMITS.eventsPerProjection));
    if (fromBus.length === 0 && messages.length === 0 && (room === 0 || !this.#shouldLook())) return false;
    const taken = messages.map((message) => readAnswerMessage(message.subject, message.text(), this.#agents()));
    const rows = distinctRows(taken);
    const { events, opened, late, fresh } = await this.transact(async (tx) => {
      const events = fromBus.length > 0 || room === 0 ? fromBus : await this.#look(tx, room);
      const answered = await this.#readAnswered(tx, rows, events);
      const { asked, letters } = partAsked(rows, answered, this.#agents());
      const opened = this.#openAll(events, asked);
      await openRounds(tx, opened);
      const readable = asked.map((row) => this.#judgeStanding(row, opened));
      const inserted = new Set(
        (await insertAnswers(tx, readable)).map((row) => answerId(row.event, row.agent, row.part)),
      );
      const fresh = readable.filter((row) => inserted.has(answerId(row.event, row.agent, row.part)));
      await this.#setAside(tx, [...taken, ...letters.map((letter) => ({ letter }))]);
      if (events.length > 0) await writePosition(tx, this.store, SERVICE, events.at(-1)!.seq);
      const held = fresh.filter((row) => row.standing === 'late' || row.standing === 'more');
      const late = await appendEvents(
        tx,
        this.store,
        held.map((row) => heldDraft(row, answered.get(row.event)!, this.deps.clocks.newId(), this.clock)),
      );
      return { events, opened, late, fresh };
    });
    for (const message of messages) message.ack();
    for (const [n, event] of events.entries()) this.#remember(event, opened[n]!);
    for (const answer of fresh) this.#place(answer);
    this.announce(late);
    return events.length > 0 || messages.length > 0;
  }

  /** Events that this desk has written: told to everybody, and taken up here without waiting for the bus. */
  announce(events: readonly Envelope[]): void {
    for (const event of events) this.feed.offer(event);
    publishEvents(events, this.deps);
  }

  /** A rule set came into force at this event's place. */
  activated({ seq, data }: Envelope): void {
    const { hash, how } = data as { readonly hash: string; readonly how?: string };
    // What is in force is not tried any more.
    if (hash === this.shadow?.hash) this.shadow = undefined;
    if (this.rules.activate(seq, hash, how))
      this.deps.logger.info({ store: this.store, ruleSet: hash.slice(0, 12), how }, 'rule set in force');
  }

  /** A heartbeat of an idle agent: what it owes since two of them is told again. */
  idle(agent: string): void {
    const again: Envelope[] = [];
    for (const round of this.rounds.values()) {
      if (!round.missing.has(agent)) continue;
      const times = (round.idle.get(agent) ?? 0) + 1;
      round.idle.set(agent, times % 2);
      if (times === 2 && again.length < LIMITS.toldAgain) again.push(round.event);
    }
    if (again.length > 0) {
      this.deps.logger.info(
        { agent, events: again.length, store: this.store },
        'an idle agent owes answers: told again',
      );
      publishEvents(again, this.deps, `.${agent}.${this.deps.clocks.nowMs()}`);
    }
  }

  #agents() {
    return new Map(this.deps.agents().map((row) => [row.agent, row]));
  }

  /** Once a second, and whenever the bus has told of more than it has brought. */
  #shouldLook(): boolean {
    const nowMs = this.deps.clocks.nowMs();
    if (this.feed.newest <= this.position && nowMs < this.#lookAtMs) return false;
    this.#lookAtMs = nowMs + LIMITS.lookIntoPostgresMs;
    return true;
  }

  /** What the bus has not told: events after the position, and how far context is. */
  async #look(tx: Transaction, room: number): Promise<Envelope[]> {
    this.watermark = Math.max(this.watermark, await readPosition(tx, this.store, 'context'));
    return readEventsAfter(tx, this.store, this.position, Math.min(room, LIMITS.eventsPerProjection));
  }

  /** The events that these answers are to, by id: those at hand, and others of this store as the table has them. */
  async #readAnswered(
    tx: Transaction,
    rows: readonly AnswerRow[],
    events: readonly Envelope[],
  ): Promise<Map<string, Envelope>> {
    const taken = new Map(events.map((event) => [event.seq, event]));
    const answered = new Map<string, Envelope>();
    const unknown = new Set<string>();
    for (const { event: id, seq } of rows) {
      const event = this.rounds.get(seq)?.event ?? taken.get(seq);
      if (event?.id === id) answered.set(id, event);
      else unknown.add(id);
    }
    for (const event of await readEventsById(tx, this.store, [...unknown])) answered.set(event.id, event);
    return answered;
  }

  /** A round stays open for those who are expected, and for an agent that was quicker than this desk. */
  #openAll(events: readonly Envelope[], asked: readonly AnswerRow[]) {
    const answered = new Set([...this.#early.keys(), ...asked.map((row) => row.seq)]);
    return events.map((event) => {
      const expected = expectedAgents(event, this.deps.agents(), (row) =>
        this.deps.liveness.isExpected(row.agent, row.digest, this.deps.clocks.nowMs()),
      );
      const closed = expected.length === 0 && !hasEffect(event) && !answered.has(event.seq);
      return { store: this.store, seq: event.seq, event: event.id, expected, closed };
    });
  }

  #remember(event: Envelope, { expected, closed }: { readonly expected: string[]; readonly closed: boolean }): void {
    this.position = event.seq;
    if (event.now > this.clock) this.clock = event.now;
    if (event.type === 'rules.activated') this.activated(event);
    if (!closed) this.rounds.set(event.seq, openRound(event, expected));
    this.feed.forget(event.seq);
    const early = this.#early.get(event.seq);
    this.#early.delete(event.seq);
    for (const answer of early ?? []) this.#place(answer);
  }

  /** `late` where the round has been closed without it. */
  #judgeStanding(row: AnswerRow, opened: readonly { readonly seq: number; readonly closed: boolean }[]): AnswerRow {
    const isOpen = this.rounds.has(row.seq) || opened.some(({ seq, closed }) => seq === row.seq && !closed);
    const closed = row.seq <= (opened.at(-1)?.seq ?? this.position) && !isOpen;
    return closed && row.standing === 'open' ? { ...row, standing: 'late' } : row;
  }

  #place(answer: AnswerRow): void {
    if (answer.standing === 'late' || answer.standing === 'more') return;
    const round = this.rounds.get(answer.seq);
    if (round && round.event.id === answer.event) {
      round.missing.delete(answer.agent);
      round.dropped.delete(answer.agent);
      round.answers.push(answer);
    } else if (answer.seq > this.position) {
      this.#early.set(answer.seq, [...(this.#early.get(answer.seq) ?? []), answer]);
    }
  }

  /** What comes again, because nobody acknowledged it or an agent gives it twice, is set aside once. */
  async #setAside(tx: Transaction, taken: readonly TakenAnswer[]): Promise<void> {
    const letters = taken.flatMap(({ letter }): DeadLetter[] =>
      letter ? [{ ...letter, store: this.store, id: this.deps.clocks.newId(), service: SERVICE }] : [],
    );
    const { answer = [], message = [] } = Object.groupBy(letters, ({ kind }) => kind);
    await writeDeadLettersOnce(tx, answer);
    await writeDeadLetters(tx, message);
  }
}
