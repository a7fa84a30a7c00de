import { afterDiscount, BASIS_POINTS, roundedMinor } from '#shared/kernel/money.ts';
import { gmtInstant, type Instant, isInstant } from '#shared/kernel/time.ts';

/**
 * What Parley writes beside a value of WooCommerce, where the platform itself has no room for it: whose a sale is, under
 * which handle an order is held, that a draft was archived. The mapping of webhooks reads the same marks, so that our own
 * write is known again when it comes back. Keys that begin with an underscore are not shown among custom fields.
 */
const SALE = '_parley_sale';
const HOLD = '_parley_hold_';
const ARCHIVED = '_parley_archived';
/** Tags that we have put on an order, with commas between them; the platform itself has none. */
export const TAGS_KEY = '_parley_tags';
/** The action that made an order or a coupon what it is. */
export const ACTION_KEY = '_parley_action';
/** The action that took products out of a coupon last, or ended it. */
export const STOPPED_KEY = '_parley_stopped';

export interface Meta {
  readonly key: string;
  readonly value: unknown;
}

type MetaList = readonly Meta[] | null | undefined;

/** The newest value of a key as text; platforms repeat a key, and plugins keep what is not text under theirs. */
export function metaText(list: MetaList, key: string): string {
  const value = list?.findLast((meta) => meta.key === key)?.value;
  return typeof value === 'string' ? value : '';
}

export interface OwnSale {
  /** `actionMark` of the launch. */
  readonly mark: string;
  readonly title: string;
  readonly discountBasisPoints: number;
  readonly saleMinor: number;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
}

/** Form-encoded: WordPress adds and takes away backslashes and quotes on the way to its database. */
export function saleMeta(sale: OwnSale): Meta {
  const fields = Object.entries(sale).map(([name, value]): [string, string] => [name, String(value)]);
  return { key: SALE, value: new URLSearchParams(fields).toString() };
}

/** In the place of a sale that an action has stopped: its own mark, so that a look can tell how far it has come. */
export const stoppedMeta = (mark: string): Meta => ({
  key: SALE,
  value: new URLSearchParams({ stopped: mark }).toString(),
});

export const isStoppedBy = (list: MetaList, mark: string) => metaText(list, SALE) === stoppedMeta(mark).value;

/** What we wrote about the sale that runs now; a price that somebody has changed since makes it theirs. */
export function ownSaleOf(list: MetaList, shownMinor: number | undefined): OwnSale | undefined {
  const fields = new URLSearchParams(metaText(list, SALE));
  const number = (name: string) => Number.parseInt(fields.get(name) ?? '', 10);
  const sale = {
    mark: fields.get('mark') ?? '',
    title: fields.get('title') ?? '',
    discountBasisPoints: number('discountBasisPoints'),
    saleMinor: number('saleMinor'),
    startsAt: fields.get('startsAt') ?? '',
    endsAt: fields.get('endsAt') ?? '',
  };
  const isWhole = isInstant(sale.startsAt) && isInstant(sale.endsAt) && sale.discountBasisPoints <= BASIS_POINTS;
  return sale.mark !== '' && isWhole && sale.saleMinor === shownMinor ? sale : undefined;
}

/** The fields of a product or a variation that say what it costs. */
export interface Priced {
  readonly regular_price?: string | null | undefined;
  readonly sale_price?: string | null | undefined;
  readonly date_on_sale_from_gmt?: string | null | undefined;
  readonly date_on_sale_to_gmt?: string | null | undefined;
  readonly meta_data?: MetaList;
}

export interface Sale {
  /** Ours has the title of its action; a person's has none. */
  readonly title: string | undefined;
  readonly discountBasisPoints: number;
  readonly saleMinor: number;
  /** Empty from the beginning of a sale on: the platform then takes the date away. */
  readonly startsAt: Instant | undefined;
  readonly endsAt: Instant | undefined;
  readonly own: OwnSale | undefined;
}

/** The sale that a product is in or will be in, whoever made it. Its end may have passed: the platform clears up later. */
export function saleOf(product: Priced, currency: string): Sale | undefined {
  const regularMinor = roundedMinor(product.regular_price, currency);
  const saleMinor = roundedMinor(product.sale_price, currency);
  if (regularMinor === undefined || saleMinor === undefined || saleMinor >= regularMinor) return undefined;
  const own = ownSaleOf(product.meta_data, saleMinor);
  const shownBasisPoints = Math.round(((regularMinor - saleMinor) * BASIS_POINTS) / regularMinor);
  // A sale price is a whole number of minor units, so the share that it shows may differ from the one that was asked.
  const isAsAsked = own !== undefined && afterDiscount(regularMinor, own.discountBasisPoints) === saleMinor;
  return {
    title: own?.title,
    discountBasisPoints: isAsAsked ? own.discountBasisPoints : shownBasisPoints,
    saleMinor,
    startsAt: own?.startsAt ?? gmtInstant(product.date_on_sale_from_gmt),
    endsAt: gmtInstant(product.date_on_sale_to_gmt),
    own,
  };
}

const COUPON = 'coupon-';
/** The id under which a coupon is known among promotions. */
export const couponPromotion = (coupon: string | number) => `${COUPON}${coupon}`;
/** The coupon that a promotion is, if it is one. */
export const couponOf = (promotion: string) =>
  promotion.startsWith(COUPON) ? promotion.slice(COUPON.length) : undefined;

/** An order that is on hold because of us comes back to `before`, the status that it had. */
export const holdMeta = (handle: string, before: string): Meta => ({ key: `${HOLD}${handle}`, value: before });

export interface OwnHold {
  readonly handle: string;
  readonly before: string;
}

/** Our holds on an order, by handle. They count while its status is `on-hold`; a person who moves it on releases them. */
export function holdsOf(order: { readonly status: string; readonly meta_data?: MetaList }): OwnHold[] {
  if (order.status !== 'on-hold') return [];
  const keys = new Set((order.meta_data ?? []).map(({ key }) => key).filter((key) => key.startsWith(HOLD)));
  return [...keys]
    .map((key) => ({ handle: key.slice(HOLD.length), before: metaText(order.meta_data, key) }))
    .filter(({ before }) => before !== '');
}

export const archivedMeta = (mark: string): Meta => ({ key: ARCHIVED, value: mark });

/** What nobody can buy any more. A draft may still become a product. */
const OVER: ReadonlySet<string> = new Set(['private', 'trash']);

/** The platform knows no archive: ours is a draft with a mark, or a variation that is switched off. */
export function lifecycleOf(product: {
  readonly status: string;
  readonly meta_data?: MetaList;
}): 'active' | 'draft' | 'archived' {
  if (product.status === 'publish') return 'active';
  return OVER.has(product.status) || metaText(product.meta_data, ARCHIVED) !== '' ? 'archived' : 'draft';
}
