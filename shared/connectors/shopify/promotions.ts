import { promotionLaunch } from '#shared/contracts/actions/promotion-launch.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { PermanentError, toParleyError, UnknownOutcomeError } from '#shared/kernel/errors.ts';
import { BASIS_POINTS } from '#shared/kernel/money.ts';
import type { ReadBack } from '../connector.ts';
import { done, failed, unknown } from '../ends.ts';
import { promotionTitle } from '../idempotency.ts';
import { createCode, lookForCode } from './code-discounts.ts';
import { LIST_MAX, readDiscount } from './discounts.ts';
import { type Errand, gid, type Operation } from './operation.ts';
import { CHANGE_CODE, CHANGE_DISCOUNT, CREATE_DISCOUNT, FIND_DISCOUNT } from './promotion-documents.ts';

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
  for (let from = 0; from < variants.length; from += LIST_MAX) {
    const items = { products: { productVariantsToAdd: variants.slice(from, from + LIST_MAX) } };
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
    if (variants.length === 0) throw new PermanentError('not-found', 'No product of the store is known for any leaf');
    const discount = {
      title: promotionTitle(action.action, params.title),
      startsAt: params.startsAt,
      endsAt: params.endsAt,
      combinesWith: { productDiscounts: params.combines, orderDiscounts: params.combines, shippingDiscounts: true },
      customerGets: {
        value: { percentage: params.discountBasisPoints / BASIS_POINTS },
        items: { products: { productVariantsToAdd: variants.slice(0, LIST_MAX) } },
      },
    };
    const everybody = { context: { all: 'ALL' } };
    const id =
      code === undefined
        ? await createAutomatic(errand, discount)
        : (await createCode(errand, { ...discount, ...everybody, code })).id;
    await coverRest(errand, code === undefined ? CHANGE_DISCOUNT : CHANGE_CODE, id, variants.slice(LIST_MAX));
    return { discount: id, variants: variants.length, ...(skipped.length > 0 ? { skipped } : {}) };
  },
  async readBack(errand) {
    const { code, title } = promotionLaunch.params.parse(errand.action.params);
    if (code !== undefined) {
      const shown = await lookForCode(errand, code, promotionTitle(errand.action.action, title));
      return shown.end === 'done' ? await wholeOf(errand, String(shown.outcome.discount)) : shown;
    }
    const id = await findOwn(errand);
    return id === undefined
      ? failed('The store has no discount with the mark of this action')
      : await wholeOf(errand, id);
  },
};

/** A discount that is there may still lack what did not fit into the creating call. */
async function wholeOf(errand: Errand, id: string): Promise<ReadBack> {
  const shown = await readDiscount(errand, id);
  const isWhole = coveredBy(errand).variants.every((variant) => shown?.variants.has(variant));
  return isWhole ? done({ discount: id }) : unknown('The discount covers a part of the list');
}
