import { PermanentError } from './errors.ts';

/** Currencies whose minor unit is not a hundredth (ISO 4217, funds and units of account left out). Every other one has two decimals. */
const WITHOUT_DECIMALS = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF';
const WITH_THREE = 'BHD IQD JOD KWD LYD OMR TND';
const DECIMALS: ReadonlyMap<string, number> = new Map([
  ...WITHOUT_DECIMALS.split(' ').map((code) => [code, 0] as const),
  ...WITH_THREE.split(' ').map((code) => [code, 3] as const),
]);
const SYMBOLS: Readonly<Record<string, string>> = { GBP: '£', EUR: '€', USD: '$' };

export const BASIS_POINTS = 10_000;

export function decimalsOf(currency: string): number {
  return DECIMALS.get(currency) ?? 2;
}

/** `"2.55"`, `"-11062.06"`, `"3"` to minor units; more decimals than the currency has are refused unless they are zeros. */
export function parseMinor(text: string, currency: string): number {
  const match = /^(-?)(\d{1,12})(?:\.(\d{1,8}))?$/.exec(text.trim());
  if (!match) throw new PermanentError('bad-input', `Not an amount of money: "${text.slice(0, 40)}"`);
  const decimals = decimalsOf(currency);
  const fraction = (match[3] ?? '').padEnd(decimals, '0');
  if (/[1-9]/.test(fraction.slice(decimals))) {
    throw new PermanentError('bad-input', `"${text}" has more decimals than ${currency} has`);
  }
  const minor = Number(match[2]) * 10 ** decimals + Number(fraction.slice(0, decimals) || '0');
  return match[1] === '-' && minor !== 0 ? -minor : minor;
}

/**
 * An amount to the nearest minor unit, half away from zero: platforms keep prices without tax, and totals that they divide,
 * with more decimals than the currency has. Undefined where there is none.
 */
export function roundedMinor(text: string | null | undefined, currency: string): number | undefined {
  const match = /^(-?)(\d{1,12})(?:\.(\d{1,20}))?$/.exec(text?.trim() ?? '');
  if (!match) return undefined;
  const decimals = decimalsOf(currency);
  const fraction = (match[3] ?? '').padEnd(decimals + 1, '0');
  const cutOff = Number(`${match[2]}${fraction.slice(0, decimals)}`);
  const minor = cutOff + (fraction.charAt(decimals) >= '5' ? 1 : 0);
  return match[1] === '-' && minor !== 0 ? -minor : minor;
}

/** The same where there has to be one. */
export function nearestMinor(text: string, currency: string): number {
  const minor = roundedMinor(text, currency);
  if (minor === undefined) throw new PermanentError('bad-input', `Not an amount of money: "${text.slice(0, 40)}"`);
  return minor;
}

/** Minor units as the plain decimal text that store platforms expect: 255 GBP is `"2.55"`. */
export function decimalText(minor: number, currency: string): string {
  const decimals = decimalsOf(currency);
  const sign = minor < 0 ? '-' : '';
  const digits = String(Math.abs(minor)).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals).replace(/^0+(?=\d)/, '');
  return decimals === 0 ? `${sign}${whole}` : `${sign}${whole}.${digits.slice(digits.length - decimals)}`;
}

/** For people: `£1,234.50`, `-£3.00`, `12.00 CHF`. */
export function formatMoney(minor: number, currency: string): string {
  const [whole = '0', fraction] = decimalText(Math.abs(minor), currency).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const amount = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  const symbol = SYMBOLS[currency];
  const sign = minor < 0 ? '-' : '';
  return symbol ? `${sign}${symbol}${amount}` : `${sign}${amount} ${currency}`;
}

/** A share of an amount, rounded half away from zero, in integers: 1,500 basis points of 333 is 50. */
export function shareOf(minor: number, basisPoints: number): number {
  const product = BigInt(Math.abs(minor)) * BigInt(Math.abs(basisPoints));
  const rounded = Number((product * 2n + BigInt(BASIS_POINTS)) / (2n * BigInt(BASIS_POINTS)));
  return Math.sign(minor) * Math.sign(basisPoints) * rounded || 0;
}

/** What is left of a price after a discount in basis points; discounts compound by applying this once for each. */
export function afterDiscount(minor: number, discountBasisPoints: number): number {
  return minor - shareOf(minor, discountBasisPoints);
}

/** The smallest price in minor units that keeps `marginBasisPoints` of itself above `costMinor`; rounded up, so that the floor holds. */
export function priceForMargin(costMinor: number, marginBasisPoints: number): number {
  const rest = BigInt(BASIS_POINTS - marginBasisPoints);
  if (rest <= 0n) throw new PermanentError('bad-input', 'A margin of 100 % or more has no price');
  return Number((BigInt(costMinor) * BigInt(BASIS_POINTS) + rest - 1n) / rest);
}

/** Margin of a net price in basis points of that price, rounded down; a price of zero or less has none. */
export function marginBasisPoints(netMinor: number, costMinor: number): number {
  if (netMinor <= 0) return -BASIS_POINTS;
  return Math.floor(((netMinor - costMinor) * BASIS_POINTS) / netMinor);
}
