import { afterDiscount, BASIS_POINTS, marginBasisPoints, shareOf } from '#shared/kernel/money.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Layer } from './actions/define.ts';
import type { FactView } from './facts.ts';
import { type LeafFacts, readLeaf } from './leaf-facts.ts';
import type { ResourceKey } from './resource.ts';

/**
 * The state of one leaf if everything admitted and in force were carried out: what guardrails are asked about. A figure
 * whose facts are missing is absent, and a guardrail that needs it is `unknown`.
 */
export interface Projection {
  readonly listMinor?: number;
  /** Price after every discount, compounded, less the shipping that the shop pays. */
  readonly netMinor?: number;
  readonly costMinor?: number;
  readonly marginBasisPoints?: number;
  /**
   * The whole discount as it is declared, compounded, with the share of the list price that shipping takes: exact whatever
   * the price, because a quarter off £2.95 is a quarter, and not what the rounded price makes of it. Absent where shipping is
   * paid on an unknown price.
   */
  readonly discountBasisPoints?: number;
  /** What the page shows: after every discount that needs no code. */
  readonly advertisedMinor?: number;
  /** The lowest price at which the supplier lets it be advertised. */
  readonly mapMinor?: number;
  /** The lowest list price of the last 30 days. */
  readonly lowestMinor?: number;
  /** How far the list price rises above what it is now; below zero where it falls. */
  readonly riseBasisPoints?: number;
  /** What marketplaces show. */
  readonly feedMinor?: number;
  /** What customers of the last 14 days could ask back if the price falls. */
  readonly owedMinor?: number;
  /** Units that are still free to promise. */
  readonly availableToPromise?: number;
  /** Units that are left when promotions have sold what they are expected to sell. */
  readonly leftUnits?: number;
  /** By how much the stock differs from what a count took it to be. */
  readonly driftUnits?: number;
  /** It is marked down to be rid of it. */
  readonly clearing?: boolean;
  readonly archived?: boolean;
  /** How often the customer would have been written to within a day. */
  readonly contacts: number;
  readonly complaint?: boolean;
  readonly consent?: boolean;
  /** Of a customer or an order: a bank is asked about a charge. */
  readonly disputed?: boolean;
  /** How long ago the customer last ordered. */
  readonly sinceOrderMs?: number;
  readonly coupons?: number;
  /** Units that there are for this customer, of what a mail is about. */
  readonly offeredUnits?: number;
  readonly outdated?: boolean;
  readonly overpromised?: boolean;
  readonly spendMinor: number;
  readonly refundMinor: number;
  readonly refundableMinor?: number;
  readonly damaged?: boolean;
  /** Goods come back on the shelf. */
  readonly restocks?: boolean;
  readonly shipped?: boolean;
  readonly labelled?: boolean;
  readonly held?: boolean;
  /** It releases a hold that is not there, or not its own. */
  readonly strangeRelease?: boolean;
  readonly reorderUnits: number;
  readonly states: readonly string[];
}

/**
 * Combines the facts of a leaf with layers upon it. The order of the layers does not matter: discounts compound, amounts add,
 * and of several list prices the lowest counts, because a floor has to hold whichever of them comes last.
 */
export function project(leaf: ResourceKey, facts: FactView, layers: readonly Layer[], now: Instant): Projection {
  return projectOnto(readLeaf(leaf, facts, now), layers);
}

/** The same for facts that were read before: of one leaf with different layers they are read once. */
export function projectOnto(known: LeafFacts, layers: readonly Layer[]): Projection {
  const shared = {
    contacts: sum(layers, 'contacts'),
    spendMinor: sum(layers, 'spendMinor'),
    refundMinor: sum(layers, 'refundMinor'),
    reorderUnits: sum(layers, 'reorderUnits'),
    states: layers.flatMap((layer) => layer.state ?? []).sort(),
  };
  if (known.kind === 'sku') return { ...shared, ...priceOf(known, layers), ...goodsOf(known, layers) };
  if (known.kind === 'order') return { ...shared, ...orderOf(known, layers) };
  return known.kind === 'customer' ? { ...shared, ...customerOf(known, layers) } : shared;
}

function priceOf(known: LeafFacts & { kind: 'sku' }, layers: readonly Layer[]): Partial<Projection> {
  const prices = layers.flatMap((layer) => layer.priceMinor ?? []);
  const listMinor = prices.length > 0 ? Math.min(...prices) : known.priceMinor;
  const { costMinor, priceMinor, lowestMinor, mapMinor } = known;
  const feeds = layers.flatMap((layer) => layer.feedMinor ?? []);
  const feedMinor = feeds.length > 0 ? Math.min(...feeds) : known.feedMinor;
  const fixed = {
    ...(costMinor === undefined ? {} : { costMinor }),
    ...(lowestMinor === undefined ? {} : { lowestMinor }),
    ...(mapMinor === undefined ? {} : { mapMinor }),
    ...(feedMinor === undefined ? {} : { feedMinor }),
  };
  const discount = discountOf(listMinor, layers);
  const declared = discount === undefined ? {} : { discountBasisPoints: discount };
  if (listMinor === undefined) return { ...fixed, ...declared };
  const netMinor = netPrice(listMinor, layers);
  const open = layers.some((layer) => layer.byCode) ? layers.filter((layer) => !layer.byCode) : layers;
  return {
    ...fixed,
    listMinor,
    netMinor,
    ...(costMinor === undefined ? {} : { marginBasisPoints: marginBasisPoints(netMinor, costMinor) }),
    ...declared,
    advertisedMinor: discounted(listMinor, open),
    ...(priceMinor === undefined || priceMinor === 0
      ? {}
      : {
          riseBasisPoints: outwards(((listMinor - priceMinor) * BASIS_POINTS) / priceMinor),
          owedMinor: Math.max(0, priceMinor - listMinor) * known.soldLately,
        }),
  };
}

