import type { FakeBooks } from './fake-books.ts';

// biome-ignore lint/suspicious/noExplicitAny: variables come as JSON; the true schema is checked by a test of its own.
type Variables = any;
type Read = (books: FakeBooks, variables: Variables) => object;
type Write = (books: FakeBooks, variables: Variables, effect: () => void) => object;

const fine = { userErrors: [] };
/** What was written, as every mutation is asked for it. */
const wrote = (field: string, id: unknown) => ({ [field]: { id }, ...fine });
const refused = (code: string, message = 'Refused') => ({ userErrors: [{ code, message }] });

/** The longest list that the platform gives, and takes. */
const LIST_MAX = 250;
const UPDATED = '2026-11-21T10:00:05Z';

function pageOf(nodes: readonly object[], first: number, after?: string | null): object {
  const from = after ? Number(after) : 0;
  const to = from + Math.min(first, LIST_MAX);
  const page = nodes.slice(from, to);
  return {
    nodes: page,
    pageInfo: { hasNextPage: to < nodes.length, endCursor: page.length === 0 ? null : String(from + page.length) },
  };
}

/** What is added to the list of a discount, and taken off it; undefined where the platform takes no list so long. */
function changedList(before: readonly string[], discount: Variables): string[] | undefined {
  const { productVariantsToAdd = [], productVariantsToRemove = [] } = discount.customerGets.items.products ?? {};
  if (Math.max(productVariantsToAdd.length, productVariantsToRemove.length) > LIST_MAX) return undefined;
  return [...before, ...productVariantsToAdd].filter((each) => !productVariantsToRemove.includes(each));
}

const changeDiscount =
  (field: string, node: string): Write =>
  ({ discounts }, { id, discount }, effect) => {
    const found = discounts.find((each) => each.id === id)!;
    const variants = changedList(found.variants, discount);
    if (!variants) return { [field]: refused('TOO_MANY_ARGUMENTS') };
    Object.assign(found, { variants, updatedAt: UPDATED });
    effect();
    return { [field]: wrote(node, id) };
  };

const stopDiscount =
  (field: string, node: string): Write =>
  ({ discounts }, { id }, effect) => {
    Object.assign(discounts.find((each) => each.id === id)!, { status: 'EXPIRED', updatedAt: UPDATED });
    effect();
    return { [field]: wrote(node, id) };
  };

export const GRAPHQL_READS: Readonly<Record<string, Read>> = {
  ReadPrice: ({ prices }, { id }) => ({ productVariant: prices.has(id) ? { id, price: prices.get(id) } : null }),
  ReadProduct: ({ products }, { id }) => {
    const product = products.get(id);
    return {
      product: product
        ? { id, status: product.status, variants: { nodes: Array(product.variants).fill({ id }) } }
        : null,
    };
  },
  ReadLevel: ({ levels }, { id }) => {
    const quantities = [{ name: 'available', quantity: levels.get(id) }];
    return {
      inventoryItem: { id, inventoryLevels: { nodes: [{ location: { id: 'gid://shopify/Location/1' }, quantities }] } },
    };
  },
  ReadDiscount: ({ discounts }, { automatic, code, first, variantsAfter }) => {
    const shown = (id: string) => {
      const found = discounts.find((discount) => discount.id === id);
      if (!found) return null;
      const { title, status, updatedAt = '2026-11-20T10:00:00Z' } = found;
      const ids = found.variants.map((variant) => ({ id: variant }));
      const items = { productVariants: pageOf(ids, first, variantsAfter), products: pageOf([], first) };
      return { id, discount: { title, status, updatedAt, customerGets: { items } } };
    };
    const [a, c] = [shown(automatic), shown(code)];
    return {
      automatic: a && { id: a.id, automaticDiscount: a.discount },
      code: c && { id: c.id, codeDiscount: c.discount },
    };
  },
  FindDiscount: ({ discounts }, { query }) => ({
    discountNodes: {
      nodes: discounts
        .filter((discount) => `title:"${discount.title}"` === query)
        .map(({ id, title, status }) => ({
          id: id.replace('DiscountAutomaticNode', 'DiscountNode'),
          discount: { title, status },
        })),
    },
  }),
  FindCode: ({ discounts }, { code }) => {
    const found = discounts.find((discount) => discount.code === code);
    return { codeDiscountNodeByCode: found ? { id: found.id, codeDiscount: { title: found.title } } : null };
  },
  ReadFulfilment: ({ parts, cancelledAt }, { id }) => ({
    order: {
      id,
      cancelledAt,
      fulfillmentOrders: {
        nodes: parts.map((part) => ({ id: part.id, status: part.status, fulfillmentHolds: part.holds })),
      },
    },
  }),
  ReadFulfilmentLines: ({ parts, cancelledAt }, { id }) => ({
    order: {
      id,
      cancelledAt,
      fulfillmentOrders: {
        nodes: parts.map((part) => ({ id: part.id, status: part.status, lineItems: { nodes: part.lines } })),
      },
    },
  }),
  ReadCancelled: ({ cancelledAt }, { id }) => ({ order: { id, cancelledAt } }),
  ReadTags: ({ tags }, { id }) => ({ order: { id, tags } }),
  ReadPayments: ({ refunds }, { id }) => ({
    order: {
      id,
      transactions: [
        {
          id: 'gid://shopify/OrderTransaction/51',
          kind: 'SALE',
          status: 'SUCCESS',
          gateway: 'manual',
          amountSet: { shopMoney: { amount: '20.00', currencyCode: 'GBP' } },
        },
      ],
      refunds,
    },
  }),
  ReadCredits: ({ credits }, { id }) => ({
    customer: { id, storeCreditAccounts: { nodes: [{ id: 'account', transactions: { nodes: credits } }] } },
  }),
};

