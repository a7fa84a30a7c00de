import { derivedHex } from '../catalogue/draw.ts';
import { gidOf, ID_BASE, numberOf } from '../catalogue/identity.ts';
import type { Discount } from '../world/records.ts';
import { shopifyWebhook } from '../world/webhook.ts';
import type { Draft, Fault } from './ledgered.ts';
import { discountStatus } from './views.ts';

type Decided<Answer> = { answer: Answer } | { faults: Fault[] };

const fault = (field: string[] | null, message: string, code: string | null): { faults: Fault[] } => ({
  faults: [{ field, message, code }],
});

interface ItemsInput {
  readonly productsToAdd?: string[];
  readonly productsToRemove?: string[];
  readonly productVariantsToAdd?: string[];
  readonly productVariantsToRemove?: string[];
}

interface DiscountInput {
  readonly title?: string;
  readonly startsAt?: string;
  readonly endsAt?: string | null;
  readonly combinesWith?: { productDiscounts: boolean; orderDiscounts: boolean; shippingDiscounts: boolean };
  readonly customerGets?: {
    value?: { percentage?: number };
    items?: { products?: ItemsInput };
  };
}

const ACTIVE_DISCOUNTS = 25;

/** A new discount, or one changed: what the input does not name stays as it was. */
function merged(input: DiscountInput, before: Discount): Discount {
  const items = input.customerGets?.items?.products ?? {};
  const changed = (kind: string, ids: readonly number[], add: string[] = [], remove: string[] = []) => {
    const gone = new Set(remove.map((gid) => numberOf(gid, kind)));
    return [...new Set([...ids, ...add.map((gid) => numberOf(gid, kind) ?? 0)])].filter((id) => !gone.has(id));
  };
  return {
    ...before,
    title: input.title?.trim() ?? before.title,
    percentage: input.customerGets?.value?.percentage ?? before.percentage,
    productIds: changed('Product', before.productIds, items.productsToAdd, items.productsToRemove),
    variantIds: changed('ProductVariant', before.variantIds, items.productVariantsToAdd, items.productVariantsToRemove),
    startsAt: instantOf(input.startsAt) ?? before.startsAt,
    endsAt: input.endsAt === undefined ? before.endsAt : (instantOf(input.endsAt) ?? null),
    combinesWith: input.combinesWith ?? before.combinesWith,
  };
}

function instantOf(text: string | null | undefined): string | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

function refusalOf(draft: Draft, discount: Discount): { faults: Fault[] } | undefined {
  const at = 'automaticBasicDiscount';
  const others = [...draft.world.records.discount.values()].filter((each) => each.id !== discount.id);
  const { byProductId, byVariantId } = draft.world.catalogue;
  if (discount.title === '') return fault([at, 'title'], "Title can't be blank", 'BLANK');
  if (others.some((each) => each.title === discount.title))
    return fault([at, 'title'], 'Title must be unique', 'TAKEN');
  if (!(discount.percentage > 0 && discount.percentage <= 1))
    return fault(
      [at, 'customerGets', 'value', 'percentage'],
      'Value must be between 0.0 and 1.0',
      'VALUE_OUTSIDE_RANGE',
    );
  if (discount.startsAt === '') return fault([at, 'startsAt'], "Starts at can't be blank", 'BLANK');
  if (discount.endsAt !== null && discount.endsAt <= discount.startsAt)
    return fault([at, 'endsAt'], 'Ends at needs to be after starts_at', 'END_DATE_BEFORE_START_DATE');
  if (discount.productIds.length + discount.variantIds.length === 0)
    return fault([at, 'customerGets', 'items'], 'Items must be specified', 'APPLIES_ON_NOTHING');
  if (
    discount.productIds.some((id) => !byProductId.has(id)) ||
    discount.variantIds.some((id) => !byVariantId.has(id))
  ) {
    return fault([at, 'customerGets', 'items'], 'Product does not exist', 'INVALID');
  }
  const running = others.filter((each) => discountStatus(each, draft.atMs) === 'ACTIVE').length;
  if (running >= ACTIVE_DISCOUNTS)
    return fault([at], `Up to ${ACTIVE_DISCOUNTS} automatic discounts can be active`, 'MAX_APP_DISCOUNTS');
  return undefined;
}

