import type { ResourceKey } from '#shared/contracts/resource.ts';
import { PermanentError, UnknownOutcomeError } from '#shared/kernel/errors.ts';
import { cut } from '#shared/kernel/plain-text.ts';
import { mustShow, productOf } from '../ends.ts';
import type { Priced } from './marks.ts';
import { type Errand, wooId } from './operation.ts';
import { type BatchError, PAGE, wooFault } from './woo-client.ts';

/** The platform takes 100; but each is saved with all its hooks, and a small host needs a second for four of them. */
const BATCH = 25;

/** A product, or a variation of one: both are sold, at different addresses. */
export interface Item {
  readonly leaf: ResourceKey;
  readonly product: string;
  readonly variant: string;
}

export interface WooProduct extends Priced {
  readonly id: number;
  readonly type?: string;
  readonly status: string;
  readonly regular_price: string;
  /** `parent` where the level belongs to the whole product. */
  readonly manage_stock: boolean | 'parent';
  readonly stock_quantity: number | null;
  readonly variations?: readonly number[];
}

export function itemOf({ action }: Errand, leaf: ResourceKey = action.leaves[0]!): Item {
  const { product, variant } = productOf(action, leaf);
  return { leaf, product: wooId(product, 'product'), variant: wooId(variant, 'variation') };
}

/** Leaves that the store sells, and those of which it is not known what they are there. */
export function itemsOf({ action }: Errand): { items: Item[]; strangers: ResourceKey[] } {
  const items: Item[] = [];
  const strangers: ResourceKey[] = [];
  for (const leaf of action.leaves) {
    const ids = action.facts.get(leaf, 'product')?.value;
    if (ids) items.push({ leaf, product: wooId(ids.product, 'product'), variant: wooId(ids.variant, 'variation') });
    else strangers.push(leaf);
  }
  return { items, strangers };
}

const isVariation = ({ product, variant }: Item) => product !== variant;
const listPath = (item: Item) => (isVariation(item) ? `/products/${item.product}/variations` : '/products');
const pathOf = (item: Item) => `${listPath(item)}/${item.variant}`;

export function readItem({ woo, call }: Errand, item: Item): Promise<WooProduct> {
  return woo.get(pathOf(item), {}, call);
}

export function writeItem({ woo, call }: Errand, item: Item, change: object): Promise<WooProduct> {
  return woo.put(pathOf(item), change, call);
}

/** Items by the list in which they are found: all simple products together, the variations of each product apart. */
function inLists<Each extends { readonly item: Item }>(all: readonly Each[], size: number): Each[][] {
  const lists = Map.groupBy(all, ({ item }) => listPath(item));
  return [...lists.values()].flatMap((list) =>
    Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size)),
  );
}

/** What the store shows of the items, by variant; what it does not have is missing. */
export async function readItems({ woo, call }: Errand, items: readonly Item[]): Promise<Map<string, WooProduct>> {
  const shown = new Map<string, WooProduct>();
  for (const list of inLists(
    items.map((item) => ({ item })),
    PAGE,
  )) {
    const include = list.map(({ item }) => item.variant).join(',');
    const query = { include, per_page: String(PAGE), status: 'any' };
    for (const product of await woo.get<WooProduct[]>(listPath(list[0]!.item), query, call)) {
      shown.set(String(product.id), product);
    }
  }
  return shown;
}

export interface Change {
  readonly item: Item;
  readonly change: object;
  /** Whether the item as it is answered with has been changed. */
  isShown(product: WooProduct): boolean;
}

/** The calls that write to many items, each a batch; what the platform refuses of one, it refuses item by item. */
export function writesOf(errand: Errand, changes: readonly Change[]): (() => Promise<void>)[] {
  return inLists(changes, BATCH).map((batch) => async () => {
    const [first, second] = batch;
    const shown = second ? await writeItems(errand, batch) : [await writeItem(errand, first!.item, first!.change)];
    const byId = new Map(shown.map((product) => [String(product.id), product]));
    mustShow(batch.every(({ item, isShown }) => isShown(byId.get(item.variant)!)));
  });
}

async function writeItems({ woo, call }: Errand, batch: readonly Change[]): Promise<WooProduct[]> {
  const update = batch.map(({ item, change }) => ({ id: Number(item.variant), ...change }));
  const entries = await woo.batch<WooProduct>(listPath(batch[0]!.item), update, call);
  const refused = entries.flatMap(({ error }) => error ?? []);
  if (refused.length > 0) throw faultOfBatch(refused, batch.length);
  return entries;
}

function faultOfBatch(refused: readonly BatchError[], of: number) {
  const [first] = refused;
  const { reason, message } = wooFault(first!.data?.status ?? 400, JSON.stringify(first), 'write', false);
  const told = `The store refused ${refused.length} of ${of}: ${cut(message, 200)}`;
  return refused.length === of ? new PermanentError(reason, told) : new UnknownOutcomeError(reason, told);
}