function netPrice(listMinor: number, layers: readonly Layer[]): number {
  return discounted(listMinor, layers) - sum(layers, 'subsidyMinor');
}

/** After the discounts that combine, or after the best of those that stand alone, whichever is lower. */
function discounted(listMinor: number, layers: readonly Layer[]): number {
  const alone = layers.flatMap((layer) => (layer.alone ? (layer.discountBasisPoints ?? []) : []));
  // Largest first, so that rounding does not depend on the order in which the layers came.
  const together = layers.flatMap((layer) => (layer.alone ? [] : (layer.discountBasisPoints ?? [])));
  const combined = together.sort((a, b) => b - a).reduce(afterDiscount, listMinor);
  return Math.min(combined, ...alone.map((discount) => afterDiscount(listMinor, discount)));
}

/** In basis points of the list price, rounded up, so that a limit on it holds. */
function discountOf(listMinor: number | undefined, layers: readonly Layer[]): number | undefined {
  const subsidyMinor = sum(layers, 'subsidyMinor');
  if (subsidyMinor > 0 && listMinor === undefined) return undefined;
  const one = BigInt(BASIS_POINTS);
  // What is left of the price, as a fraction: whole numbers, so that neither a penny nor the order of the layers counts.
  let [kept, whole] = [1n, 1n];
  let bestAlone = 0;
  for (const { discountBasisPoints, alone } of layers) {
    if (discountBasisPoints === undefined) continue;
    if (alone) bestAlone = Math.max(bestAlone, discountBasisPoints);
    else [kept, whole] = [kept * (one - BigInt(discountBasisPoints)), whole * one];
  }
  const left = one - BigInt(bestAlone);
  if (left * whole < kept * one) [kept, whole] = [left, one];
  const [paid, list] = listMinor ? [BigInt(subsidyMinor), BigInt(listMinor)] : [0n, 1n];
  const share = one * ((whole - kept) * list + paid * whole);
  return Number((share + whole * list - 1n) / (whole * list));
}

/** A part of a basis point counts as a whole one, up or down, so that a limit on either side holds. */
function outwards(basisPoints: number): number {
  return basisPoints < 0 ? Math.floor(basisPoints) : Math.ceil(basisPoints);
}

/** From this share of the price on, a lower price is a markdown: the shelf is being cleared. */
const MARKDOWN_BASIS_POINTS = 2_000;

function goodsOf(known: LeafFacts & { kind: 'sku' }, layers: readonly Layer[]): Partial<Projection> {
  const available = known.available === undefined ? undefined : known.available - sum(layers, 'units');
  const counts = layers.flatMap((layer) => layer.counted ?? []);
  const markdown = known.priceMinor && known.priceMinor - shareOf(known.priceMinor, MARKDOWN_BASIS_POINTS);
  return {
    clearing:
      known.clearing ||
      (markdown !== undefined && layers.some(({ priceMinor = markdown + 1 }) => priceMinor <= markdown)),
    archived: known.archived || layers.some((layer) => layer.lifecycle === 'archived'),
    ...(available === undefined
      ? {}
      : { availableToPromise: available, leftUnits: available - sum(layers, 'demandUnits') }),
    ...(counts.length === 0 || known.stock === undefined ? {} : { driftUnits: driftOf(known.stock, counts) }),
  };
}

/** How far the belief of a count is from the stock, or two counts from each other. */
function driftOf(stock: number, counts: readonly { readonly level: number; readonly expected: number }[]): number {
  const levels = counts.map((count) => count.level);
  const apart = Math.max(...levels) - Math.min(...levels);
  return Math.max(apart, ...counts.map((count) => Math.abs(stock - count.expected)));
}

function orderOf(known: LeafFacts & { kind: 'order' }, layers: readonly Layer[]): Partial<Projection> {
  const { capturedMinor, refundedMinor, disputed, damaged, shipped, labelled } = known;
  const released = layers.flatMap((layer) => layer.releases ?? []);
  return {
    ...{ disputed, damaged, shipped, labelled },
    restocks: layers.some((layer) => layer.restocks),
    held: known.holds.some((handle) => !released.includes(handle)) || layers.some((layer) => layer.state === 'held'),
    strangeRelease: released.some((handle) => !known.holds.includes(handle)),
    ...(capturedMinor === undefined
      ? {}
      : { refundableMinor: capturedMinor - refundedMinor - sum(layers, 'refundMinor') }),
  };
}

function customerOf(known: LeafFacts & { kind: 'customer' }, layers: readonly Layer[]): Partial<Projection> {
  const { kind: _, coupons, ...facts } = known;
  const offers = layers.flatMap((layer) => layer.offeredUnits ?? []);
  return {
    ...facts,
    coupons: coupons + sum(layers, 'coupons'),
    outdated: layers.some((layer) => layer.outdated),
    overpromised: layers.some((layer) => layer.overpromised),
    ...(offers.length === 0 ? {} : { offeredUnits: Math.min(...offers) }),
  };
}

type Summed =
  | 'units'
  | 'demandUnits'
  | 'contacts'
  | 'coupons'
  | 'spendMinor'
  | 'refundMinor'
  | 'reorderUnits'
  | 'subsidyMinor';

function sum(layers: readonly Layer[], key: Summed): number {
  let total = 0;
  for (const layer of layers) total += layer[key] ?? 0;
  return total;
}
