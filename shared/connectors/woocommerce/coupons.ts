import { COUPON_MS, couponGive } from '#shared/contracts/actions/coupon-give.ts';
import { creditGive } from '#shared/contracts/actions/credit-give.ts';
import { promotionLaunch } from '#shared/contracts/actions/promotion-launch.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { decimalText, formatMoney } from '#shared/kernel/money.ts';
import { gmtInstant, type Instant, MINUTE_MS, plus } from '#shared/kernel/time.ts';
import type { ReadBack } from '../connector.ts';
import { afterEffect, done, failed, mustShow, unknown } from '../ends.ts';
import { actionMark } from '../idempotency.ts';
import { itemsOf } from './goods.ts';
import { ACTION_KEY, couponPromotion, type Meta, metaText, STOPPED_KEY } from './marks.ts';
import { type Errand, leafId, nowOf, type Operation, wooId } from './operation.ts';
import { readOrder } from './order.ts';
import { isTaken, PAGE } from './woo-client.ts';

interface Coupon {
  readonly id: number;
  readonly code: string;
  readonly date_expires_gmt: string | null;
  readonly product_ids: readonly number[];
  readonly meta_data: readonly Meta[];
}

/** The platform takes no beginning of a coupon; one that lies this far ahead is not "at once" any more. */
const SOON_MS = 5 * MINUTE_MS;

/** `date_expires` is read in the shop's own zone unless it says that it is UTC, and its `_gmt` cannot be written. */
const utc = (at: Instant) => `${at.slice(0, 19)}Z`;
/** The share in per cent, as a decimal text: 1,250 basis points are `12.50`. */
const percent = (basisPoints: number) => (basisPoints / 100).toFixed(2);

async function findCoupon({ woo, call }: Errand, code: string): Promise<Coupon | undefined> {
  const found = await woo.get<Coupon[]>('/coupons', { code, per_page: String(PAGE) }, call);
  // Codes differ neither in the eyes of the platform nor here by the size of their letters.
  return found.find((coupon) => coupon.code.toLowerCase() === code.toLowerCase());
}

const isOurs = (coupon: Coupon, { action }: Errand) =>
  metaText(coupon.meta_data, ACTION_KEY) === actionMark(action.action);

/** The code is the key: the platform takes each only once, and the mark says whose it is. */
async function createCoupon(errand: Errand, code: string, body: object): Promise<{ id: number; already?: true }> {
  const meta_data = [{ key: ACTION_KEY, value: actionMark(errand.action.action) }];
  try {
    const created = await errand.woo.post<Coupon>('/coupons', { code, ...body, meta_data }, errand.call);
    mustShow(isOurs(created, errand));
    return { id: created.id };
  } catch (thrown) {
    if (!isTaken(thrown)) throw thrown;
    const found = await findCoupon(errand, code);
    if (!found || !isOurs(found, errand)) throw thrown;
    return { id: found.id, already: true };
  }
}

/** What a look at a code says: ours, somebody else's, or nothing. */
async function lookForCode(errand: Errand, code: string): Promise<ReadBack> {
  const found = await findCoupon(errand, code);
  if (!found) return failed('The store has no such coupon');
  return isOurs(found, errand) ? done({ discount: couponPromotion(found.id) }) : failed('The code is somebody else’s');
}

/** A discount by code on a list of products. */
export async function launchCoupon(errand: Errand) {
  const { code, discountBasisPoints, combines, startsAt, endsAt, title } = promotionLaunch.params.parse(
    errand.action.params,
  );
  if (startsAt > plus(nowOf(errand), SOON_MS)) {
    throw new PermanentError('not-supported', 'A coupon of this store begins at once; it cannot be planned');
  }
  const { items, strangers } = itemsOf(errand);
  if (items.length === 0) throw new PermanentError('not-found', 'No product of the store is known for any leaf');
  const { id, already } = await createCoupon(errand, code!, {
    discount_type: 'percent',
    amount: percent(discountBasisPoints),
    individual_use: !combines,
    exclude_sale_items: !combines,
    product_ids: items.map(({ variant }) => Number(variant)),
    date_expires: utc(endsAt),
    description: title,
  });
  const skipped = strangers.length > 0 ? { skipped: strangers } : {};
  return { discount: couponPromotion(id), ...skipped, ...(already ? { already } : {}) };
}

export const lookForCoupon = (errand: Errand) => lookForCode(errand, String(errand.action.params.code));

/** One of our coupons that is good for a leaf, with the products that it is good for besides. */
interface OwnCoupon {
  readonly id: number;
  readonly rest: readonly number[];
}

