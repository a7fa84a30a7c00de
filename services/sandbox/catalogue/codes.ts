/** Stock codes of the Online Retail file that are no goods: postage, fees, manual entries, samples, vouchers. */
const NOT_GOODS = new Set([
  'POST',
  'DOT',
  'M',
  'D',
  'S',
  'C2',
  'BANK CHARGES',
  'AMAZONFEE',
  'CRUK',
  'B',
  'PADS',
  'DCGSSBOY',
  'DCGSSGIRL',
]);
const SHIPPING = new Set(['POST', 'DOT', 'C2']);

/** Goods carry a stock code of five digits and at most a short suffix (`85123A`); whatever else looks like goods is asked by list. */
export function isGoods(code: string): boolean {
  return !NOT_GOODS.has(code.toUpperCase()) && /^\d{4,6}[A-Za-z]{0,4}$/.test(code);
}

/** Postage and carriage: not a sale of goods, but money that the customer pays for shipping. */
export function isShipping(code: string): boolean {
  return SHIPPING.has(code.toUpperCase());
}

/** Variants of one product share the digits of the stock code. */
export function productCode(code: string): string {
  return /^\d+/.exec(code)?.[0] ?? code;
}

export type WriteOffCause = 'damaged' | 'lost' | 'check' | 'other';

/** What the stock-keeper's note says about a zero-priced negative row. */
export function writeOffCause(description: string): WriteOffCause {
  const text = description.toLowerCase();
  if (/damage|wet|broken|crush|rust|mouldy|faulty|smashed|rotting/.test(text)) return 'damaged';
  if (/lost|missing|thrown|stolen/.test(text)) return 'lost';
  if (/check|\?|mix|incorrect|wrong|adjust|difference|counted|found/.test(text)) return 'check';
  return 'other';
}
