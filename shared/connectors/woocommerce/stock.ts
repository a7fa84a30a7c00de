import { stockCorrect } from '#shared/contracts/actions/stock-correct.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { done, failed, mustShow, unknown } from '../ends.ts';
import { type Item, itemOf, readItem, writeItem } from './goods.ts';
import type { Errand, Operation } from './operation.ts';

/** The level of an item that is counted by itself. */
async function readLevel(errand: Errand, item: Item): Promise<number | null> {
  const { manage_stock, stock_quantity } = await readItem(errand, item);
  if (manage_stock === 'parent') {
    throw new PermanentError('store-conflict', 'The store counts this variation together with its product');
  }
  if (!manage_stock) throw new PermanentError('not-found', 'The store does not count this item');
  return stock_quantity;
}

/**
 * No compare-and-swap: the level is read, compared, and changed by the difference instead of set. Between our look and
 * our write orders come in; a level that is set would take their units back, a difference leaves them sold. The platform
 * reads and adds within one request (`inventory_delta`, in the source of v1 to v3 and not in its documentation), so what
 * is left of the race are milliseconds in there.
 */
export const correctStock: Operation = {
  async execute(errand) {
    const { level, expected } = stockCorrect.params.parse(errand.action.params);
    const item = itemOf(errand);
    const before = await readLevel(errand, item);
    if (before === level) return { level, already: true };
    if (before !== expected) {
      throw new PermanentError(
        'store-conflict',
        `The level is ${before ?? 'unknown'}, the count rested on ${expected}`,
      );
    }
    const { stock_quantity: shown } = await writeItem(errand, item, { inventory_delta: level - expected });
    if (shown === level) return { level };
    mustShow(typeof shown === 'number');
    // A store whose plugins took the request over has not corrected anything.
    if (shown === before) throw new PermanentError('store-refused', `The store kept the level ${shown}`);
    return { level, shown };
  },
  async readBack(errand) {
    const { level, expected } = stockCorrect.params.parse(errand.action.params);
    const shown = await readLevel(errand, itemOf(errand));
    if (shown === level) return done({ level });
    return shown === expected ? failed(`The level is still ${expected}`) : unknown(`The level is ${shown}`);
  },
};