/** Our own among these coupons that are good for a leaf, and whether this action has stopped one already. */
export async function ownCoupons(errand: Errand, ids: readonly string[]) {
  const variants = new Set(itemsOf(errand).items.map(({ variant }) => Number(variant)));
  const good: OwnCoupon[] = [];
  let isBegun = false;
  for (const id of ids) {
    const coupon = await errand.woo.get<Coupon>(`/coupons/${wooId(id, 'coupon')}`, {}, errand.call);
    if (metaText(coupon.meta_data, ACTION_KEY) === '') continue;
    isBegun ||= metaText(coupon.meta_data, STOPPED_KEY) === actionMark(errand.action.action);
    const ends = gmtInstant(coupon.date_expires_gmt);
    if (ends !== undefined && ends <= nowOf(errand)) continue;
    const rest = coupon.product_ids.filter((product) => !variants.has(product));
    if (rest.length < coupon.product_ids.length) good.push({ id: coupon.id, rest });
  }
  return { good, isBegun };
}

/** A coupon that is good for nothing any more has run out; without products it would be good for everything. */
export async function stopCoupon({ action, woo, call, clocks }: Errand, { id, rest }: OwnCoupon): Promise<void> {
  const over = utc(new Date(clocks.nowMs() - MINUTE_MS).toISOString());
  const change = rest.length === 0 ? { date_expires: over } : { product_ids: rest };
  const meta_data = [{ key: STOPPED_KEY, value: actionMark(action.action) }];
  const shown = await woo.put<Coupon>(`/coupons/${id}`, { ...change, meta_data }, call);
  mustShow(metaText(shown.meta_data, STOPPED_KEY) === actionMark(action.action));
}

/** For one customer, once. */
const personal = (email: string) => ({
  individual_use: true,
  usage_limit: 1,
  usage_limit_per_user: 1,
  email_restrictions: [email],
});

export const giveCoupon: Operation = {
  async execute(errand) {
    const { code, discountBasisPoints, occasion } = couponGive.params.parse(errand.action.params);
    const path = `/customers/${leafId(errand, 'customer')}`;
    const { email } = await errand.woo.get<{ email?: string }>(path, {}, errand.call);
    if (!email) throw new PermanentError('no-address', 'The store knows no address of this customer');
    const { id, already } = await createCoupon(errand, code, {
      discount_type: 'percent',
      amount: percent(discountBasisPoints),
      date_expires: utc(plus(nowOf(errand), COUPON_MS)),
      description: `Parley: ${occasion}`,
      ...personal(email),
    });
    return { coupon: id, ...(already ? { already } : {}) };
  },
  readBack: (errand) => lookForCode(errand, couponGive.params.parse(errand.action.params).code),
};

interface Note {
  readonly id: number;
  readonly note: string;
}

/** The code of a voucher: from the mark of its action, so that it is the same at every attempt. */
const voucherCode = ({ action }: Errand) => `thanks-${actionMark(action.action).slice(-10)}`;

async function isTold(errand: Errand, order: string): Promise<boolean> {
  const notes = await errand.woo.get<Note[]>(`/orders/${order}/notes`, { type: 'customer' }, errand.call);
  return notes.some(({ note }) => note.includes(voucherCode(errand)));
}

/**
 * The platform has no store credit. In its place the customer gets a voucher for one use, and learns of it by a note to
 * the order, which the platform mails; without an order nobody would tell the code, so that nothing would be given.
 */
export const giveCredit: Operation = {
  async execute(errand) {
    const { order: name, amountMinor, currency, note } = creditGive.params.parse(errand.action.params);
    if (name === undefined) throw new PermanentError('not-supported', 'This store gives credit with an order only');
    const id = wooId(name, 'order');
    const order = await readOrder(errand, id);
    if (order.currency !== currency) throw new PermanentError('store-conflict', `The order is in ${order.currency}`);
    const email = order.billing?.email;
    if (!email) throw new PermanentError('no-address', 'The order names no address of its customer');
    const code = voucherCode(errand);
    const amount = decimalText(amountMinor, currency);
    const { id: coupon } = await createCoupon(errand, code, {
      discount_type: 'fixed_cart',
      amount,
      description: note,
      ...personal(email),
    });
    const text = `${note}: a voucher of ${formatMoney(amountMinor, currency)} for your next order. Its code: ${code}`;
    await afterEffect('The voucher is there', async () => {
      if (await isTold(errand, id)) return;
      await errand.woo.post(`/orders/${id}/notes`, { note: text, customer_note: true }, errand.call);
    });
    return { coupon, amountMinor };
  },
  async readBack(errand) {
    const { order, amountMinor } = creditGive.params.parse(errand.action.params);
    const shown = await lookForCode(errand, voucherCode(errand));
    if (shown.end !== 'done') return shown;
    return (await isTold(errand, wooId(order ?? '', 'order')))
      ? done({ amountMinor })
      : unknown(`The voucher ${voucherCode(errand)} is there, and its customer has not been told`);
  },
};
