import { cut, isKeepable } from '#shared/kernel/plain-text.ts';
import type { Transaction } from './connect.ts';

export interface DeadLetter {
  readonly store: string;
  readonly id: string;
  readonly service: string;
  readonly kind: 'delivery' | 'event' | 'answer' | 'round' | 'action' | 'mail' | 'message' | 'reading';
  /** What it is about: an id, or a place in the store's history. */
  readonly ref: string;
  readonly reason: string;
  readonly detail: string;
  readonly raw: unknown;
}

const REF_MAX = 500;
const DETAIL_MAX = 2_000;
const RAW_MAX = 20_000;

/** What Postgres cannot keep as it is, to be read by people all the same: JSON writes it with escapes. */
function jsonOf(raw: unknown): string {
  try {
    return cut(JSON.stringify(raw), RAW_MAX);
  } catch {
    return 'too deep to be written down';
  }
}

/** Sets aside what could not be processed, in the transaction that goes on without it. */
export async function writeDeadLetters(tx: Transaction, letters: readonly DeadLetter[]): Promise<void> {
  if (letters.length === 0) return;
  const rows = letters.map((letter) => ({
    ...letter,
    ref: cut(letter.ref, REF_MAX),
    detail: cut(letter.detail, DETAIL_MAX),
    raw: isKeepable(letter.raw) ? letter.raw : { json: jsonOf(letter.raw) },
  }));
  await tx`
    insert into dead_letters (store, id, service, kind, ref, reason, detail, raw)
    select store, id, service, kind, ref, reason, detail, raw
    from jsonb_to_recordset(${tx.json(rows as never)}) as r(store text, id uuid, service text, kind text, ref text, reason text, detail text, raw jsonb)`;
}

/** The same, for what may be found again and again: once is enough while nobody has seen to it. */
export async function writeDeadLettersOnce(tx: Transaction, letters: readonly DeadLetter[]): Promise<void> {
  if (letters.length === 0) return;
  const known = await tx<{ store: string; ref: string; reason: string }[]>`
    select store, ref, reason from dead_letters where ref = any(${letters.map((letter) => letter.ref)}) and redriven_at is null`;
  const seen = new Set(known.map((row) => `${row.store} ${row.ref} ${row.reason}`));
  const fresh = new Map(letters.map((letter) => [`${letter.store} ${letter.ref} ${letter.reason}`, letter]));
  await writeDeadLetters(
    tx,
    [...fresh].filter(([key]) => !seen.has(key)).map(([, letter]) => letter),
  );
}
