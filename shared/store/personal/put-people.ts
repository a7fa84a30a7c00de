import { type Person, type SealedPerson, sealPerson } from '#shared/runtime/personal.ts';
import type { MasterKey } from '#shared/runtime/seal.ts';
import type { Transaction } from '../connect.ts';

export interface PersonOf {
  readonly subject: string;
  readonly person: Person;
  /** A customer's own record replaces what is kept; what an order says of its buyer only fills a gap. */
  readonly replaces: boolean;
}

/** Seals and keeps what is known of people, in the transaction that maps the deliveries which say it. */
export async function putPeople(
  tx: Transaction,
  store: string,
  master: MasterKey,
  people: readonly PersonOf[],
): Promise<void> {
  if (people.length === 0) return;
  const last = new Map<string, PersonOf>();
  for (const one of people) if (one.replaces || !last.has(one.subject)) last.set(one.subject, one);
  const rows = await tx<(SealedPerson & { subject: string })[]>`
    select subject, key, sealed from personal where store = ${store} and subject = any(${[...last.keys()]})`;
  const known = new Map(rows.map((row) => [row.subject, row]));
  const changed = [...last.values()].filter((one) => one.replaces || !known.has(one.subject));
  if (changed.length === 0) return;
  const sealed = changed.map((one) => {
    const { key, sealed: fields } = sealPerson(master, store, one.subject, one.person, known.get(one.subject));
    return { subject: one.subject, key: hex(key), sealed: hex(fields) };
  });
  await tx`
    insert into personal (store, subject, key, sealed)
    select ${store}, subject, decode(key, 'hex'), decode(sealed, 'hex')
    from jsonb_to_recordset(${tx.json(sealed)}) as r(subject text, key text, sealed text) order by subject
    on conflict (store, subject) do update set sealed = excluded.sealed, key = excluded.key`;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
