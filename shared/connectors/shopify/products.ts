import { priceSet } from '#shared/contracts/actions/price-set.ts';
import { PermanentError, UnknownOutcomeError } from '#shared/kernel/errors.ts';
import { decimalText, parseMinor } from '#shared/kernel/money.ts';
import { done, failed, mustBeInStoreCurrency, productOf, unknown } from '../ends.ts';
import { type Errand, gid, type Operation } from './operation.ts';
import { ARCHIVE_PRODUCT, READ_PRICE, READ_PRODUCT, SET_PRICE } from './product-documents.ts';

async function shownMinor({ admin, action, call }: Errand, currency: string): Promise<number | undefined> {
  const id = gid('ProductVariant', productOf(action).variant);
  const { productVariant } = await admin.read<{ productVariant: { price: string } | null }>(READ_PRICE, { id }, call);
  return productVariant ? parseMinor(productVariant.price, currency) : undefined;
}

/** A look after the write that fails says nothing: the write was answered. */
function priceNow(errand: Errand, currency: string): Promise<number | undefined> {
  return shownMinor(errand, currency).catch(() => undefined);
}

/**
 * Prices have no compare-and-set: the price is read first, and where it is neither the one that the decision rested on
 * nor the new one, somebody else has changed it and is not overruled.
 */
export const setPrice: Operation = {
  async execute(errand) {
    const { priceMinor, currency } = priceSet.params.parse(errand.action.params);
    mustBeInStoreCurrency(errand.action, currency);
    const shown = await shownMinor(errand, currency);
    if (shown === undefined) throw new PermanentError('not-found', 'The store has no such variant');
    if (shown === priceMinor) return { priceMinor, already: true };
    const expected = errand.action.expectedMinor;
    if (expected !== undefined && shown !== expected) {
      throw new PermanentError(
        'store-conflict',
        `The store shows the price ${shown}, the decision rested on ${expected}`,
      );
    }
    const { product, variant } = productOf(errand.action);
    const variables = {
      product: gid('Product', product),
      variants: [{ id: gid('ProductVariant', variant), price: decimalText(priceMinor, currency) }],
    };
    await errand.admin.write(SET_PRICE, variables, errand.call);
    const after = await priceNow(errand, currency);
    if (after !== undefined && after !== priceMinor) {
      throw new UnknownOutcomeError('store-conflict', `The price was written and the store shows ${after}`);
    }
    return { priceMinor, before: shown };
  },
  async readBack(errand) {
    const { priceMinor, currency } = priceSet.params.parse(errand.action.params);
    const shown = await shownMinor(errand, currency);
    if (shown === priceMinor) return done({ priceMinor });
    const expected = errand.action.expectedMinor;
    return expected === undefined || shown === expected
      ? failed(`The store shows the price ${shown ?? 'of no variant'}`)
      : unknown(`Somebody else has set the price to ${shown ?? 'nothing'}`);
  },
};

interface ProductRead {
  product: { status: string; variants: { nodes: unknown[] } } | null;
}

export const archiveProduct: Operation = {
  async execute({ admin, action, call }) {
    const id = gid('Product', productOf(action).product);
    const { product } = await admin.read<ProductRead>(READ_PRODUCT, { id }, call);
    if (!product) throw new PermanentError('not-found', 'The store has no such product');
    // The platform archives whole products; siblings of the variant were not granted.
    if (product.variants.nodes.length > 1) {
      throw new PermanentError('not-permitted', 'The product has other variants, which would be archived with it');
    }
    if (product.status === 'ARCHIVED') return { status: 'ARCHIVED', already: true };
    await admin.write(ARCHIVE_PRODUCT, { product: { id, status: 'ARCHIVED' } }, call);
    return { status: 'ARCHIVED' };
  },
  async readBack({ admin, action, call }) {
    const id = gid('Product', productOf(action).product);
    const { product } = await admin.read<ProductRead>(READ_PRODUCT, { id }, call);
    return product?.status === 'ARCHIVED'
      ? done({ status: 'ARCHIVED' })
      : failed(`The product is ${product?.status ?? 'not there'}`);
  },
};
