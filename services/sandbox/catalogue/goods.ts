/** What the stand-in store sells, whom it sells to and who delivers: derived once, never changed afterwards. */
export interface Variant {
  readonly sku: string;
  readonly productId: number;
  readonly variantId: number;
  readonly itemId: number;
  readonly title: string;
  readonly option: string;
  readonly priceMinor: number;
  readonly costMinor: number;
  readonly startStock: number;
  readonly dailyUnits: number;
  readonly supplier: string;
  readonly grams: number;
}

export interface Product {
  readonly id: number;
  readonly handle: string;
  readonly title: string;
  readonly category: string;
  readonly variants: readonly Variant[];
}

export interface Supplier {
  readonly supplier: string;
  readonly leadTimeDays: number;
  readonly leadTimeSdDays: number;
  readonly minimumOrderUnits: number;
}

export interface Catalogue {
  readonly products: readonly Product[];
  readonly suppliers: ReadonlyMap<string, Supplier>;
  readonly bySku: ReadonlyMap<string, Variant>;
  readonly byVariantId: ReadonlyMap<number, Variant>;
  readonly byItemId: ReadonlyMap<number, Variant>;
  readonly byProductId: ReadonlyMap<number, Product>;
}

export function catalogueOf(products: readonly Product[], suppliers: readonly Supplier[]): Catalogue {
  const variants = products.flatMap((product) => product.variants);
  return {
    products,
    suppliers: new Map(suppliers.map((supplier) => [supplier.supplier, supplier])),
    bySku: new Map(variants.map((variant) => [variant.sku, variant])),
    byVariantId: new Map(variants.map((variant) => [variant.variantId, variant])),
    byItemId: new Map(variants.map((variant) => [variant.itemId, variant])),
    byProductId: new Map(products.map((product) => [product.id, product])),
  };
}

/** One warehouse; Shopify calls it a location. */
export const LOCATION_ID = 65_000_000_001;
export const CURRENCY = 'GBP';
export const ZONE = 'Europe/London';
