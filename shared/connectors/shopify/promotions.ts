import { promotionLaunch } from '#shared/contracts/actions/promotion-launch.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { PermanentError, toParleyError, UnknownOutcomeError } from '#shared/kernel/errors.ts';
import { BASIS_POINTS } from '#shared/kernel/money.ts';
import { agreed, done, failed, oneByOne } from '../ends.ts';
import { isPromotionOf, promotionTitle } from '../idempotency.ts';
import { createCode, lookForCode } from './code-discounts.ts';
import { type Errand, gid, type Operation } from './operation.ts';
import {
  CHANGE_CODE,
  CHANGE_DISCOUNT,
  CREATE_DISCOUNT,
  FIND_DISCOUNT,
  READ_DISCOUNT,
  STOP_CODE,
  STOP_DISCOUNT,
} from './promotion-documents.ts';

/** The platform takes lists of at most this many. */
const PAGE = 250;

interface Covered {
  readonly variants: readonly string[];
  readonly skipped: readonly ResourceKey[];
}

function coveredBy({ action }: Errand): Covered {
  const variants: string[] = [];
  const skipped: ResourceKey[] = [];
  for (const leaf of action.leaves) {
    const ids = action.facts.get(leaf, 'product')?.value;
    if (ids) variants.push(gid('ProductVariant', ids.variant));
    else skipped.push(leaf);
  }
  if (variants.length === 0) throw new PermanentError('not-found', 'No product of the store is known for any leaf');
  return { variants, skipped };
}

async function findOwn({ admin, action, call }: Errand): Promise<string | undefined> {
  const title = promotionTitle(action.action, promotionLaunch.params.parse(action.params).title);
  const { discountNodes } = await admin.read<{
    discountNodes: { nodes: { id: string; discount: { title?: string } }[] };
  }>(FIND_DISCOUNT, { query: `title:"${title}"` }, call);
  return discountNodes.nodes.find((node) => node.discount.title === title)?.id;
}

/** What did not fit into the creating call. The discount exists by then, so a fault leaves the whole neither done nor failed. */
async function coverRest(
  { admin, call }: Errand,
  document: string,
  id: string,
  variants: readonly string[],
): Promise<void> {
  for (let from = 0; from < variants.length; from += PAGE) {
    const items = { products: { productVariantsToAdd: variants.slice(from, from + PAGE) } };
    try {
      await admin.write(document, { id, discount: { customerGets: { items } } }, call);
    } catch (thrown) {
      const error = toParleyError(thrown);
      throw new UnknownOutcomeError(error.reason, `The discount covers a part of the list: ${error.message}`, {
        cause: error,
      });
    }
  }
}

/** Without a code the title carries the action's mark: the platform has no idempotency key for discounts. */
async function createAutomatic({ admin, call }: Errand, discount: object): Promise<string> {
  const created = await admin.write<{
    discountAutomaticBasicCreate: { automaticDiscountNode: { id: string } | null };
  }>(CREATE_DISCOUNT, { discount }, call);
  return created.discountAutomaticBasicCreate.automaticDiscountNode?.id ?? '';
}

/** One discount for the whole list, for everybody or for those who know the code. */
export const launchPromotion: Operation = {
  async execute(errand) {
    const { action } = errand;
    const params = promotionLaunch.params.parse(action.params);
    const { code } = params;
    const { variants, skipped } = coveredBy(errand);
    const discount = {
      title: promotionTitle(action.action, params.title),
      startsAt: params.startsAt,
      endsAt: params.endsAt,
      combinesWith: { productDiscounts: params.combines, orderDiscounts: params.combines, shippingDiscounts: true },
      customerGets: {
        value: { percentage: params.discountBasisPoints / BASIS_POINTS },
        items: { products: { productVariantsToAdd: variants.slice(0, PAGE) } },
      },
    };
    const everybody = { context: { all: 'ALL' } };
    const id =
      code === undefined
        ? await createAutomatic(errand, discount)
        : (await createCode(errand, { ...discount, ...everybody, code })).id;
    await coverRest(errand, code === undefined ? CHANGE_DISCOUNT : CHANGE_CODE, id, variants.slice(PAGE));
    return { discount: id, variants: variants.length, ...(skipped.length > 0 ? { skipped } : {}) };
  },
  async readBack(errand) {
    const { code, title } = promotionLaunch.params.parse(errand.action.params);
    if (code !== undefined) return await lookForCode(errand, code, promotionTitle(errand.action.action, title));
    const id = await findOwn(errand);
    return id === undefined ? failed('The store has no discount with the mark of this action') : done({ discount: id });
  },
};