export function createDiscount(
  draft: Draft,
  args: { automaticBasicDiscount: DiscountInput },
): Decided<{ discount: string }> {
  const discount = merged(args.automaticBasicDiscount, {
    id: ID_BASE.discount + Number.parseInt(derivedHex(draft.ref).slice(0, 9), 16),
    title: '',
    percentage: 0,
    productIds: [],
    variantIds: [],
    startsAt: '',
    endsAt: null,
    combinesWith: { productDiscounts: false, orderDiscounts: false, shippingDiscounts: false },
    createdAtMs: draft.atMs,
  });
  return refusalOf(draft, discount) ?? keepDiscount(draft, discount, 'discounts/create');
}

export function updateDiscount(
  draft: Draft,
  args: { id: string; automaticBasicDiscount: DiscountInput },
): Decided<{ discount: string }> {
  const before = draft.world.records.discount.get(String(numberOf(args.id, 'DiscountAutomaticNode') ?? 0));
  if (!before) return fault(['id'], 'Discount does not exist', 'INVALID');
  const discount = merged(args.automaticBasicDiscount, before);
  return refusalOf(draft, discount) ?? keepDiscount(draft, discount, 'discounts/update');
}

export function switchDiscount(draft: Draft, args: { id: string }, active: boolean): Decided<{ discount: string }> {
  const discount = draft.world.records.discount.get(String(numberOf(args.id, 'DiscountAutomaticNode') ?? 0));
  if (!discount) return fault(['id'], 'Discount does not exist', 'INVALID');
  const now = new Date(draft.atMs).toISOString();
  const status = discountStatus(discount, draft.atMs);
  if (active)
    return keepDiscount(
      draft,
      {
        ...discount,
        startsAt: status === 'SCHEDULED' ? now : discount.startsAt,
        endsAt: status === 'EXPIRED' ? null : discount.endsAt,
      },
      'discounts/update',
    );
  return keepDiscount(
    draft,
    {
      ...discount,
      startsAt: status === 'SCHEDULED' ? now : discount.startsAt,
      endsAt: status === 'EXPIRED' ? discount.endsAt : now,
    },
    'discounts/update',
  );
}

function keepDiscount(draft: Draft, discount: Discount, topic: string): { answer: { discount: string } } {
  const gid = gidOf('DiscountAutomaticNode', discount.id);
  draft.put('discount', String(discount.id), discount);
  draft.effect(gid);
  draft.tell(() =>
    shopifyWebhook(draft.world, topic, draft.ref, draft.atMs, { keys: [`discount:${discount.id}`] }, () =>
      discountBody(draft, discount),
    ),
  );
  return { answer: { discount: gid } };
}

/** Shopify tells title and status only. The rest is an addition of ours, so that a receiver need not ask back. */
function discountBody(draft: Draft, discount: Discount): string {
  const { byProductId, byVariantId } = draft.world.catalogue;
  const variants = [
    ...discount.productIds.flatMap((id) => byProductId.get(id)?.variants ?? []),
    ...discount.variantIds.flatMap((id) => byVariantId.get(id) ?? []),
  ];
  return JSON.stringify({
    admin_graphql_api_id: gidOf('DiscountAutomaticNode', discount.id),
    title: discount.title,
    status: discountStatus(discount, draft.atMs),
    created_at: new Date(discount.createdAtMs).toISOString(),
    updated_at: new Date(draft.atMs).toISOString(),
    starts_at: discount.startsAt,
    ends_at: discount.endsAt,
    value: { type: 'percentage', percentage: discount.percentage },
    skus: [...new Set(variants.map((variant) => variant.sku))],
  });
}
