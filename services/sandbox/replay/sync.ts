import type { Catalogue } from '../catalogue/goods.ts';
import type { Step } from '../world/steps.ts';

/** A shop that is connected first tells what it sells, what that cost, how much of it there is and who delivers it. */
export function syncSteps(catalogue: Catalogue, fromMs: number): Step[] {
  const steps: Step[] = [];
  const at = () => fromMs + steps.length;
  for (const supplier of catalogue.suppliers.values())
    steps.push({ kind: 'supplier', atMs: at(), ref: supplier.supplier, supplier });
  for (const product of catalogue.products)
    steps.push({ kind: 'product', atMs: at(), ref: String(product.id), product });
  for (const variant of catalogue.bySku.values()) {
    steps.push({ kind: 'item', atMs: at(), ref: variant.sku, variant });
    steps.push({ kind: 'level', atMs: at(), ref: `sync|${variant.sku}`, variant });
  }
  return steps;
}
