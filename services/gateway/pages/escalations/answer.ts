import type { Envelope } from '#shared/contracts/envelope.ts';
import { resource } from '#shared/contracts/resource.ts';
import { type CaseFeatures, ruledFeatures } from '#shared/judgement/precedents/features.ts';
import { appendEvents } from '#shared/store/append-events.ts';
import type { Transaction } from '#shared/store/connect.ts';
import {
  answerIfOpen,
  type EscalationRow,
  insertRuling,
  type Link,
  readCorrelation,
  readEscalation,
} from '#shared/store/pages/escalations.ts';
import { inStores } from '#shared/store/transaction.ts';
import { announce } from '../../announce.ts';
import type { PageDeps } from '../deps.ts';

export interface Answer {
  readonly option: string;
  readonly note: string | undefined;
  /** Digest of the options that the person saw. */
  readonly digest: string;
}

type Verdict =
  | { readonly end: 'received'; readonly escalation: EscalationRow }
  /** Somebody was first. */
  | { readonly end: 'answered-before'; readonly escalation: EscalationRow }
  /** Its time, or its cause, is over; or what was shown is not what is asked. */
  | { readonly end: 'over'; readonly escalation: EscalationRow }
  | { readonly end: 'changed'; readonly escalation: EscalationRow }
  | { readonly end: 'no-such-option'; readonly escalation: EscalationRow }
  | { readonly end: 'not-found' };

/**
 * Takes one answer. The escalation's row is the only arbiter: of any number of answers at once, and of the deadline, one
 * finds it open; that one's ruling and event are of the same transaction.
 */
export async function giveAnswer(deps: PageDeps, link: Link, answer: Answer): Promise<Verdict> {
  let events: readonly Envelope[] = [];
  const verdict = await inStores(deps.sql, [link.store], async (tx): Promise<Verdict> => {
    const escalation = await readEscalation(tx, link.escalation);
    if (!escalation) return { end: 'not-found' };
    if (escalation.state !== 'open') return { end: endOf(escalation), escalation };
    if (escalation.digest !== answer.digest || (link.digest !== '' && link.digest !== escalation.digest))
      return { end: 'changed', escalation };
    if (!escalation.options.some((option) => option.id === answer.option)) return { end: 'no-such-option', escalation };
    const taken = await answerIfOpen(tx, link.store, link.escalation, answer.digest);
    if (!taken) {
      // Another answer, or the deadline, came between the two statements: the row says which.
      const now = (await readEscalation(tx, link.escalation)) ?? escalation;
      return { end: now.state === 'open' ? 'over' : endOf(now), escalation: now };
    }
    events = await writeRuling(tx, deps, { link, answer, taken, asked: escalation });
    return { end: 'received', escalation: (await readEscalation(tx, link.escalation)) ?? escalation };
  });
  for (const event of events) await announce(deps, event);
  return verdict;
}

function endOf({ state, ruling }: EscalationRow): 'answered-before' | 'over' {
  const byPerson = state === 'answered' || ((state === 'ruled' || state === 'replaced') && ruling?.by !== 'default');
  return byPerson ? 'answered-before' : 'over';
}

interface Given {
  readonly link: Link;
  readonly answer: Answer;
  readonly taken: { readonly key: string; readonly instance: string; readonly now: string };
  readonly asked: EscalationRow;
}

async function writeRuling(
  tx: Transaction,
  deps: PageDeps,
  { link, answer, taken, asked }: Given,
): Promise<Envelope[]> {
  const { store, escalation, recipient } = link;
  const { option, note } = answer;
  const { key, instance, now } = taken;
  const kind = asked.question.features as CaseFeatures | undefined;
  const features = kind && ruledFeatures(kind, asked.options, asked.memberIds, option);
  await insertRuling(tx, { store, escalation, by: recipient, option, note, key, instance, now, features });
  const id = deps.clocks.newId();
  const correlation = (await readCorrelation(tx, store, escalation)) ?? id;
  return appendEvents(tx, store, [
    {
      id,
      source: 'gateway',
      type: 'ruling.given',
      subject: resource('escalation', escalation),
      time: now,
      store,
      correlationid: correlation,
      depth: 0,
      // Who it was and what they wrote stays in the ruling's row: nothing on the bus is personal.
      data: { escalation, option, by: 'person' },
    },
  ]);
}
