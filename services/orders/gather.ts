import type { Reader } from '#shared/agent/module.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { Attribute, FactView } from '#shared/contracts/facts.ts';
import { type ResourceKey, resource } from '#shared/contracts/resource.ts';
import { DAY_MS, plus } from '#shared/kernel/time.ts';
import type { Briefing } from './briefing.ts';

const OF_ORDER: readonly Attribute[] = [
  'placed',
  'paid',
  'risk',
  'held',
  'cancelled',
  'fulfilled',
  'shipment',
  'dispute',
  'disputes',
  'tags',
];
const OF_CUSTOMER: readonly Attribute[] = ['orders', 'spent'];
const OF_SKU: readonly Attribute[] = ['available'];
/** Orders that one review looks over: the oldest of those that have not left, as far back as this. */
const REVIEWED = 300;
const LOOK_BACK_MS = 30 * DAY_MS;

/** The placed event brings lines and customer along, so that everything about a new order is one step. */
export async function gather(event: Envelope, read: Reader): Promise<Briefing> {
  if (event.type === 'schedule.due' && event.data.name !== 'daily-review')
    return { orders: [], facts: await read.facts([], []), claims: [] };
  const orders = await ordersOf(event, read);
  const direct = event.type === 'order.placed' ? of(event) : [];
  const [ofOrders, ofDirect, claims] = await Promise.all([
    read.facts(orders, OF_ORDER),
    read.facts(direct, [...OF_CUSTOMER, ...OF_SKU]),
    read.claims(orders),
  ]);
  const customers =
    event.type === 'order.placed' || event.type === 'schedule.due'
      ? []
      : orders.flatMap((order) => ofOrders.get(order, 'placed')?.value.customer ?? []);
  const ofCustomers = await read.facts(
    customers.map((customer) => resource('customer', customer)),
    OF_CUSTOMER,
  );
  return { orders, facts: either(ofOrders, ofDirect, ofCustomers), claims };
}

async function ordersOf(event: Envelope, read: Reader): Promise<readonly ResourceKey[]> {
  if (event.type === 'schedule.due')
    return read.unshipped({ placedFrom: plus(event.now, -LOOK_BACK_MS), placedTo: event.now, limit: REVIEWED });
  if (event.type !== 'intent.due') return [event.subject];
  const params = (event.data.proposal as { params: { order?: string } }).params;
  return params.order ? [resource('order', params.order)] : [];
}

function of(event: Envelope): ResourceKey[] {
  const { customer, lines } = event.data as { customer?: string; lines: { sku: string }[] };
  return [
    ...(customer ? [resource('customer', customer)] : []),
    ...new Set(lines.map((line) => resource('sku', line.sku))),
  ];
}

function either(...views: readonly FactView[]): FactView {
  return {
    get: (key, attribute) => {
      for (const view of views) {
        const fact = view.get(key, attribute);
        if (fact) return fact;
      }
      return undefined;
    },
  };
}
