import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Case, ProductIds } from './contract.ts';

/** More than the longest list of any platform. */
const LENGTH = 300;

const SKUS = Array.from({ length: LENGTH }, (_, n) => `L${n}`);
const LEAVES = SKUS.map((sku): ResourceKey => `sku:${sku}`);

/** The same on every platform: a product that is its own only variant. */
export const LONG_IDS: ProductIds = Object.fromEntries(
  LEAVES.map((leaf, n) => [leaf, { product: `${1_000 + n}`, variant: `${1_000 + n}`, inventoryItem: `${1_000 + n}` }]),
);

const launch = {
  target: 'category:candles',
  discountBasisPoints: 1_500,
  startsAt: '2026-11-21T10:00:00.000Z',
  endsAt: '2036-11-28T10:00:00.000Z',
  title: 'Candle week',
  combines: false,
};

/** Promotions on a long list, with the SKUs that sell at a discount afterwards. */
export const LONG_CASES: readonly (Case & { readonly onSale: readonly string[] })[] = [
  {
    name: 'promotion.launch on a long list',
    type: 'promotion.launch',
    leaves: LEAVES,
    params: launch,
    given: { running: [], sells: LONG_IDS },
    onSale: SKUS,
  },
  {
    name: 'promotion.pause of a long part',
    type: 'promotion.pause',
    leaves: LEAVES,
    params: { target: 'category:candles' },
    more: { discounts: ['61'] },
    given: { running: ['A', ...SKUS, 'B'], sells: LONG_IDS },
    onSale: ['A', 'B'],
  },
  {
    name: 'promotion.end of a long whole',
    type: 'promotion.end',
    leaves: LEAVES,
    params: { target: 'category:candles', title: 'Candle week' },
    more: { discounts: ['61'] },
    given: { running: SKUS, sells: LONG_IDS },
    onSale: [],
  },
];
