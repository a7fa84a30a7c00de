import { LIMITS } from '#shared/runtime/limits.ts';
import type { Transaction } from '../connect.ts';

export interface DueMail {
  readonly store: string;
  readonly mail: string;
  readonly recipient: string;
  readonly kind: 'escalation' | 'reminder' | 'notice';
  readonly escalation: string | null;
  readonly messageId: string;
  readonly attempts: number;
}

/**
 * From `pending` to `sending`. `due_at` then says until when this attempt counts: a row that is still `sending` after
 * that was left by a process that died, and a person who is asked is rather asked twice than not at all.
 */
export async function takeDueMails(tx: Transaction, limit: number): Promise<DueMail[]> {
  return await tx<DueMail[]>`
    with due as (
      select store, mail from mails where state in ('pending', 'sending') and due_at <= clock_timestamp()
      order by due_at limit ${limit} for update skip locked
    )
    update mails m set state = 'sending', attempts = m.attempts + 1,
      due_at = clock_timestamp() + ${LIMITS.callByMs} * interval '1 millisecond'
    from due where m.store = due.store and m.mail = due.mail
    returning m.store, m.mail, m.recipient, m.kind, m.escalation, m.message_id as "messageId", m.attempts`;
}

/** Committed before the mail leaves, so that a link that arrives is always known; the token of an earlier attempt dies with it. */
export async function writeTokenHash(tx: Transaction, store: string, mail: string, hash: string): Promise<boolean> {
  const rows = await tx`
    update mails set token_hash = ${hash} where store = ${store} and mail = ${mail} and state = 'sending' returning 1`;
  return rows.length === 1;
}

export type MailEnd =
  | { readonly state: 'sent' }
  | { readonly state: 'failed' }
  /** Tried again: it did not leave, or nobody knows. */
  | { readonly state: 'pending'; readonly againInMs: number };

export async function endMail(tx: Transaction, store: string, mail: string, end: MailEnd): Promise<void> {
  await tx`
    update mails set state = ${end.state},
      sent_at = case when ${end.state === 'sent'} then clock_timestamp() else sent_at end,
      due_at = case when ${end.state === 'pending'} then clock_timestamp() + ${end.state === 'pending' ? end.againInMs : 0} * interval '1 millisecond' else due_at end
    where store = ${store} and mail = ${mail} and state = 'sending'`;
}

export interface AskedQuestion {
  readonly question: unknown;
  readonly options: unknown;
  readonly defaultOption: string;
  readonly deadline: string;
  readonly state: string;
}

export async function readQuestion(
  tx: Transaction,
  store: string,
  escalation: string,
): Promise<AskedQuestion | undefined> {
  const [row] = await tx<AskedQuestion[]>`
    select question, options, default_option as "defaultOption", deadline, state from escalations
    where store = ${store} and escalation = ${escalation}`;
  return row;
}
