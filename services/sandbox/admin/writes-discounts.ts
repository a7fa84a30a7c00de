import { derivedHex } from '../catalogue/draw.ts';
import { gidOf, ID_BASE, numberOf } from '../catalogue/identity.ts';
import type { Discount } from '../world/records.ts';
import { shopifyWebhook } from '../world/webhook.ts';
import { type DiscountKind, discountStatus, kindOf } from './discount-view.ts';
import type { Draft, Fault } from './ledgered.ts';

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
  readonly code?: string;
  readonly usageLimit?: number;
  readonly context?: { readonly customers?: { readonly add?: string[] } };
  readonly title?: string;
  readonly startsAt?: string;
  readonly endsAt?: string | null;
  readonly combinesWith?: { productDiscounts: boolean; orderDiscounts: boolean; shippingDiscounts: boolean };
  readonly customerGets?: {
    value?: { percentage?: number };
    items?: { all?: boolean; products?: ItemsInput };
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
    ...(input.code === undefined ? {} : { code: input.code.trim() }),
    ...(input.customerGets?.items?.all ? { all: true } : {}),
    ...(input.usageLimit === undefined ? {} : { usageLimit: input.usageLimit }),
    ...(input.context?.customers
      ? { customerIds: (input.context.customers.add ?? []).map((gid) => numberOf(gid, 'Customer') ?? 0) }
      : {}),
  };
}

function instantOf(text: string | null | undefined): string | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

function refusalOf(draft: Draft, discount: Discount): { faults: Fault[] } | undefined {
  const at = discount.code === undefined ? 'automaticBasicDiscount' : 'basicCodeDiscount';
  const others = [...draft.world.records.discount.values()].filter(
    (each) => each.id !== discount.id && kindOf(each) === kindOf(discount),
  );
  if (discount.title === '') return fault([at, 'title'], "Title can't be blank", 'BLANK');
  const taken = takenField(discount, others);
  if (taken) return fault([at, taken], `${taken === 'code' ? 'Code' : 'Title'} must be unique`, 'TAKEN');
  if (!(discount.percentage > 0 && discount.percentage <= 1))
    return fault(
      [at, 'customerGets', 'value', 'percentage'],
      'Value must be between 0.0 and 1.0',
      'VALUE_OUTSIDE_RANGE',
    );
  if (discount.startsAt === '') return fault([at, 'startsAt'], "Starts at can't be blank", 'BLANK');
  if (discount.endsAt !== null && discount.endsAt <= discount.startsAt)
    return fault([at, 'endsAt'], 'Ends at needs to be after starts_at', 'END_DATE_BEFORE_START_DATE');
  return refusedItems(draft, discount, at) ?? refusedNumber(draft, discount, others, at);
}

/** An automatic discount is known by its title, one by code by its code, however that is written. */
function takenField(discount: Discount, others: readonly Discount[]): 'code' | 'title' | undefined {
  const { code, title } = discount;
  if (code === undefined) return others.some((each) => each.title === title) ? 'title' : undefined;
  return others.some((each) => each.code?.toLowerCase() === code.toLowerCase()) ? 'code' : undefined;
}

function refusedItems(draft: Draft, discount: Discount, at: string): { faults: Fault[] } | undefined {
  const { byProductId, byVariantId } = draft.world.catalogue;
  if (!discount.all && discount.productIds.length + discount.variantIds.length === 0)
    return fault([at, 'customerGets', 'items'], 'Items must be specified', 'APPLIES_ON_NOTHING');
  if (
    discount.productIds.some((id) => !byProductId.has(id)) ||
    discount.variantIds.some((id) => !byVariantId.has(id))
  ) {
    return fault([at, 'customerGets', 'items'], 'Product does not exist', 'INVALID');
  }
  return undefined;
}

/** Only of the automatic ones is there a bound. */
function refusedNumber(
  draft: Draft,
  discount: Discount,
  others: readonly Discount[],
  at: string,
): { faults: Fault[] } | undefined {
  const running = others.filter((each) => discountStatus(each, draft.atMs) === 'ACTIVE').length;
  if (discount.code !== undefined || running < ACTIVE_DISCOUNTS) return undefined;
  return fault([at], `Up to ${ACTIVE_DISCOUNTS} automatic discounts can be active`, 'MAX_APP_DISCOUNTS');
}

export function createDiscount(
  draft: Draft,
  args: { automaticBasicDiscount?: DiscountInput; basicCodeDiscount?: DiscountInput },
): Decided<{ discount: string }> {
  const { automaticBasicDiscount, basicCodeDiscount = { ...automaticBasicDiscount } } = args;
  if (automaticBasicDiscount === undefined && !basicCodeDiscount.code?.trim())
    return fault(['basicCodeDiscount', 'code'], "Code can't be blank", 'BLANK');
  const discount = merged(basicCodeDiscount, {
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

function discountNamed(draft: Draft, gid: string, kind: DiscountKind): Discount | undefined {
  const discount = draft.world.records.discount.get(String(numberOf(gid, kind) ?? 0));
  return discount && kindOf(discount) === kind ? discount : undefined;
}

export function updateDiscount(
  draft: Draft,
  args: { id: string; automaticBasicDiscount?: DiscountInput; basicCodeDiscount?: DiscountInput },
): Decided<{ discount: string }> {
  const { id, automaticBasicDiscount, basicCodeDiscount } = args;
  const before = discountNamed(draft, id, automaticBasicDiscount ? 'DiscountAutomaticNode' : 'DiscountCodeNode');
  if (!before) return fault(['id'], 'Discount does not exist', 'INVALID');
  const discount = merged(automaticBasicDiscount ?? basicCodeDiscount ?? {}, before);
  return refusalOf(draft, discount) ?? keepDiscount(draft, discount, 'discounts/update');
}

export function switchDiscount(
  draft: Draft,
  args: { id: string },
  active: boolean,
  kind: DiscountKind = 'DiscountAutomaticNode',
): Decided<{ discount: string }> {
  const discount = discountNamed(draft, args.id, kind);
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
  const gid = gidOf(kindOf(discount), discount.id);
  draft.put('discount', String(discount.id), discount);
  draft.effect(gid);
  draft.tell(() =>
    shopifyWebhook(draft.world, topic, draft.ref, draft.atMs, { keys: [`discount:${discount.id}`] }, () =>
      discountBody(draft, discount),
    ),
  );
  return { answer: { discount: gid } };
}

/**
 * Shopify tells title and status only. The rest is an addition of ours, so that a receiver need not ask back; of a discount
 * by code it is left out, because it changes no price that is shown.
 */
function discountBody(draft: Draft, discount: Discount): string {
  const { byProductId, byVariantId } = draft.world.catalogue;
  const variants = [
    ...discount.productIds.flatMap((id) => byProductId.get(id)?.variants ?? []),
    ...discount.variantIds.flatMap((id) => byVariantId.get(id) ?? []),
  ];
  return JSON.stringify({
    admin_graphql_api_id: gidOf(kindOf(discount), discount.id),
    title: discount.title,
    status: discountStatus(discount, draft.atMs),
    created_at: new Date(discount.createdAtMs).toISOString(),
    updated_at: new Date(draft.atMs).toISOString(),
    starts_at: discount.startsAt,
    ends_at: discount.endsAt,
    ...(discount.code === undefined
      ? {
          value: { type: 'percentage', percentage: discount.percentage },
          skus: [...new Set(variants.map((variant) => variant.sku))],
        }
      : {}),
  });
}
