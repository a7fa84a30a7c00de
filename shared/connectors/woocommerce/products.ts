import { priceSet } from '#shared/contracts/actions/price-set.ts';
import { PermanentError, UnknownOutcomeError } from '#shared/kernel/errors.ts';
import { afterDiscount, decimalText, roundedMinor } from '#shared/kernel/money.ts';
import { done, failed, mustBeInStoreCurrency, mustShow, unknown } from '../ends.ts';
import { actionMark } from '../idempotency.ts';
import { itemOf, readItem, type WooProduct, writeItem } from './goods.ts';
import { archivedMeta, lifecycleOf, saleMeta, saleOf } from './marks.ts';
import { type Errand, nowOf, type Operation } from './operation.ts';

/**
 * The list price is the regular price; `price` is what the platform makes of it and cannot be written. There is no
 * compare-and-set: the price is read first, and where it is neither the one that the decision rested on nor the new one,
 * somebody else has changed it and is not overruled.
 */
export const setPrice: Operation = {
  async execute(errand) {
    const { priceMinor, currency } = priceSet.params.parse(errand.action.params);
    mustBeInStoreCurrency(errand.action, currency);
    const item = itemOf(errand);
    const shown = await readItem(errand, item);
    const before = roundedMinor(shown.regular_price, currency);
    if (before === priceMinor) return { priceMinor, already: true };
    const expected = errand.action.expectedMinor;
    if (expected !== undefined && before !== expected) {
      throw new PermanentError(
        'store-conflict',
        `The store shows the price ${before ?? 'of nothing'}, the decision rested on ${expected}`,
      );
    }
    const change = { regular_price: decimalText(priceMinor, currency), ...saleBeside(shown, priceMinor, errand) };
    const after = roundedMinor((await writeItem(errand, item, change)).regular_price, currency);
    if (after !== priceMinor) {
      throw new UnknownOutcomeError('store-conflict', `The store answered with the price ${after ?? 'of nothing'}`);
    }
    return { priceMinor, before };
  },
  async readBack(errand) {
    const { priceMinor, currency } = priceSet.params.parse(errand.action.params);
    const shown = roundedMinor((await readItem(errand, itemOf(errand))).regular_price, currency);
    if (shown === priceMinor) return done({ priceMinor });
    const expected = errand.action.expectedMinor;
    return expected === undefined || shown === expected
      ? failed(`The store shows the price ${shown ?? 'of nothing'}`)
      : unknown(`Somebody else has set the price to ${shown ?? 'nothing'}`);
  },
};

/**
 * A sale price is an amount of its own and would stay where it is: our own sale keeps the share that was promised, in the
 * same call. A person's sale keeps its amount, unless the new list price would end it.
 */
function saleBeside(shown: WooProduct, priceMinor: number, errand: Errand): object {
  const { currency } = errand.action;
  const sale = saleOf(shown, currency);
  if (!sale || (sale.endsAt !== undefined && sale.endsAt <= nowOf(errand))) return {};
  if (sale.own) {
    const saleMinor = afterDiscount(priceMinor, sale.own.discountBasisPoints);
    return { sale_price: decimalText(saleMinor, currency), meta_data: [saleMeta({ ...sale.own, saleMinor })] };
  }
  if (priceMinor > sale.saleMinor) return {};
  throw new PermanentError('store-conflict', `A sale at ${sale.saleMinor} runs, which this list price would end`);
}

/** The platform has no archive: a product becomes a draft, a variation is switched off, and a mark says why. */
export const archiveProduct: Operation = {
  async execute(errand) {
    const item = itemOf(errand);
    const shown = await readItem(errand, item);
    if (lifecycleOf(shown) === 'archived') return { status: shown.status, already: true };
    // Variations of the product were not granted.
    if ((shown.variations?.length ?? 0) > 0) {
      throw new PermanentError('not-permitted', 'The product has variations, which would be archived with it');
    }
    const hidden = item.product === item.variant ? 'draft' : 'private';
    const status = shown.status === 'publish' ? hidden : shown.status;
    const mark = archivedMeta(actionMark(errand.action.action));
    mustShow(lifecycleOf(await writeItem(errand, item, { status, meta_data: [mark] })) === 'archived');
    return { status };
  },
  async readBack(errand) {
    const shown = await readItem(errand, itemOf(errand));
    return lifecycleOf(shown) === 'archived'
      ? done({ status: shown.status })
      : failed(`The product is ${shown.status}`);
  },
};
