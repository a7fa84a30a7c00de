import { promotionLaunch } from '#shared/contracts/actions/promotion-launch.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { afterDiscount, decimalText, roundedMinor } from '#shared/kernel/money.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { ReadBack } from '../connector.ts';
import { agreed, done, failed, oneByOne, unknown } from '../ends.ts';
import { actionMark, isPromotionOf, promotionTitle } from '../idempotency.ts';
import { launchCoupon, lookForCoupon, ownCoupons, stopCoupon } from './coupons.ts';
import { type Change, type Item, itemsOf, readItems, type WooProduct, writesOf } from './goods.ts';
import { couponOf, isStoppedBy, type Sale, saleMeta, saleOf, stoppedMeta } from './marks.ts';
import { type Errand, nowOf, type Operation } from './operation.ts';

interface Offered {
  readonly item: Item;
  readonly product: WooProduct;
  readonly sale: Sale | undefined;
}

const isOver = (sale: Sale, now: Instant) => sale.endsAt !== undefined && sale.endsAt <= now;

/** The leaves that the store has, each with the sale that it is in or will be in. */
function offered(errand: Errand, items: readonly Item[], shown: ReadonlyMap<string, WooProduct>): Offered[] {
  const now = nowOf(errand);
  return items.flatMap((item) => {
    const product = shown.get(item.variant);
    if (!product) return [];
    const sale = saleOf(product, errand.action.currency);
    return [{ item, product, sale: sale && !isOver(sale, now) ? sale : undefined }];
  });
}

/** `…_gmt` is read as UTC when it has no offset. */
const gmt = (at: Instant) => at.slice(0, 19);

function changeFor({ item, product }: Offered, errand: Errand): Change[] {
  const { discountBasisPoints, startsAt, endsAt, title } = promotionLaunch.params.parse(errand.action.params);
  const { action, currency } = errand.action;
  const regularMinor = roundedMinor(product.regular_price, currency) ?? 0;
  const saleMinor = afterDiscount(regularMinor, discountBasisPoints);
  if (saleMinor >= regularMinor) return [];
  const mark = actionMark(action);
  const named = { mark, title: promotionTitle(action, title), discountBasisPoints, saleMinor, startsAt, endsAt };
  const change = {
    sale_price: decimalText(saleMinor, currency),
    date_on_sale_from_gmt: gmt(startsAt),
    date_on_sale_to_gmt: gmt(endsAt),
    meta_data: [saleMeta(named)],
  };
  const isShown = (shown: WooProduct) => saleOf(shown, currency)?.own?.mark === mark;
  return [{ item, change, isShown }];
}

/**
 * An automatic discount is a sale price on every leaf, with a window: the platform has no discount over a list. A product
 * has one sale at a time, so a leaf that is in another's is left out, and every sale carries the mark of its action.
 */
async function launchSale(errand: Errand) {
  const { items, strangers } = itemsOf(errand);
  const mark = actionMark(errand.action.action);
  const leaves = offered(errand, items, await readItems(errand, items));
  const running = leaves.filter(({ sale }) => sale?.own?.mark === mark);
  const changes = leaves.filter(({ sale }) => !sale).flatMap((leaf) => changeFor(leaf, errand));
  if (running.length + changes.length === 0) {
    if (leaves.length === 0) throw new PermanentError('not-found', 'The store has none of these products');
    throw new PermanentError('store-conflict', 'Another sale runs on all of these products, or they have no price');
  }
  await oneByOne(writesOf(errand, changes), (call) => call());
  const taken = new Set([...running, ...changes].map(({ item }) => item.leaf));
  const skipped = [...strangers, ...items.map(({ leaf }) => leaf).filter((leaf) => !taken.has(leaf))];
  return { products: taken.size, ...(skipped.length > 0 ? { skipped } : {}) };
}

async function lookForSale(errand: Errand): Promise<ReadBack> {
  const mark = actionMark(errand.action.action);
  const { items } = itemsOf(errand);
  const leaves = offered(errand, items, await readItems(errand, items));
  // What is in another's sale, or cannot be cheaper, was left out.
  const ours = leaves.filter(
    (leaf) => leaf.sale?.own?.mark === mark || (!leaf.sale && changeFor(leaf, errand).length > 0),
  );
  const shown = ours.map(({ sale }) => sale !== undefined);
  return agreed(shown, { products: ours.length }, failed('The store shows no sale of this action'));
}

export const launchPromotion: Operation = {
  execute: (errand) => (errand.action.params.code === undefined ? launchSale(errand) : launchCoupon(errand)),
  readBack: (errand) => (errand.action.params.code === undefined ? lookForSale(errand) : lookForCoupon(errand)),
};

/** What runs on the leaves: sales and coupons of ours that are meant, and sales of people. */
async function runningOn(errand: Errand) {
  const { items } = itemsOf(errand);
  const shown = await readItems(errand, items);
  const { title } = errand.action.params;
  const onSale = offered(errand, items, shown).filter(({ sale }) => sale);
  const mark = actionMark(errand.action.action);
  const coupons = await ownCoupons(errand, couponsNamed(errand));
  return {
    own: onSale.filter(({ sale }) => sale?.own && (typeof title !== 'string' || isPromotionOf(sale.own.title, title))),
    others: onSale.filter(({ sale }) => !sale?.own),
    coupons: coupons.good,
    /** Whether this action has stopped something already. */
    isBegun: coupons.isBegun || [...shown.values()].some((product) => isStoppedBy(product.meta_data, mark)),
  };
}

function couponsNamed({ action }: Errand): string[] {
  const named = action.leaves.flatMap((leaf) => Object.keys(action.facts.get(leaf, 'promotions')?.value ?? {}));
  return [...new Set([...named, ...action.discounts].flatMap((promotion) => couponOf(promotion) ?? []))];
}

/**
 * Ends our own sales on the leaves, and takes the leaves out of our own coupons. A sale that a person has made stays: its
 * price is written nowhere else, so that nobody could bring it back.
 */
export const stopPromotion: Operation = {
  async execute(errand) {
    const { own, others, coupons } = await runningOn(errand);
    if (own.length + coupons.length === 0 && others.length > 0) {
      throw new PermanentError('not-permitted', 'A person has made this sale; only a person ends it');
    }
    const mark = actionMark(errand.action.action);
    const meta_data = [stoppedMeta(mark)];
    const change = { sale_price: '', date_on_sale_from_gmt: '', date_on_sale_to_gmt: '', meta_data };
    const isShown = ({ sale_price, meta_data: shown }: WooProduct) => !sale_price && isStoppedBy(shown, mark);
    const changes = own.map(({ item }) => ({ item, change, isShown }));
    const stops = coupons.map((coupon) => () => stopCoupon(errand, coupon));
    await oneByOne([...stops, ...writesOf(errand, changes)], (call) => call());
    const left = others.map(({ item }) => item.leaf);
    return { stopped: own.length + coupons.length, ...(left.length > 0 ? { left } : {}) };
  },
  async readBack(errand) {
    const { own, coupons, isBegun } = await runningOn(errand);
    if (own.length + coupons.length === 0) return done({});
    return isBegun ? unknown('The store shows a part of it') : failed('The store shows nothing of it');
  },
};
