import type { Reader } from '#shared/agent/module.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { Attribute, FactView } from '#shared/contracts/facts.ts';
import { type ResourceKey, resource } from '#shared/contracts/resource.ts';
import type { Briefing } from './briefing.ts';

const OF_SKU: readonly Attribute[] = [
  'available',
  'stock',
  'sold',
  'cost',
  'lifecycle',
  'supplier',
  'stock-out',
  'reorder-plan',
];
const OF_SUPPLIER: readonly Attribute[] = ['terms', 'delay'];
/** Shelves that one review looks over. */
const REVIEWED = 400;

/** Two steps, because a supplier is only known from its SKU; each is one query for a whole batch of events. */
export async function gather(event: Envelope, read: Reader): Promise<Briefing> {
  const skus = await skusOf(event, read);
  const [ofSkus, claims] = await Promise.all([read.facts(skus, OF_SKU), read.claims(skus)]);
  const suppliers = new Set(skus.flatMap((sku) => ofSkus.get(sku, 'supplier')?.value ?? []));
  const ofSuppliers = await read.facts(
    [...suppliers].map((name) => resource('supplier', name)),
    OF_SUPPLIER,
  );
  return { skus, facts: both(ofSkus, ofSuppliers), claims };
}

async function skusOf(event: Envelope, read: Reader): Promise<readonly ResourceKey[]> {
  const { data } = event;
  if (event.type === 'order.placed' || event.type === 'order.cancelled') {
    return [...new Set((data.lines as { sku: string }[]).map((line) => resource('sku', line.sku)))];
  }
  if (event.type === 'supplier.delayed') return (data.skus as string[]).map((sku) => resource('sku', sku));
  if (event.type === 'schedule.due') return data.name === 'daily-review' ? read.known('sold', REVIEWED) : [];
  if (event.type === 'intent.due') {
    const params = (data.proposal as { params: { sku?: string } }).params;
    return params.sku ? [resource('sku', params.sku)] : [];
  }
  return [event.subject];
}

function both(first: FactView, second: FactView): FactView {
  return { get: (key, attribute) => first.get(key, attribute) ?? second.get(key, attribute) };
}
