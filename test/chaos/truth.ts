import type { Aftermath } from './aftermath.ts';

/**
 * What a synthetic file says, counted from its rows without any code of the product. Whether goods came back by a
 * cancellation or by a refund is the product's to tell; that they came back is the file's.
 */
export function truthOfRows(rows: readonly string[]): Record<string, number> {
  const truth: Record<string, number> = {};
  const add = (name: string, by: number) => {
    truth[name] = (truth[name] ?? 0) + by;
  };
  const sales = new Set<string>();
  for (const row of rows.slice(1)) {
    const [invoice = '', sku = '', , quantity, , price, customer] = row.split(',');
    const units = Number(quantity);
    if (!/^\d{5}[A-Z]?$/.test(sku)) continue;
    if (invoice.startsWith('C')) add(`${sku} taken-back`, -units);
    else if (Number(price) === 0 && customer === '' && units < 0) {
      add(`${sku} written-off-total`, -units);
      add('write-offs', 1);
    } else if (Number(price) > 0 || customer !== '') {
      add(`${sku} sold-total`, units);
      sales.add(invoice);
    }
  }
  return { ...truth, orders: sales.size };
}

/** The same of the facts that a replay has left. */
export function truthOfFacts({ fileFacts }: Aftermath): Record<string, number> {
  const truth: Record<string, number> = {};
  for (const [name, value] of Object.entries(fileFacts)) {
    const [resource = '', attribute = ''] = name.split(' ');
    const sku = /^sku:(.*)$/.exec(resource)?.[1];
    if (sku === undefined) {
      if (attribute === 'orders' || attribute === 'write-offs') truth[attribute] = value;
      continue;
    }
    const told = attribute === 'cancelled-total' || attribute === 'returned-total' ? 'taken-back' : attribute;
    truth[`${sku} ${told}`] = (truth[`${sku} ${told}`] ?? 0) + value;
  }
  return truth;
}
