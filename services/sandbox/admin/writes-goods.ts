import { parseMinor } from '#shared/kernel/money.ts';
import { amount } from '../bodies/money.ts';
import { derivedHex } from '../catalogue/draw.ts';
import { CURRENCY, LOCATION_ID, type Variant } from '../catalogue/goods.ts';
import { gidOf, numberOf } from '../catalogue/identity.ts';
import { levelWebhook, productWebhook } from '../world/present.ts';
import type { Draft, Fault } from './ledgered.ts';

type Decided<Answer> = { answer: Answer } | { faults: Fault[] };

const fault = (field: string[] | null, message: string, code: string | null): { faults: Fault[] } => ({
  faults: [{ field, message, code }],
});

export function minorOf(text: unknown): number | undefined {
  try {
    return parseMinor(String(text), CURRENCY);
  } catch {
    return undefined;
  }
}

interface VariantInput {
  readonly id?: string;
  readonly price?: unknown;
  readonly compareAtPrice?: unknown;
}

export function updateVariants(
  draft: Draft,
  args: { productId: string; variants: VariantInput[] },
): Decided<{ product: string; variants: string[] }> {
  const product = draft.world.catalogue.byProductId.get(numberOf(args.productId, 'Product') ?? 0);
  if (!product) return fault(['productId'], 'Product does not exist', 'PRODUCT_DOES_NOT_EXIST');
  const faults: Fault[] = [];
  const changed: Variant[] = [];
  for (const [index, input] of args.variants.entries()) {
    const at = ['variants', String(index)];
    const variant = product.variants.find((each) => gidOf('ProductVariant', each.variantId) === input.id);
    if (!variant) {
      faults.push({
        field: [...at, 'id'],
        message: 'Product variant does not exist',
        code: 'PRODUCT_VARIANT_DOES_NOT_EXIST',
      });
      continue;
    }
    const price = input.price === undefined ? undefined : minorOf(input.price);
    const compareAt = input.compareAtPrice == null ? null : minorOf(input.compareAtPrice);
    if ((input.price !== undefined && price === undefined) || compareAt === undefined) {
      faults.push({ field: [...at, 'price'], message: 'Price is invalid', code: 'INVALID_INPUT' });
      continue;
    }
    if ((price ?? 0) < 0) {
      faults.push({
        field: [...at, 'price'],
        message: 'Price must be greater than or equal to 0',
        code: 'NEGATIVE_PRICE_VALUE',
      });
      continue;
    }
    if (price !== undefined) draft.put('price', String(variant.variantId), price);
    if (input.compareAtPrice !== undefined) draft.put('compareAt', String(variant.variantId), compareAt);
    draft.effect(gidOf('ProductVariant', variant.variantId));
    changed.push(variant);
  }
  if (faults.length > 0) return { faults };
  draft.tell(() => productWebhook(draft.world, 'products/update', product, draft.ref, draft.atMs));
  return {
    answer: { product: args.productId, variants: changed.map((variant) => gidOf('ProductVariant', variant.variantId)) },
  };
}

export function updateProduct(
  draft: Draft,
  args: { product: { id: string; status?: string } },
): Decided<{ product: string }> {
  const product = draft.world.catalogue.byProductId.get(numberOf(args.product.id, 'Product') ?? 0);
  if (!product) return fault(['id'], 'Product does not exist', null);
  if (args.product.status !== undefined) draft.put('status', String(product.id), args.product.status.toLowerCase());
  draft.effect(args.product.id);
  draft.tell(() => productWebhook(draft.world, 'products/update', product, draft.ref, draft.atMs));
  return { answer: { product: args.product.id } };
}

interface QuantityChange {
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly changeFromQuantity?: number | null;
  /** What is written: a new level, or a difference to it. */
  readonly quantity?: number;
  readonly delta?: number;
}

const HIGHEST = 1_000_000_000;
const REASONS = new Set([
  'correction',
  'cycle_count_available',
  'damaged',
  'movement_created',
  'other',
  'promotion',
  'quality_control',
  'received',
  'reservation_created',
  'reservation_deleted',
  'restock',
  'safety_stock',
  'shrinkage',
]);

interface InventoryAnswer {
  readonly id: string;
  readonly reason: string;
  readonly changes: { name: string; delta: number; quantityAfterChange: number }[];
}

/** Both ways to write a level; `changeFromQuantity` is compare-and-set. All changes hold or none. */
export function changeInventory(
  draft: Draft,
  input: { name: string; reason: string },
  changes: readonly QuantityChange[],
  field: string,
): Decided<InventoryAnswer> {
  if (input.name !== 'available')
    return fault(
      ['input', 'name'],
      'The quantity name is invalid. Valid names are: available.',
      field === 'quantities' ? 'INVALID_NAME' : 'INVALID_QUANTITY_NAME',
    );
  if (!REASONS.has(input.reason)) return fault(['input', 'reason'], 'The reason is invalid.', 'INVALID_REASON');
  const faults: Fault[] = [];
  const made: InventoryAnswer['changes'] = [];
  const seen = new Set<number>();
  for (const [index, change] of changes.entries()) {
    const at = ['input', field, String(index)];
    const variant = draft.world.catalogue.byItemId.get(numberOf(change.inventoryItemId, 'InventoryItem') ?? 0);
    const refused = variant
      ? refusal(draft, variant, change, seen)
      : { code: 'INVALID_INVENTORY_ITEM', message: 'The specified inventory item could not be found.' };
    if (refused || !variant) {
      faults.push({ field: at, message: refused?.message ?? '', code: refused?.code ?? null });
      continue;
    }
    const level = draft.world.level(variant.itemId);
    const delta = change.delta ?? (change.quantity ?? 0) - level;
    const id = String(variant.itemId);
    draft.put('level', id, (draft.world.records.level.get(id) ?? 0) + delta);
    draft.effect(change.inventoryItemId);
    draft.tell(() => levelWebhook(draft.world, variant, `${draft.ref}|${id}`, draft.atMs));
    made.push({ name: 'available', delta, quantityAfterChange: level + delta });
  }
  if (faults.length > 0) return { faults };
  return {
    answer: {
      id: `gid://shopify/InventoryAdjustmentGroup/${Number.parseInt(derivedHex(draft.ref).slice(0, 10), 16)}`,
      reason: input.reason,
      changes: made,
    },
  };
}

function refusal(
  draft: Draft,
  variant: Variant,
  change: QuantityChange,
  seen: Set<number>,
): { code: string; message: string } | undefined {
  if (numberOf(change.locationId, 'Location') !== LOCATION_ID)
    return { code: 'INVALID_LOCATION', message: 'The specified location could not be found.' };
  if (seen.has(variant.itemId))
    return {
      code: 'NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR',
      message: 'The combination of inventoryItemId and locationId must be unique.',
    };
  seen.add(variant.itemId);
  const level = draft.world.level(variant.itemId);
  if (change.changeFromQuantity != null && change.changeFromQuantity !== level) {
    return {
      code: 'CHANGE_FROM_QUANTITY_STALE',
      message: `The changeFromQuantity argument no longer matches the persisted quantity (${level}).`,
    };
  }
  if ((change.quantity ?? 0) < 0)
    return { code: 'INVALID_QUANTITY_NEGATIVE', message: "The quantity can't be negative." };
  if (Math.abs(change.quantity ?? change.delta ?? 0) > HIGHEST)
    return {
      code: 'INVALID_QUANTITY_TOO_HIGH',
      message: `The quantity can't be higher than ${amount(HIGHEST * 100)}.`,
    };
  return undefined;
}
