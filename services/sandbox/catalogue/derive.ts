import { categoryOf } from './categories.ts';
import { isGoods, productCode } from './codes.ts';
import type { Draw } from './draw.ts';
import { type Catalogue, catalogueOf, type Product, type Supplier, type Variant } from './goods.ts';
import { ID_BASE, idMaker } from './identity.ts';

/** What the rules need of an invoice; the shape of replay/read.ts fits. */
export interface TradeRecord {
  readonly number: string;
  readonly atMs: number;
  readonly customer: string;
  readonly rows: readonly {
    readonly sku: string;
    readonly description: string;
    readonly units: number;
    readonly priceMinor: number;
  }[];
}

const DAY_MS = 86_400_000;
const COST_SHARE = 0.55;
const START_STOCK_DAYS = 28;
const SUPPLIERS = 24;

interface Sold {
  prices: { units: number; priceMinor: number }[];
  names: Map<string, number>;
  units: number;
  writtenOff: number;
}

/** The whole catalogue from the rows of the file, by the rules of docs/sandbox.md. Pure: the same rows and seed, the same catalogue. */
export function deriveCatalogue(records: readonly TradeRecord[], draw: Draw): Catalogue {
  const sold = collect(records);
  const span = (records.at(-1)?.atMs ?? 0) - (records[0]?.atMs ?? 0);
  const days = Math.max(1, Math.ceil(span / DAY_MS));
  const skus = [...sold.keys()].sort();
  const listed = skus.map((sku) => retailPrice(sold.get(sku)!)).filter((price) => price > 0);
  const usual = median(listed) || 100;
  const ids = { product: idMaker(ID_BASE.product), variant: idMaker(ID_BASE.variant), item: idMaker(ID_BASE.item) };
  const suppliers = Array.from({ length: SUPPLIERS }, (_, index) => supplierOf(index, draw));
  const groups = Map.groupBy(skus, productCode);
  const products = [...groups].map(([code, members]): Product => {
    const id = ids.product(code);
    const variants = members.map((sku): Variant => {
      const record = sold.get(sku)!;
      const priceMinor = retailPrice(record) || usual;
      const dailyUnits = record.units / days;
      return {
        sku,
        productId: id,
        variantId: ids.variant(sku),
        itemId: ids.item(sku),
        title: nameOf(record, sku),
        option: sku.slice(code.length) || 'Default Title',
        priceMinor,
        costMinor: Math.max(1, Math.round(priceMinor * COST_SHARE)),
        startStock: Math.ceil(START_STOCK_DAYS * dailyUnits) || record.writtenOff,
        dailyUnits,
        // All variants of a product come from one supplier: a platform names one vendor for a product.
        supplier: draw.pick(`supplier|${code}`, suppliers).supplier,
        grams: draw.whole(`grams|${sku}`, 40, 900),
      };
    });
    const title = variants[0]!.title;
    return {
      id,
      handle: handleOf(title, code),
      title,
      category: categoryOf(variants.map((variant) => variant.title).join(' ')),
      variants,
    };
  });
  return catalogueOf(products, suppliers);
}

/** Lead times of 3 to 21 days; their spread is a fifth to two fifths of the time. */
function supplierOf(index: number, draw: Draw): Supplier {
  const supplier = `supplier-${String(index + 1).padStart(2, '0')}`;
  const leadTimeDays = draw.whole(`lead|${supplier}`, 3, 21);
  return {
    supplier,
    leadTimeDays,
    leadTimeSdDays: Math.max(1, Math.round(leadTimeDays * (0.2 + 0.2 * draw.unit(`spread|${supplier}`)))),
    minimumOrderUnits: draw.pick(`minimum|${supplier}`, [1, 6, 12, 24, 48]),
  };
}

function collect(records: readonly TradeRecord[]): Map<string, Sold> {
  const sold = new Map<string, Sold>();
  for (const record of records) {
    if (record.number.startsWith('A')) continue;
    for (const row of record.rows) {
      if (!isGoods(row.sku)) continue;
      let entry = sold.get(row.sku);
      if (entry === undefined) {
        entry = { prices: [], names: new Map(), units: 0, writtenOff: 0 };
        sold.set(row.sku, entry);
      }
      if (row.priceMinor > 0) {
        if (row.description !== '') entry.names.set(row.description, (entry.names.get(row.description) ?? 0) + 1);
        if (row.units > 0) {
          entry.prices.push({ units: row.units, priceMinor: row.priceMinor });
          entry.units += row.units;
        }
      } else if (row.units < 0) entry.writtenOff -= row.units;
    }
  }
  return sold;
}

/** The median over rows of at most the usual quantity: a row of a wholesale tier (many units, lower price) has no vote. */
function retailPrice(record: Sold): number {
  const usualUnits = median(record.prices.map((row) => row.units));
  return median(record.prices.filter((row) => row.units <= usualUnits).map((row) => row.priceMinor));
}

/** The lower median: always a price that was really asked. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

function nameOf(record: Sold, sku: string): string {
  let best = '';
  let votes = 0;
  for (const [name, count] of record.names) {
    if (count > votes || (count === votes && name < best)) [best, votes] = [name, count];
  }
  return best === '' ? `Stock code ${sku}` : best.replace(/\s+/g, ' ');
}

function handleOf(title: string, code: string): string {
  return `${title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')}-${code.toLowerCase()}`;
}
