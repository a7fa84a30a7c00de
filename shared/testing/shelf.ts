import type { Sql } from '#shared/store/connect.ts';

/** A SKU as the context store would hold it: £10, cost £6, fifty there, three sold a day. */
export async function stockShelf(sql: Sql, store: string, sku: string, now: string): Promise<void> {
  const facts = {
    price: { minor: 1_000, currency: 'GBP' },
    cost: { minor: 600, currency: 'GBP' },
    category: 'candles',
    available: { units: 50, level: 50, levelTime: now, movements: [] },
    sold: { firstDay: 20_000, counts: Array(28).fill(3) },
  };
  for (const [attribute, value] of Object.entries(facts))
    await sql`insert into facts (store, resource, attribute, value, version, time, source, observed_at)
      values (${store}, ${`sku:${sku}`}, ${attribute}, ${sql.json(value as never)}, 1, ${now}, 'test', ${now})`;
}
