import { CURRENCY } from '../catalogue/goods.ts';

const sets = new Map<number, string>();
const KEPT = 20_000;

export function amount(minor: number): string {
  const sign = minor < 0 ? '-' : '';
  const digits = String(Math.abs(minor)).padStart(3, '0');
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Shopify repeats every amount in the shop's and the customer's currency; the text is kept, since the same prices recur. */
export function moneySet(minor: number): string {
  const known = sets.get(minor);
  if (known !== undefined) return known;
  const one = `{"amount":"${amount(minor)}","currency_code":"${CURRENCY}"}`;
  const text = `{"shop_money":${one},"presentment_money":${one}}`;
  if (sets.size < KEPT) sets.set(minor, text);
  return text;
}

export const iso = (ms: number) => new Date(ms).toISOString();
