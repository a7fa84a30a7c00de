import { promotionTitle } from '#shared/connectors/idempotency.ts';
import { toParleyError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { nameWrites, type TakenAction, takeDueActions } from '#shared/store/executor/due-actions.ts';
import { inStores } from '#shared/store/transaction.ts';
import { Bell } from './bell.ts';
import { carryOut } from './carry-out.ts';
import { type Deps, SERVICE } from './deps.ts';
import { BULK_TYPES, placesFor, URGENT_TYPES } from './lanes.ts';

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

  /** Until the signal; then waits for what is under way. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.tick();
      } catch (thrown) {
        this.#deps.logger.error({ err: toParleyError(thrown) }, `${SERVICE}: due actions could not be taken`);
      }
      await this.#bell.wait(LIMITS.lookIntoPostgresMs, signal);
    }
    await Promise.all(this.#underWay);
  }

  /** Takes once, as many as there are places. */
  async tick(): Promise<void> {
    const places = placesFor(this.#underWay.size, LIMITS.actionsAtOnce, LIMITS.actionsKeptForUrgent);
    if (places.urgent === 0) return;
    const signal = AbortSignal.timeout(LIMITS.callByMs - LIMITS.storeHttpMs - LIMITS.callMarginMs);
    const taken = await this.#take(places);
    const lastOn = new Map<string, Promise<void>>();
    for (const action of taken) {
      // Two of one batch on one leaf go one after the other; the database keeps those of different batches apart.
      const keys = action.leaves.map((leaf) => `${action.store}\n${leaf}`);
      const before = keys.flatMap((key) => lastOn.get(key) ?? []);
      const work = Promise.all(before).then(() => this.#carryOut(action, signal));
      for (const key of keys) lastOn.set(key, work);
    }
  }

  #carryOut(action: TakenAction, signal: AbortSignal): Promise<void> {
    const work = carryOut(action, signal, this.#deps)
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

  #take(places: { urgent: number; bulk: number }): Promise<TakenAction[]> {
    const { sql, owner } = this.#deps;
    return inStores(sql, this.#stores(), async (tx) => {
      const urgent = await takeDueActions(tx, owner, URGENT_TYPES, places.urgent);
      const left = Math.min(places.bulk, places.urgent - urgent.length);
      const bulk = left > 0 ? await takeDueActions(tx, owner, BULK_TYPES, left) : [];
      for (const { store, action, type, params } of bulk) {
        if (type === 'promotion.launch')
          await nameWrites(tx, store, action, promotionTitle(action, String(params.title)));
      }
      return [...urgent, ...bulk];
    });
  }
}
