import { PermanentError } from '#shared/kernel/errors.ts';
import type { Page } from '../pages.ts';
import { type Errand, gid } from './operation.ts';
import { CHANGE_CODE, CHANGE_DISCOUNT, READ_DISCOUNT, STOP_CODE, STOP_DISCOUNT } from './promotion-documents.ts';

/** The platform takes lists of at most this many. */
export const LIST_MAX = 250;
/** Four lists are asked for at once, and one query may cost no more than 1,000 points. */
const READ_AT_ONCE = 100;
/** More than a shop has variants that one discount could name. */
const READS_MAX = 500;

type Ids = Page<{ readonly id: string }>;

interface Node {
  readonly title?: string;
  readonly status?: string;
  readonly updatedAt?: string;
  readonly customerGets?: { readonly items: { readonly productVariants?: Ids; readonly products?: Ids } };
}

interface DiscountRead {
  readonly automatic: { readonly automaticDiscount?: Node } | null;
  readonly code: { readonly codeDiscount?: Node } | null;
}

/** A discount as the store shows it now. */
export interface Discount {
  readonly id: string;
  /** How its kind is changed and stopped. */
  readonly change: string;
  readonly stop: string;
  readonly title: string;
  readonly isOver: boolean;
  readonly updatedAt: string;
  /** All that it is on; both are empty where it is on no list. */
  readonly variants: ReadonlySet<string>;
  readonly products: ReadonlySet<string>;
}

/** What a discount's name has for a number, whichever of its names it is. */
export const discountNumber = (name: string) => /\d+$/.exec(name)?.[0] ?? name;

/** Reads to the end of both lists: what is decided on the first page alone is decided on a part. */
export async function readDiscount({ admin, call }: Errand, name: string): Promise<Discount | undefined> {
  const number = discountNumber(name);
  const ids = { automatic: gid('DiscountAutomaticNode', number), code: gid('DiscountCodeNode', number) };
  const variants = new Set<string>();
  const products = new Set<string>();
  let after: { variantsAfter?: string; productsAfter?: string } = {};
  for (let reads = 0; reads < READS_MAX; reads++) {
    const read = await admin.read<DiscountRead>(READ_DISCOUNT, { ...ids, first: READ_AT_ONCE, ...after }, call);
    const node = read.automatic?.automaticDiscount ?? read.code?.codeDiscount;
    // Of both kinds one is there, or none.
    if (!node) return undefined;
    const { productVariants, products: whole } = node.customerGets?.items ?? {};
    for (const { id } of productVariants?.nodes ?? []) variants.add(id);
    for (const { id } of whole?.nodes ?? []) products.add(id);
    if (productVariants?.pageInfo.hasNextPage || whole?.pageInfo.hasNextPage) {
      after = { ...after, ...cursor('variantsAfter', productVariants), ...cursor('productsAfter', whole) };
      continue;
    }
    const { title = '', status, updatedAt = '' } = node;
    const kind = read.automatic?.automaticDiscount
      ? { id: ids.automatic, change: CHANGE_DISCOUNT, stop: STOP_DISCOUNT }
      : { id: ids.code, change: CHANGE_CODE, stop: STOP_CODE };
    return { ...kind, title, isOver: status === 'EXPIRED', updatedAt, variants, products };
  }
  throw new PermanentError('not-supported', 'The discount is on more than can be read');
}

/** A list that is at its end stays there: without a cursor it would begin anew. */
const cursor = (name: string, list: Ids | undefined) =>
  list?.pageInfo.endCursor ? { [name]: list.pageInfo.endCursor } : {};
