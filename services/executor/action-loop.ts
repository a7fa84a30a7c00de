import { promotionTitle } from '#shared/connectors/idempotency.ts';
import { toParleyError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { type CalledAction, nameWrites, takeDueActions } from '#shared/store/executor/due-actions.ts';
import { giveBackAction } from '#shared/store/executor/end-action.ts';
import { inStores } from '#shared/store/transaction.ts';
import { Bell } from './bell.ts';
import { carryOut } from './carry-out.ts';
import { type Deadline, type Deps, deadlineIn, SERVICE } from './deps.ts';
import { ALL_LANES, type LaneTypes, lessPlaces, MAIL_LANES, type Places, placesFor, STORE_LANES } from './lanes.ts';
import { untilWritten } from './tell.ts';

interface Signals {
  /** After this no call begins: its end could not be written in time. */
  readonly inTime: Deadline;
  /** That, or the process is stopping. */
  readonly mayBegin: AbortSignal;
}

/** Takes due actions as places become free, urgent ones first, and carries them out side by side. */
export class ActionLoop {
  readonly #deps: Deps;
  readonly #bell = new Bell();
  readonly #underWay = new Set<Promise<void>>();
  readonly #stores: () => readonly string[];

  constructor(deps: Deps, stores: () => readonly string[]) {
    this.#deps = deps;
    this.#stores = stores;
  }

  ring(): void {
    this.#bell.ring();
  }

  get busy(): boolean {
    return this.#underWay.size > 0;
  }

  /** Until the signal; then waits for what is under way, and begins nothing more. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.tick(signal);
      } catch (thrown) {
        this.#deps.logger.error({ err: toParleyError(thrown) }, `${SERVICE}: due actions could not be taken`);
      }
      await this.#bell.wait(LIMITS.lookIntoPostgresMs, signal);
    }
    await Promise.all(this.#underWay);
  }

  /** Takes once, as many as there are places. After `stopping` nothing that waits for another call is begun. */
  async tick(stopping?: AbortSignal): Promise<void> {
    const places = placesFor(this.#underWay.size, LIMITS.actionsAtOnce, LIMITS.actionsKeptForUrgent);
    if (places.urgent === 0) return;
    const inTime = deadlineIn(LIMITS.callByMs - LIMITS.storeHttpMs - LIMITS.callMarginMs, this.#deps.clocks);
    const mayBegin = stopping ? AbortSignal.any([inTime.signal, stopping]) : inTime.signal;
    const signals = { inTime, mayBegin };
    const taken = await this.#take(places);
    const lastOn = new Map<string, Promise<void>>();
    for (const action of taken) {
      // Two of one batch on one leaf go one after the other; the database keeps those of different batches apart.
      const keys = action.leaves.map((leaf) => `${action.store}\n${leaf}`);
      const work = this.#carryOutAfter(
        keys.flatMap((key) => lastOn.get(key) ?? []),
        action,
        signals,
      );
      for (const key of keys) lastOn.set(key, work);
    }
  }

  /** An action has its place from when it is taken: while it waits for another on its leaf it is under way as well. */
  #carryOutAfter(before: readonly Promise<void>[], action: CalledAction, signals: Signals): Promise<void> {
    const work = Promise.all(before)
      .then(() => (signals.mayBegin.aborted ? this.#giveBack(action) : carryOut(action, signals.inTime, this.#deps)))
      .catch((thrown: unknown) =>
        this.#deps.logger.error({ err: toParleyError(thrown), action: action.action }, 'its end could not be written'),
      )
      .finally(() => {
        this.#underWay.delete(work);
        this.#bell.ring();
      });
    this.#underWay.add(work);
    return work;
  }

  /** Nothing of it has been sent: whoever looks next may take it, and it can be revoked until then. */
  async #giveBack(call: CalledAction): Promise<void> {
    await untilWritten(this.#deps, () => inStores(this.#deps.sql, [call.store], (tx) => giveBackAction(tx, call)));
    this.#deps.counts.add('action.given-back');
  }

  /**
   * A store that does not answer is left alone: its actions keep their tries, and can be revoked, while they wait. To see
   * whether it answers again one of them goes. Mails do not go to the store.
   */
  async #take(places: Places): Promise<CalledAction[]> {
    const { connectors } = this.#deps;
    const by = Map.groupBy(this.#stores(), (store) => connectors.stateOf(store));
    const closed = await this.#takeFrom(by.get('closed') ?? [], places, ALL_LANES);
    const left = (taken: readonly CalledAction[]) => lessPlaces(places, taken.length);
    const away = [...(by.get('open') ?? []), ...(by.get('half-open') ?? [])];
    const mails = await this.#takeFrom(away, left(closed), MAIL_LANES);
    const taken = [...closed, ...mails];
    for (const store of by.get('half-open') ?? []) {
      const one = { urgent: Math.min(1, left(taken).urgent), bulk: Math.min(1, left(taken).urgent) };
      taken.push(...(await this.#takeFrom([store], one, STORE_LANES)));
    }
    return taken;
  }

  async #takeFrom(stores: readonly string[], places: Places, lanes: LaneTypes): Promise<CalledAction[]> {
    const { sql, owner } = this.#deps;
    if (stores.length === 0 || places.urgent === 0) return [];
    return await inStores(sql, stores, async (tx) => {
      const urgent = await takeDueActions(tx, owner, lanes.urgent, places.urgent);
      const left = Math.min(places.bulk, places.urgent - urgent.length);
      const bulk = left > 0 ? await takeDueActions(tx, owner, lanes.bulk, left) : [];
      for (const { store, action, type, params } of bulk) {
        if (type === 'promotion.launch')
          await nameWrites(tx, store, action, promotionTitle(action, String(params.title)));
      }
      return [...urgent, ...bulk];
    });
  }
}
