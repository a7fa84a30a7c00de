import { later } from '#shared/kernel/time.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { appendEvents } from '#shared/store/append-events.ts';
import { hasOpenActions } from '#shared/store/coordinator/boundary.ts';
import {
  dropRecurring,
  insertTimers,
  moveClock,
  readNextDue,
  takeDueTimers,
} from '#shared/store/coordinator/timers.ts';
import { readStores } from '#shared/store/stores.ts';
import type { Desk } from './desk.ts';
import { timerEvent } from './write.ts';

const DUE_UNKNOWN = '';

/** The business timers of one store. A timer is a row; here is only the memory of when the next one is due. */
export class TimerDesk {
  readonly #desk: Desk;
  #nextDue: string | undefined = DUE_UNKNOWN;
  #scheduledUnder: string | undefined;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Fires what is due on the store clock: each timer becomes its event and goes. True when any fired. */
  async fire(): Promise<boolean> {
    const desk = this.#desk;
    const clock =
      desk.kind === 'live' ? later(desk.clock, new Date(desk.deps.clocks.nowMs()).toISOString()) : desk.clock;
    await this.#schedule(clock);
    if (desk.timersChanged || this.#nextDue === DUE_UNKNOWN) await this.#readNext();
    if (this.#nextDue === undefined || this.#nextDue > clock) return false;
    const events = await desk.transact(async (tx) => {
      const due = await takeDueTimers(tx, desk.store, clock, LIMITS.timersPerFiring);
      const policy = await desk.rules.policy(tx, desk.rules.hashAt(desk.position));
      const next = due.flatMap((timer) => {
        const schedule = policy.shop.schedules.find((entry) => entry.name === timer.recurs);
        return schedule && !this.#isReplayOver ? [{ ...timer, store: desk.store, due: schedule.next(clock) }] : [];
      });
      await insertTimers(tx, next);
      return appendEvents(
        tx,
        desk.store,
        due.map((timer) => timerEvent(timer, desk.store, clock, desk.deps.clocks.newId)),
      );
    });
    this.#nextDue = DUE_UNKNOWN;
    desk.announce(events);
    return events.length > 0;
  }

  /**
   * A replay has sent everything: whenever rounds and actions are all closed, the clock goes to the next timer, until
   * none is open. Recurring schedules stop there. True when the clock was moved.
   */
  async drain(): Promise<boolean> {
    const desk = this.#desk;
    if (!this.#isReplayOver || desk.rounds.size > 0) return false;
    const moved = await desk.transact(async (tx) => {
      const row = (await readStores(tx)).find((entry) => entry.store === desk.store);
      if (!row || row.head !== desk.position || (await hasOpenActions(tx, desk.store))) return undefined;
      await dropRecurring(tx, desk.store);
      const due = await readNextDue(tx, desk.store, false);
      if (due !== undefined) await moveClock(tx, desk.store, due);
      return due;
    });
    if (moved === undefined) return false;
    desk.clock = later(desk.clock, moved);
    this.#nextDue = moved;
    return true;
  }

  /** A live store's time goes on, whatever anybody told of an end. */
  get #isReplayOver(): boolean {
    return this.#desk.kind === 'replay' && this.#desk.replayEndedAt !== undefined;
  }

  /** Recurring times of the rule set in force; those of an older set that are gone simply do not recur. */
  async #schedule(clock: string): Promise<void> {
    const desk = this.#desk;
    const hash = desk.rules.latest;
    if (hash === undefined || hash === this.#scheduledUnder || this.#isReplayOver) return;
    await desk.transact(async (tx) => {
      const policy = await desk.rules.policy(tx, hash);
      await insertTimers(
        tx,
        policy.shop.schedules.map((schedule) => ({
          store: desk.store,
          timer: `schedule.${schedule.name}`,
          due: schedule.next(clock),
          kind: 'schedule.due',
          recurs: schedule.name,
          ref: { event: { data: { name: schedule.name } } },
        })),
      );
    });
    this.#scheduledUnder = hash;
    this.#nextDue = DUE_UNKNOWN;
  }

  async #readNext(): Promise<void> {
    const desk = this.#desk;
    desk.timersChanged = false;
    this.#nextDue = await desk.transact((tx) => readNextDue(tx, desk.store, true));
  }
}
