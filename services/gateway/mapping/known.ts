import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { LastEvent, OrderStep, PlatformId } from '#shared/store/deliveries/history.ts';
import type { NamedOrder, OrderReference } from '#shared/store/deliveries/references.ts';
import type { Known, Said, Version, Wanted } from './topic.ts';

const pair = (subject: string, type: string) => `${subject}\n${type}`;
const reference = ({ kind, ref }: OrderReference) => `${kind}\n${ref}`;
const platform = ({ kind, id }: PlatformId) => `${kind}\n${id}`;

/** What a mapping may ask: what was looked up for its batch, and what the deliveries before it in the batch have said. Pure. */
export class BatchKnowledge implements Known {
  readonly #last = new Map<string, LastEvent>();
  readonly #orders = new Map<string, OrderStep[]>();
  readonly #skus = new Map<string, Set<string>>();
  readonly #promotions = new Map<string, Map<string, LastEvent>>();
  readonly #versions = new Map<string, Instant>();
  readonly #named = new Map<string, NamedOrder>();

  addSkus(rows: readonly (PlatformId & { readonly sku: string })[]): void {
    for (const row of rows) this.#addSku(row, row.sku);
  }

  addOrderSteps(steps: readonly OrderStep[]): void {
    for (const step of steps) {
      const known = this.#orders.get(step.subject);
      if (known) known.push(step);
      else this.#orders.set(step.subject, [step]);
    }
  }

  addLast(events: readonly LastEvent[]): void {
    for (const event of events) this.#last.set(pair(event.subject, event.type), event);
  }

  addPromotions(events: readonly LastEvent[]): void {
    for (const event of events) {
      const id = String(event.data.promotion);
      const known = this.#promotions.get(id) ?? new Map<string, LastEvent>();
      this.#promotions.set(id, known.set(event.subject, event));
    }
  }

  addVersions(versions: readonly Version[]): void {
    for (const { resource, at } of versions) {
      const known = this.#versions.get(resource);
      if (known === undefined || known < at) this.#versions.set(resource, at);
    }
  }

  addNamed(orders: readonly NamedOrder[]): void {
    for (const order of orders) this.#named.set(reference(order), order);
  }

  /** What was just mapped is known to the deliveries that follow. */
  learn(events: readonly Said[]): void {
    for (const event of events) {
      this.addLast([event]);
      if (event.type === 'product.changed') this.#learnProduct(event);
      if (event.type === 'promotion.changed') this.addPromotions([event]);
      if (ORDER_STEPS.has(event.type)) this.addOrderSteps([stepOf(event)]);
    }
  }

  skus(id: PlatformId): readonly string[] {
    return [...(this.#skus.get(platform(id)) ?? [])].sort();
  }

  last(subject: ResourceKey, type: string): LastEvent | undefined {
    return this.#last.get(pair(subject, type));
  }

  order(subject: ResourceKey): readonly OrderStep[] {
    return this.#orders.get(subject) ?? [];
  }

  promotion(id: string): readonly LastEvent[] {
    return [...(this.#promotions.get(id)?.values() ?? [])];
  }

  named(by: OrderReference): NamedOrder | undefined {
    return this.#named.get(reference(by));
  }

  version(resource: string): Instant | undefined {
    return this.#versions.get(resource);
  }

  #addSku(id: PlatformId, sku: string): void {
    const known = this.#skus.get(platform(id)) ?? new Set<string>();
    this.#skus.set(platform(id), known.add(sku));
  }

  #learnProduct(event: Said): void {
    const sku = event.subject.slice('sku:'.length);
    for (const kind of ['inventoryItem', 'variant', 'product'] as const) {
      const id = event.data[kind];
      if (typeof id === 'string') this.#addSku({ kind, id }, sku);
    }
  }
}

const ORDER_STEPS: ReadonlySet<string> = new Set([
  'order.placed',
  'order.cancelled',
  'order.refunded',
  'order.fulfilled',
]);

function stepOf(event: Said): OrderStep {
  const { data } = event;
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  const lines = (data.lines ?? []) as readonly { units: number }[];
  const shipping = data.shipping as { promisedAt?: string } | undefined;
  return {
    subject: event.subject,
    type: event.type as OrderStep['type'],
    time: event.time,
    customer: text(data.customer),
    promisedAt: text(data.promisedAt ?? shipping?.promisedAt),
    test: data.test === true,
    units: event.type === 'order.placed' ? lines.reduce((sum, line) => sum + line.units, 0) : Number(data.units ?? 0),
    refund: text(data.refund),
    fulfilment: text(data.fulfilment),
    carrier: text(data.carrier),
  };
}

/** One look-up for many deliveries: their wants put together, each thing once. */
export function mergeWanted(all: readonly Wanted[]): Required<Wanted> {
  const once = <Item>(items: readonly Item[], name: (item: Item) => string): Item[] => [
    ...new Map(items.map((item) => [name(item), item])).values(),
  ];
  return {
    skus: once(
      all.flatMap((wanted) => wanted.skus ?? []),
      (one) => `${platform(one)}\n${one.last?.join() ?? ''}`,
    ),
    last: once(
      all.flatMap((wanted) => wanted.last ?? []),
      (key) => pair(key.subject, key.type),
    ),
    orders: once(
      all.flatMap((wanted) => wanted.orders ?? []),
      String,
    ),
    promotions: once(
      all.flatMap((wanted) => wanted.promotions ?? []),
      String,
    ),
    references: once(
      all.flatMap((wanted) => wanted.references ?? []),
      (one) => `${reference(one)}\n${one.last?.join() ?? ''}`,
    ),
    versions: once(
      all.flatMap((wanted) => wanted.versions ?? []),
      String,
    ),
  };
}
