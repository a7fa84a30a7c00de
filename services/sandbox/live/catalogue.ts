import type { Draw } from '../catalogue/draw.ts';
import { type Catalogue, catalogueOf, type Product, type Supplier } from '../catalogue/goods.ts';
import { ID_BASE, idMaker } from '../catalogue/identity.ts';

/** Name, category, price in pence, units sold on a usual shop day, and the variants' names where there is more than one. */
const GOODS: readonly (readonly [
  name: string,
  category: string,
  pence: number,
  daily: number,
  ...variants: string[],
])[] = [
  ['Beeswax pillar candle', 'candles', 895, 9, 'Honey', 'Sage'],
  ['Tin travel candle, fig leaf', 'candles', 650, 14],
  ['Floating candles, set of eight', 'candles', 525, 7],
  ['Brass snuffer', 'candles', 1150, 2],
  ['Tealight jar, ribbed glass', 'candles', 420, 18, 'Amber', 'Smoke', 'Clear'],
  ['Storm lantern, small', 'lighting', 1895, 4],
  ['Paper star lamp', 'lighting', 1450, 6, 'White', 'Red'],
  ['Fairy lights on copper wire', 'lighting', 795, 12],
  ['Clip-on reading light', 'lighting', 1099, 5],
  ['Stoneware mug, speckled', 'tea and coffee', 1100, 16, 'Oat', 'Moss', 'Slate'],
  ['Teapot for two', 'tea and coffee', 2650, 4],
  ['Cork coasters, set of six', 'tea and coffee', 725, 8],
  ['Loose tea tin, breakfast', 'tea and coffee', 975, 7],
  ['Pour-over coffee stand', 'tea and coffee', 2250, 3],
  ['Linen tea towel', 'kitchen', 950, 15, 'Fern', 'Lemon', 'Herring'],
  ['Olive wood spoon', 'kitchen', 680, 11],
  ['Enamel pie dish', 'kitchen', 1425, 5],
  ['Honey jar with dipper', 'kitchen', 1275, 6],
  ['Recipe box, painted tin', 'kitchen', 1650, 4],
  ['Salt pig', 'kitchen', 1520, 3],
  ['Waxed food wraps, trio', 'kitchen', 1195, 9],
  ['Canvas shopper', 'bags', 1350, 13, 'Anchor', 'Foxglove'],
  ['Folding market basket', 'bags', 2400, 5],
  ['Coin purse, felt', 'bags', 595, 10],
  ['Wash bag, block print', 'bags', 1625, 6],
  ['Dotted notebook', 'stationery', 780, 12, 'Ink', 'Rust'],
  ['Letter writing set', 'stationery', 1240, 4],
  ['Brass paper clips, tin of forty', 'stationery', 495, 8],
  ['Wrapping paper, three sheets', 'stationery', 450, 22],
  ['Seed paper gift tags', 'stationery', 375, 19],
  ['Desk calendar, linocut', 'stationery', 1150, 3],
  ['Crayon rocks, pouch', 'children', 1095, 6],
  ['Wooden pull-along snail', 'children', 1875, 4],
  ['Memory game, garden birds', 'children', 1299, 7],
  ['Knitted rabbit', 'children', 1690, 6, 'Grey', 'Sand'],
  ['Kite kit', 'children', 1475, 4],
  ['Bubble wand set', 'children', 525, 9],
  ['Bunting, washed cotton', 'party', 1425, 6],
  ['Paper lanterns, set of five', 'party', 850, 8],
  ['Wax crayons for cakes', 'party', 480, 5],
  ['Striped straws, paper', 'party', 325, 17],
  ['Terracotta pot, hand-thrown', 'garden', 990, 10, 'Small', 'Large'],
  ['Herb scissors', 'garden', 875, 6],
  ['Wildflower seed balls', 'garden', 640, 14],
  ['Copper plant labels', 'garden', 790, 8],
  ['Bird bath, shallow', 'garden', 3250, 2],
  ['Watering can, one litre', 'garden', 1795, 4],
  ['Hammered silver hoops', 'jewellery', 2475, 5],
  ['Glass bead bracelet', 'jewellery', 1180, 7],
  ['Enamel pin, wren', 'jewellery', 675, 11],
  ['Lambswool throw', 'textiles', 4950, 3, 'Heather', 'Storm'],
  ['Cushion cover, ikat', 'textiles', 2195, 5],
  ['Hot water bottle, cable knit', 'textiles', 1895, 6],
  ['Doormat, boot stripes', 'textiles', 2250, 3],
  ['Picture frame, driftwood', 'decoration', 1750, 6],
  ['Tide clock', 'decoration', 3895, 2],
  ['Bud vase, recycled glass', 'decoration', 895, 12],
  ['Hanging ceramic hearts, trio', 'decoration', 1050, 9],
  ['Wall hook, cast iron', 'decoration', 725, 8],
  ['Gift box, marbled paper', 'decoration', 560, 13],
];

const SUPPLIERS: readonly Supplier[] = [
  { supplier: 'hearth-and-hill', leadTimeDays: 4, leadTimeSdDays: 1, minimumOrderUnits: 6 },
  { supplier: 'quayside-works', leadTimeDays: 7, leadTimeSdDays: 2, minimumOrderUnits: 12 },
  { supplier: 'paper-mill-lane', leadTimeDays: 3, leadTimeSdDays: 1, minimumOrderUnits: 24 },
  { supplier: 'far-orchard', leadTimeDays: 14, leadTimeSdDays: 4, minimumOrderUnits: 6 },
];

const COST_SHARE = 0.55;

/** The stock of the simulated gift shop: sixty products of our own invention. Cover at the start is 4 to 20 days, so that some run low soon. */
export function liveCatalogue(draw: Draw): Catalogue {
  const ids = { product: idMaker(ID_BASE.product), variant: idMaker(ID_BASE.variant), item: idMaker(ID_BASE.item) };
  const products = GOODS.map(([title, category, pence, daily, ...options], index): Product => {
    const code = String(9_100 + index);
    const id = ids.product(`live|${code}`);
    const names = options.length === 0 ? ['Default Title'] : options;
    const variants = names.map((option, place) => {
      const sku = options.length === 0 ? `G${code}` : `G${code}${'ABC'[place]}`;
      const dailyUnits = daily / names.length;
      return {
        sku,
        productId: id,
        variantId: ids.variant(`live|${sku}`),
        itemId: ids.item(`live|${sku}`),
        title: options.length === 0 ? title : `${title}, ${option.toLowerCase()}`,
        option,
        priceMinor: pence,
        costMinor: Math.round(pence * COST_SHARE),
        startStock: Math.ceil(dailyUnits * draw.whole(`cover|${sku}`, 4, 20)),
        dailyUnits,
        supplier: draw.pick(`supplier|${sku}`, SUPPLIERS).supplier,
        grams: draw.whole(`grams|${sku}`, 60, 1_500),
      };
    });
    return { id, handle: title.toLowerCase().replace(/[^a-z0-9]+/g, '-'), title, category, variants };
  });
  return catalogueOf(products, SUPPLIERS);
}
