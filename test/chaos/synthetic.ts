import { writeFileSync } from 'node:fs';

const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
const FIRST_DAY = Date.UTC(2011, 2, 1);
const DAY_MS = 86_400_000;
const COUNTRIES = ['United Kingdom', 'United Kingdom', 'United Kingdom', 'France', 'Germany', 'EIRE'];
const GOODS = [
  'LANTERN',
  'TEA COSY',
  'GARDEN TWINE',
  'TRINKET JAR',
  'PAPER KITE',
  'LUNCH BAG',
  'CAKE STAND',
  'BUNTING',
];
const COLOURS = ['RED', 'BLUE', 'GREEN', 'WHITE', 'PINK'];

export type Random = () => number;

/** mulberry32: the same seed, the same file and the same kills. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Line {
  sku: string;
  description: string;
  units: number;
  price: number;
}

interface Sale {
  day: number;
  minute: number;
  customer: string;
  country: string;
  lines: Line[];
}

/**
 * A month of a shop that never was, in the published form of the retail file: sales of uneven size, wholesale tiers,
 * cancellations of whole orders, returns of parts, write-offs, finds, bad debt, fees and gifts.
 */
export function syntheticRows(seed: number, invoices: number): string[] {
  const random = seededRandom(seed);
  const whole = (below: number) => Math.floor(random() * below);
  const days = Math.max(5, Math.ceil(invoices / 8));
  const goods = Array.from({ length: 40 }, (_, n) => ({
    sku: `${90_100 + Math.floor(n / 2)}${n % 2 === 0 ? 'A' : 'B'}`,
    description: `${GOODS[n % GOODS.length]} ${COLOURS[n % COLOURS.length]} No ${Math.floor(n / 2)}`,
    price: (95 + whole(1_200)) / 100,
  }));
  const rows: { at: number; cells: string[][] }[] = [];
  let number = 800_000;
  const invoice = (prefix: string, at: number, lines: readonly Line[], customer: string, country: string) => {
    number++;
    const time = new Date(at).toISOString().replace('T', ' ').slice(0, 19);
    const cells = lines.map(({ sku, description, units, price }) => [
      `${prefix}${number}`,
      sku,
      description,
      String(units),
      time,
      price.toFixed(2),
      customer,
      country,
    ]);
    rows.push({ at, cells });
  };
  const good = () => goods[Math.floor(random() ** 2 * goods.length)]!;
  const sale = (index: number): Sale => {
    const wholesale = random() < 0.08;
    const lines = Array.from({ length: 1 + whole(18) }, () => {
      const { sku, description, price } = good();
      const units = wholesale ? 24 * (1 + whole(4)) : 1 + whole(6);
      return { sku, description, units, price: wholesale ? Math.round(price * 85) / 100 : price };
    });
    if (random() < 0.15) lines.push({ sku: 'POST', description: 'POSTAGE', units: 1, price: 12 });
    const customer = random() < 0.1 ? '' : String(50_001 + whole(60));
    // Without a customer a zero price says that goods were found, not given.
    if (customer !== '' && random() < 0.05) lines.push({ sku: good().sku, description: 'GIFT', units: 1, price: 0 });
    return {
      day: Math.floor((index * days) / invoices),
      minute: 8 * 60 + whole(8 * 60),
      customer,
      country: COUNTRIES[whole(COUNTRIES.length)]!,
      lines,
    };
  };
  const at = (day: number, minute: number) => FIRST_DAY + day * DAY_MS + minute * 60_000;
  for (let index = 0; index < invoices; index++) {
    const { day, minute, customer, country, lines } = sale(index);
    invoice('', at(day, minute), lines, customer, country);
    const goodsOnly = lines.filter(({ sku, price }) => sku !== 'POST' && price > 0);
    const back = (part: readonly Line[]) => part.map((line) => ({ ...line, units: -line.units }));
    if (customer !== '' && random() < 0.1)
      invoice('C', at(day, minute + 30 + whole(60)), back(goodsOnly), customer, country);
    else if (customer !== '' && goodsOnly.length > 1 && random() < 0.12)
      invoice('C', at(day + 1 + whole(4), minute), back(goodsOnly.slice(0, 1)), customer, country);
    if (random() < 0.12) {
      const { sku } = good();
      const note = ['damaged', 'lost in store', 'check', '?'][whole(4)]!;
      invoice(
        '',
        at(day, minute + 7),
        [{ sku, description: note, units: -1 - whole(9), price: 0 }],
        '',
        'United Kingdom',
      );
    }
    if (random() < 0.04)
      invoice('', at(day, minute + 9), [{ sku: good().sku, description: 'found', units: 5, price: 0 }], '', 'EIRE');
  }
  const debt = { sku: 'B', description: 'Adjust bad debt', units: 1, price: 11_062.06 };
  invoice('A', at(2, 700), [debt], '', 'United Kingdom');
  invoice('A', at(3, 700), [{ ...debt, price: -debt.price }], '', 'United Kingdom');
  invoice('', at(3, 710), [{ sku: 'BANK CHARGES', description: 'Bank Charges', units: 1, price: 15 }], '', 'EIRE');
  return [HEADER, ...rows.sort((a, b) => a.at - b.at).flatMap(({ cells }) => cells.map((row) => row.join(',')))];
}

export function writeSynthetic(file: string, seed: number, invoices: number): void {
  writeFileSync(file, `${syntheticRows(seed, invoices).join('\n')}\n`);
}