export const GRAPHQL_WRITES: Readonly<Record<string, Write>> = {
  SetPrice: ({ prices }, { variants }, effect) => {
    for (const { id, price } of variants) prices.set(id, price);
    effect();
    return { productVariantsBulkUpdate: { productVariants: variants, ...fine } };
  },
  ArchiveProduct: ({ products }, { product }, effect) => {
    products.get(product.id)!.status = product.status;
    effect();
    return { productUpdate: wrote('product', product.id) };
  },
  SetLevel: ({ levels }, { input }, effect) => {
    const [{ inventoryItemId, quantity, changeFromQuantity }] = input.quantities;
    if (levels.get(inventoryItemId) !== changeFromQuantity) {
      return { inventorySetQuantities: refused('CHANGE_FROM_QUANTITY_STALE') };
    }
    if (quantity < 0) return { inventorySetQuantities: refused('INVALID_QUANTITY_NEGATIVE') };
    levels.set(inventoryItemId, quantity);
    effect();
    return { inventorySetQuantities: wrote('inventoryAdjustmentGroup', 'group') };
  },
  AdjustLevel: ({ levels }, { input }, effect) => {
    const [{ inventoryItemId, delta, changeFromQuantity }] = input.changes;
    if (levels.get(inventoryItemId) !== changeFromQuantity) {
      return { inventoryAdjustQuantities: refused('CHANGE_FROM_QUANTITY_STALE') };
    }
    levels.set(inventoryItemId, changeFromQuantity + delta);
    effect();
    return { inventoryAdjustQuantities: wrote('inventoryAdjustmentGroup', 'group') };
  },
  CreateDiscount: ({ discounts }, { discount }, effect) => {
    if (discounts.some((each) => each.title === discount.title))
      return { discountAutomaticBasicCreate: refused('TAKEN') };
    const id = `gid://shopify/DiscountAutomaticNode/${61 + discounts.length}`;
    const variants = changedList([], discount);
    if (!variants) return { discountAutomaticBasicCreate: refused('TOO_MANY_ARGUMENTS') };
    discounts.push({ id, title: discount.title, status: 'ACTIVE', variants, updatedAt: UPDATED });
    effect();
    return { discountAutomaticBasicCreate: wrote('automaticDiscountNode', id) };
  },
  CreateCode: ({ discounts }, { discount }, effect) => {
    if (discounts.some((each) => each.code === discount.code)) return { discountCodeBasicCreate: refused('TAKEN') };
    const id = `gid://shopify/DiscountCodeNode/${61 + discounts.length}`;
    const variants = changedList([], discount);
    if (!variants) return { discountCodeBasicCreate: refused('TOO_MANY_ARGUMENTS') };
    discounts.push({ id, title: discount.title, status: 'ACTIVE', variants, code: discount.code, updatedAt: UPDATED });
    effect();
    return { discountCodeBasicCreate: wrote('codeDiscountNode', id) };
  },
  ChangeDiscount: changeDiscount('discountAutomaticBasicUpdate', 'automaticDiscountNode'),
  ChangeCode: changeDiscount('discountCodeBasicUpdate', 'codeDiscountNode'),
  StopDiscount: stopDiscount('discountAutomaticDeactivate', 'automaticDiscountNode'),
  StopCode: stopDiscount('discountCodeDeactivate', 'codeDiscountNode'),
  Hold: ({ parts }, { id, hold }, effect) => {
    const part = parts.find((each) => each.id === id)!;
    if (part.holds.some((each) => each.handle === hold.handle)) {
      return { fulfillmentOrderHold: refused('DUPLICATE_FULFILLMENT_HOLD_HANDLE') };
    }
    part.holds.push({ id: `hold-${hold.handle}`, handle: hold.handle });
    part.status = 'ON_HOLD';
    effect();
    return { fulfillmentOrderHold: wrote('fulfillmentOrder', id) };
  },
  Release: ({ parts }, { id, holds }, effect) => {
    const part = parts.find((each) => each.id === id)!;
    part.holds.splice(0, part.holds.length, ...part.holds.filter((each) => !holds.includes(each.id)));
    part.status = part.holds.length > 0 ? 'ON_HOLD' : 'OPEN';
    effect();
    return { fulfillmentOrderReleaseHold: wrote('fulfillmentOrder', id) };
  },
  Split: ({ parts }, { splits }, effect) => {
    for (const { fulfillmentOrderId, fulfillmentOrderLineItems } of splits) {
      const part = parts.find((each) => each.id === fulfillmentOrderId)!;
      const taken = new Map<string, number>(
        fulfillmentOrderLineItems.map((line: Variables) => [line.id, line.quantity]),
      );
      const moved = part.lines.flatMap((line) =>
        taken.has(line.id) ? [{ ...line, remainingQuantity: taken.get(line.id)! }] : [],
      );
      part.lines = part.lines
        .map((line) => ({ ...line, remainingQuantity: line.remainingQuantity - (taken.get(line.id) ?? 0) }))
        .filter((line) => line.remainingQuantity > 0);
      parts.push({ id: `${part.id}-later`, status: 'OPEN', holds: [], lines: moved });
    }
    effect();
    const fulfillmentOrderSplits = splits.map((split: Variables) => ({
      fulfillmentOrder: { id: split.fulfillmentOrderId },
    }));
    return { fulfillmentOrderSplit: { fulfillmentOrderSplits, ...fine } };
  },
  CancelOrder: (books, _variables, effect) => {
    books.cancelledAt = '2026-11-21T10:00:00.000Z';
    effect();
    return { orderCancel: { job: { id: 'job', done: false }, orderCancelUserErrors: [] } };
  },
  Tag: ({ tags }, variables, effect) => {
    if (!tags.includes(variables.tags[0])) effect();
    tags.push(...variables.tags);
    return { tagsAdd: wrote('node', variables.id) };
  },
  Refund: ({ refunds }, { input }, effect) => {
    refunds.push({ id: `gid://shopify/Refund/${71 + refunds.length}`, note: input.note });
    effect();
    return { refundCreate: wrote('refund', refunds.at(-1)!.id) };
  },
  GiveCredit: ({ credits }, { credit }, effect) => {
    credits.push({ amount: credit.creditAmount, createdAt: '2026-11-21T10:00:05.000Z' });
    effect();
    return { storeCreditAccountCredit: wrote('storeCreditAccountTransaction', 'transaction') };
  },
};