interface Discount {
  readonly title?: string;
  readonly status?: string;
  readonly customerGets?: {
    readonly items: { readonly productVariants?: Ids; readonly products?: Ids };
  };
}

interface Ids {
  readonly nodes: readonly { readonly id: string }[];
}

interface DiscountRead {
  readonly automatic: { readonly id?: string; readonly automaticDiscount?: Discount } | null;
  readonly code: { readonly id?: string; readonly codeDiscount?: Discount } | null;
}

/** Of both kinds one is there, or none. */
async function readDiscount({ admin, call }: Errand, name: string) {
  const number = /\d+$/.exec(name)?.[0] ?? name;
  const variables = { automatic: gid('DiscountAutomaticNode', number), code: gid('DiscountCodeNode', number) };
  const { automatic, code } = await admin.read<DiscountRead>(READ_DISCOUNT, variables, call);
  if (automatic?.automaticDiscount) {
    return {
      id: variables.automatic,
      discount: automatic.automaticDiscount,
      change: CHANGE_DISCOUNT,
      stop: STOP_DISCOUNT,
    };
  }
  if (!code?.codeDiscount) return undefined;
  return { id: variables.code, discount: code.codeDiscount, change: CHANGE_CODE, stop: STOP_CODE };
}

interface Running {
  readonly id: string;
  /** How its kind is changed and stopped. */
  readonly change: string;
  readonly stop: string;
  /** What of it lies on the leaves. */
  readonly variants: readonly string[];
  readonly products: readonly string[];
  /** True where nothing of it would be left. */
  readonly whole: boolean;
}

/** Every discount that still runs on one of the leaves, as the store shows it now. */
async function running(errand: Errand): Promise<Running[]> {
  const { action } = errand;
  const ids = action.leaves.flatMap((leaf) => action.facts.get(leaf, 'product')?.value ?? []);
  const ours = {
    variants: new Set(ids.map((each) => gid('ProductVariant', each.variant))),
    products: new Set(ids.map((each) => gid('Product', each.product))),
  };
  const named = action.leaves.flatMap((leaf) => Object.keys(action.facts.get(leaf, 'promotions')?.value ?? {}));
  const candidates = new Set([...named, ...action.discounts].map((name) => /\d+$/.exec(name)?.[0] ?? name));
  const found: Running[] = [];
  for (const name of candidates) {
    const read = await readDiscount(errand, name);
    if (!read || read.discount.status === 'EXPIRED') continue;
    const { id, discount, change, stop } = read;
    if (typeof action.params.title === 'string' && !isPromotionOf(discount.title ?? '', action.params.title)) continue;
    const variants = discount.customerGets?.items.productVariants?.nodes.map((node) => node.id) ?? [];
    const products = discount.customerGets?.items.products?.nodes.map((node) => node.id) ?? [];
    if (variants.length === 0 && products.length === 0) {
      throw new PermanentError('not-permitted', 'A discount on everything would end for everything');
    }
    const full = variants.length === PAGE || products.length === PAGE;
    const hit = {
      variants: full ? [...ours.variants] : variants.filter((variant) => ours.variants.has(variant)),
      products: products.filter((product) => ours.products.has(product)),
    };
    if (hit.variants.length === 0 && hit.products.length === 0) continue;
    const whole = !full && hit.variants.length === variants.length && hit.products.length === products.length;
    found.push({ id, change, stop, ...hit, whole });
  }
  return found;
}

/**
 * Ends what runs on the leaves and nothing else: a discount that covers more than the leaves is narrowed, because the
 * rest of it was not granted to be ended.
 */
export const stopPromotion: Operation = {
  async execute(errand) {
    const found = await running(errand);
    await oneByOne(found, async ({ id, change, stop, variants, products, whole }) => {
      const { admin, call } = errand;
      if (whole) await admin.write(stop, { id }, call);
      else {
        const lists = { productVariantsToRemove: variants.slice(0, PAGE), productsToRemove: products.slice(0, PAGE) };
        const items = { products: lists };
        await admin.write(change, { id, discount: { customerGets: { items } } }, call);
      }
    });
    return {
      stopped: found.filter((each) => each.whole).map((each) => each.id),
      narrowed: found.filter((each) => !each.whole).map((each) => each.id),
    };
  },
  async readBack(errand) {
    const left = await running(errand);
    return agreed([left.length === 0], {}, done({}));
  },
};
