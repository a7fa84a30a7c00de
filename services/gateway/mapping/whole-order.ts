import { DAILY_KEPT } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { resource } from '#shared/contracts/resource.ts';
import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
import { DAY_MS, type Instant, plus } from '#shared/kernel/time.ts';
import { present } from './fields.ts';
import type { Introduced, Known, Mapped, Said, Version, Wanted } from './topic.ts';

interface Line {
  readonly sku: string;
  readonly units: number;
  readonly unitMinor: number;
}

interface Refund {
  readonly refund: string;
  readonly at: Instant;
  readonly minor: number;
  readonly lines: readonly { readonly sku: string; readonly units: number; readonly restocked: boolean }[];
}

interface Parcel {
  readonly fulfilment: string;
  readonly at: Instant;
  readonly carrier: string;
  readonly complete: boolean;
  readonly units?: number | undefined;
  readonly promisedAt?: Instant | undefined;
}

/** An order as a platform shows it whole, in no platform's words. What a platform does not tell is left out. */
export interface WholeOrder {
  readonly id: string;
  readonly name: string;
  readonly placedAt: Instant;
  readonly changedAt: Instant;
  /** Baskets and orders whose payment never came are no sales, until they become some. */
  readonly isSale: boolean;
  readonly test?: boolean | undefined;
  readonly currency: string;
  readonly totalMinor: number;
  readonly lines: readonly Line[];
  readonly otherMinor?: number | undefined;
  readonly customer?: string | undefined;
  readonly country?: string | undefined;
  readonly channel?: string | undefined;
  readonly shipping?: { promisedAt?: Instant | undefined; priority?: boolean | undefined } | undefined;
  readonly paid?: { readonly at: Instant; readonly minor: number; readonly gateway?: string | undefined } | undefined;
  readonly cancelled?: { readonly at: Instant; readonly reason: string; readonly restocked: boolean } | undefined;
  readonly refunds: readonly Refund[];
  readonly parcels: readonly Parcel[];
  readonly tags?: readonly string[] | undefined;
  /** Null: it is not held. Absent: the platform does not say. */
  readonly hold?: { readonly handle: string; readonly reason?: string | undefined } | null | undefined;
}

/** So long sales are counted by day: an order that was placed before and that nobody told of is no news. */
const NEWS_MS = DAILY_KEPT * DAY_MS;

const keyOf = (id: string): ResourceKey => resource('order', id);

export const wantsOfOrder = (id: string): Wanted => ({
  orders: [keyOf(id)],
  last: ['order.paid', 'order.changed', 'order.held'].map((type) => ({ subject: keyOf(id), type })),
});

export const versionsOfOrder = ({ id, changedAt }: Pick<WholeOrder, 'id' | 'changedAt'>): Version[] => [
  { resource: `order:${id}`, at: changedAt },
];

/** What a whole order tells that is not known yet. Pure. */
export function sayOrder(order: WholeOrder, known: Known, toldAt: Instant, people: readonly Introduced[] = []): Mapped {
  const steps = known.order(keyOf(order.id));
  const before = steps.find((step) => step.type === 'order.placed');
  if (!before && !order.isSale) return { ignored: 'nothing-new' };
  if (!before && order.placedAt < plus(toldAt, -NEWS_MS)) return { ignored: 'history' };
  // A newer body of it was no sale: what it is now only the platform can tell.
  if (!before && isOvertaken(order, known)) return { asks: [{ kind: 'order', ref: order.id, cause: 'older' }] };
  if (before && (order.test || before.test)) return { ignored: 'test-order' };
  const events = [
    ...(before ? [] : [placed(order)]),
    ...(order.test ? [] : [...happened(order, known), ...standing(order, known)]),
  ];
  return events.length === 0 ? { ignored: 'nothing-new' } : { events, people };
}

function isOvertaken({ id, changedAt }: WholeOrder, known: Known): boolean {
  const newest = known.version(`order:${id}`);
  return newest !== undefined && changedAt < newest;
}

function placed(order: WholeOrder): Said {
  const { name, customer, currency, totalMinor, lines, country, channel, otherMinor, shipping, test } = order;
  const told = shipping && present(shipping);
  const data = { name, customer, currency, totalMinor: Math.max(0, totalMinor), lines, country, channel, otherMinor };
  return {
    type: 'order.placed',
    subject: keyOf(order.id),
    time: order.placedAt,
    data: present({
      ...data,
      shipping: told && Object.keys(told).length > 0 ? told : undefined,
      test: test === true ? true : undefined,
    }),
  };
}

/** What happens once: each by its own id, or at most once an order. */
function happened(order: WholeOrder, known: Known): Said[] {
  const subject = keyOf(order.id);
  const steps = known.order(subject);
  const says = (id: string, field: 'refund' | 'fulfilment') => steps.some((step) => step[field] === id);
  const { paid, cancelled, customer, currency } = order;
  return [
    ...(paid && !known.last(subject, 'order.paid') ? [paidOf(order, paid)] : []),
    ...order.parcels
      .filter((parcel) => !says(parcel.fulfilment, 'fulfilment'))
      .map(({ at, ...parcel }) => ({
        type: 'order.fulfilled',
        subject,
        time: at,
        data: present({ ...parcel, promisedAt: parcel.promisedAt ?? order.shipping?.promisedAt, customer }),
      })),
    ...order.refunds
      .filter((refund) => !says(refund.refund, 'refund'))
      .map(({ at, ...refund }) => ({ type: 'order.refunded', subject, time: at, data: { ...refund, currency } })),
    ...(cancelled && !steps.some((step) => step.type === 'order.cancelled') ? [cancelledOf(order, cancelled)] : []),
  ];
}

function paidOf({ id, currency }: WholeOrder, { at, minor, gateway }: NonNullable<WholeOrder['paid']>): Said {
  const data = present({ currency, minor: Math.max(0, minor), gateway });
  return { type: 'order.paid', subject: keyOf(id), time: at, data };
}

function cancelledOf(order: WholeOrder, cancelled: NonNullable<WholeOrder['cancelled']>): Said {
  const { placedAt, customer, lines } = order;
  const { at, reason: cancelReason, restocked } = cancelled;
  const totalMinor = Math.max(0, order.totalMinor);
  const data = present({ cancelReason, restocked, placedAt, customer, totalMinor, lines });
  return { type: 'order.cancelled', subject: keyOf(order.id), time: at, data };
}

/** How it stands: only what differs from what was last said. */
function standing({ id, changedAt, tags, hold }: WholeOrder, known: Known): Said[] {
  const subject = keyOf(id);
  const said: Said[] = [];
  const toldTags = (known.last(subject, 'order.changed')?.data.tags ?? []) as Json;
  if (tags && canonicalJson(tags as Json) !== canonicalJson(toldTags)) {
    said.push({ type: 'order.changed', subject, time: changedAt, data: { tags } });
  }
  const last = known.last(subject, 'order.held')?.data;
  const isKnownHeld = last?.held === true;
  if (hold && !(isKnownHeld && last.handle === hold.handle)) {
    const data = present({ handle: hold.handle, held: true, holdReason: hold.reason });
    said.push({ type: 'order.held', subject, time: changedAt, data });
  }
  if (hold === null && isKnownHeld) {
    said.push({ type: 'order.held', subject, time: changedAt, data: { handle: last.handle, held: false } });
  }
  return said;
}
