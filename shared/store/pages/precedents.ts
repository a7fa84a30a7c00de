import type { Transaction } from '../connect.ts';

export interface PrecedentRow {
  readonly escalation: string;
  readonly by: string;
  readonly option: string;
  readonly note: string | null;
  readonly now: string;
  readonly features: unknown;
}

/** What people themselves have decided, the newest first. A default, a superseded or a voided question is nobody's decision. */
export async function readPrecedents(tx: Transaction, store: string, limit: number): Promise<PrecedentRow[]> {
  return await tx<PrecedentRow[]>`
    select escalation, by, option, note, now, features from rulings
    where store = ${store} and features is not null and by not in ('default', 'superseded', 'voided')
    order by now desc, escalation limit ${limit}`;
}
