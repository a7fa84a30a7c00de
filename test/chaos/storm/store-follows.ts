import type { FakeBooks } from '#shared/connectors/testing/fake-books.ts';
import type { Told } from './told.ts';

interface ProductBody {
  readonly id: number;
  readonly status: string;
  readonly variants: readonly { readonly id: number; readonly price: string }[];
}

interface LevelBody {
  readonly inventory_item_id: number;
  readonly available: number;
}

/**
 * The store whose webhooks these are shows what they tell, so that actions find there what they expect. It goes by the
 * newest that was told, as a store does that tells late.
 */
export class StoreFollows {
  readonly #books: FakeBooks;
  readonly #newest = new Map<string, number>();

  constructor(books: FakeBooks) {
    this.#books = books;
  }

  take({ topic, body, atMs }: Told): void {
    if (topic.startsWith('products/')) {
      const { id, status, variants } = JSON.parse(body) as ProductBody;
      if (!this.#isNew(`product ${id}`, atMs)) return;
      this.#books.products.set(`gid://shopify/Product/${id}`, {
        status: status.toUpperCase(),
        variants: variants.length,
      });
      for (const variant of variants)
        this.#books.prices.set(`gid://shopify/ProductVariant/${variant.id}`, variant.price);
    } else if (topic === 'inventory_levels/update') {
      const { inventory_item_id: item, available } = JSON.parse(body) as LevelBody;
      if (this.#isNew(`item ${item}`, atMs)) this.#books.levels.set(`gid://shopify/InventoryItem/${item}`, available);
    }
  }

  #isNew(key: string, atMs: number): boolean {
    const known = this.#newest.get(key);
    if (known !== undefined && known >= atMs) return false;
    this.#newest.set(key, atMs);
    return true;
  }
}
