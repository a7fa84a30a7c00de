import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { DateTime } from 'luxon';
import { PermanentError } from '#shared/kernel/errors.ts';
import { ZONE } from '../catalogue/goods.ts';

/** One row of the file, less what belongs to its whole invoice. */
export interface Row {
  readonly sku: string;
  readonly description: string;
  readonly units: number;
  readonly priceMinor: number;
}

export interface Invoice {
  /** As printed: `563185`, `C563186`, `A563187`. */
  readonly number: string;
  readonly atMs: number;
  readonly customer: string;
  readonly country: string;
  readonly rows: Row[];
}

/** Names of the same column in the published forms of the file (UCI 352, UCI 502, Kaggle). */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  invoice: ['InvoiceNo', 'Invoice'],
  sku: ['StockCode'],
  description: ['Description'],
  units: ['Quantity'],
  at: ['InvoiceDate'],
  price: ['UnitPrice', 'Price'],
  customer: ['CustomerID', 'Customer ID'],
  country: ['Country'],
};

/** Reads the file in its published form and groups the rows of one invoice; invoices come in the order of their time. */
export async function readInvoices(file: string): Promise<Invoice[]> {
  const invoices = new Map<string, Invoice>();
  const interned = new Map<string, string>();
  const intern = (text: string) => {
    const known = interned.get(text);
    if (known === undefined) interned.set(text, text);
    return known ?? text;
  };
  let places: Record<string, number> | undefined;
  let line = 0;
  const bytes = await openBytes(file);
  const parser = bytes.pipe(parse({ bom: true, relax_column_count: true, skip_empty_lines: true }));
  bytes.on('error', (error) => parser.destroy(error));
  for await (const cells of parser as AsyncIterable<string[]>) {
    line += 1;
    if (places === undefined) {
      places = placesOf(cells, file);
      continue;
    }
    const cell = (name: string) => cells[places?.[name] ?? -1] ?? '';
    const number = cell('invoice').trim();
    let invoice = invoices.get(number);
    if (invoice === undefined) {
      const customer = cell('customer').trim().replace(/\.0$/, '');
      invoice = {
        number,
        atMs: localTime(cell('at'), line),
        customer: intern(customer),
        country: intern(cell('country').trim()),
        rows: [],
      };
      invoices.set(number, invoice);
    }
    const units = Number(cell('units'));
    const price = Number(cell('price'));
    if (!Number.isInteger(units) || !Number.isFinite(price)) {
      throw new PermanentError('bad-input', `${file}:${line}: quantity or price is not a number`, {
        position: `${file}:${line}`,
      });
    }
    invoice.rows.push({
      sku: intern(cell('sku').trim()),
      description: intern(cell('description').trim()),
      units,
      priceMinor: Math.sign(price) * Math.round(Math.abs(price) * 100 + 1e-7),
    });
  }
  if (invoices.size === 0) throw new PermanentError('bad-input', `${file} holds no invoices`);
  return [...invoices.values()].sort((a, b) => a.atMs - b.atMs);
}

function placesOf(header: readonly string[], file: string): Record<string, number> {
  const places: Record<string, number> = {};
  for (const [name, aliases] of Object.entries(COLUMNS)) {
    const place = header.findIndex((title) => aliases.includes(title.trim()));
    if (place < 0)
      throw new PermanentError(
        'bad-input',
        `${file} has no column ${aliases.join(' or ')}: not the Online Retail file`,
      );
    places[name] = place;
  }
  return places;
}

/** Compression is told by the first bytes, not by the name. */
async function openBytes(file: string): Promise<Readable> {
  const handle = await open(file).catch((cause: unknown) => {
    throw new PermanentError('bad-config', `The replay file cannot be read: ${file}`, { cause });
  });
  const start = Buffer.alloc(2);
  await handle.read(start, 0, 2, 0);
  await handle.close();
  const raw = createReadStream(file);
  if (start[0] !== 0x1f || start[1] !== 0x8b) return raw;
  const unzipped = raw.pipe(createGunzip());
  raw.on('error', (error) => unzipped.destroy(error));
  return unzipped;
}

const FORMATS = ['yyyy-MM-dd HH:mm:ss', 'yyyy-MM-dd HH:mm', 'M/d/yyyy H:mm', 'M/d/yy H:mm'];

/** The file tells London wall time. An hour that the autumn change repeats is taken as the first of the two. */
function localTime(text: string, line: number): number {
  for (const format of FORMATS) {
    const time = DateTime.fromFormat(text.trim(), format, { zone: ZONE });
    if (time.isValid) return time.toMillis();
  }
  throw new PermanentError('bad-input', `Line ${line}: not a time of the Online Retail file: "${text.slice(0, 30)}"`);
}
