import { PermanentError } from '#shared/kernel/errors.ts';
import { toMs } from '#shared/kernel/time.ts';
import { done, failed, oneByOne, unknown } from '../ends.ts';
import { hasPromotionMark, isPromotionOf } from '../idempotency.ts';
import { type Discount, discountNumber, LIST_MAX, readDiscount } from './discounts.ts';
import { type Errand, gid, type Operation } from './operation.ts';

interface Running {
  readonly discount: Discount;
  /** What of it lies on the leaves. */
  readonly variants: readonly string[];
  readonly products: readonly string[];
  /** True where nothing of it would be left. */
  readonly whole: boolean;
}

/** What runs on the leaves, as the store shows it now. */
interface Shown {
  readonly own: readonly Running[];
  /** Discounts that a person has made, or has made theirs under another title. */
  readonly others: readonly string[];
  /** Whether one of our own has been changed since the action was due. */
  readonly isChanged: boolean;
}

/** Every discount that a fact names for a leaf, or that an action of ours has put on one, if it is the one that is meant. */
async function named(errand: Errand): Promise<Discount[]> {
  const { leaves, facts, discounts, params } = errand.action;
  const told = leaves.flatMap((leaf) => Object.keys(facts.get(leaf, 'promotions')?.value ?? {}));
  const found: Discount[] = [];
  for (const name of new Set([...told, ...discounts].map(discountNumber))) {
    const discount = await readDiscount(errand, name);
    if (discount && (typeof params.title !== 'string' || isPromotionOf(discount.title, params.title)))
      found.push(discount);
  }
  return found;
}

async function shownBy(errand: Errand): Promise<Shown> {
  const all = await named(errand);
  const own = all.filter(({ title }) => hasPromotionMark(title));
  const others = all.filter(({ title, isOver }) => !hasPromotionMark(title) && !isOver);
  const dueMs = toMs(errand.action.notBefore);
  return {
    own: own.filter(({ isOver }) => !isOver).flatMap((discount) => onLeaves(errand, discount) ?? []),
    others: others.map(({ id }) => id),
    isChanged: own.some(({ updatedAt }) => toMs(updatedAt) >= dueMs),
  };
}

function onLeaves({ action }: Errand, discount: Discount): Running | undefined {
  if (discount.variants.size + discount.products.size === 0) {
    throw new PermanentError('not-permitted', 'A discount on everything would end for everything');
  }
  const ids = action.leaves.flatMap((leaf) => action.facts.get(leaf, 'product')?.value ?? []);
  const among = (kind: string, all: ReadonlySet<string>, numbers: readonly string[]) => [
    ...new Set(numbers.map((number) => gid(kind, number)).filter((id) => all.has(id))),
  ];
  const variants = among(
    'ProductVariant',
    discount.variants,
    ids.map(({ variant }) => variant),
  );
  const products = among(
    'Product',
    discount.products,
    ids.map(({ product }) => product),
  );
  if (variants.length + products.length === 0) return undefined;
  const whole = variants.length === discount.variants.size && products.length === discount.products.size;
  return { discount, variants, products, whole };
}

type Call = () => Promise<unknown>;

/** A discount that covers more than the leaves is narrowed, because the rest of it was not granted to be ended. */
function callsFor({ admin, call }: Errand, { discount, variants, products, whole }: Running): Call[] {
  const { id, change, stop } = discount;
  if (whole) return [() => admin.write(stop, { id }, call)];
  const calls: Call[] = [];
  for (let from = 0; from < Math.max(variants.length, products.length); from += LIST_MAX) {
    const items = {
      products: {
        productVariantsToRemove: variants.slice(from, from + LIST_MAX),
        productsToRemove: products.slice(from, from + LIST_MAX),
      },
    };
    calls.push(() => admin.write(change, { id, discount: { customerGets: { items } } }, call));
  }
  return calls;
}

/** Ends what of ours runs on the leaves and nothing else. */
export const stopPromotion: Operation = {
  async execute(errand) {
    const { own, others } = await shownBy(errand);
    if (own.length === 0 && others.length > 0) {
      throw new PermanentError('not-permitted', 'A person has made this discount; only a person ends it');
    }
    await oneByOne(
      own.flatMap((running) => callsFor(errand, running)),
      async (call) => void (await call()),
    );
    const idsOf = (running: readonly Running[]) => running.map(({ discount }) => discount.id);
    return {
      stopped: idsOf(own.filter(({ whole }) => whole)),
      narrowed: idsOf(own.filter(({ whole }) => !whole)),
      ...(others.length > 0 ? { left: others } : {}),
    };
  },
  async readBack(errand) {
    const { own, isChanged } = await shownBy(errand);
    if (own.length === 0) return done({});
    return isChanged ? unknown('The store shows a part of it') : failed('The store shows nothing of it');
  },
};
