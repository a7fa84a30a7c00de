import type { Sql } from '../store/connect.ts';
import { putStore } from '../store/setup/installation.ts';

type StoreRow = Parameters<typeof putStore>[1];

/** A shop in London that acts on what is decided; what a test is about is said by the test. */
export async function putTestStore(sql: Sql, store: string, more: Partial<StoreRow> = {}): Promise<void> {
  await putStore(sql, {
    store,
    platform: 'sandbox',
    clockKind: 'live',
    clock: '2026-01-01T00:00:00.000Z',
    partition: 1,
    mode: 'live',
    currency: 'GBP',
    zone: 'Europe/London',
    ...more,
  });
}
