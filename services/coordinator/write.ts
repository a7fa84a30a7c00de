import type { Draft, Envelope } from '#shared/contracts/envelope.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Outcome } from '#shared/judgement/types.ts';
import { digestOf } from '#shared/runtime/digest.ts';
import type { Transaction } from '#shared/store/connect.ts';
import {
  closeClaims,
  countMailsToday,
  endClaims,
  endEscalations,
  insertActions,
  insertClaims,
  insertConflicts,
  insertDecisions,
  insertEscalations,
  insertLimits,
  insertMails,
  strikeLimits,
} from '#shared/store/coordinator/outcome.ts';
import { insertRoundInputs } from '#shared/store/coordinator/records.ts';
import {
  dropEscalationTimers,
  insertTimers,
  type TimerRow,
  takeWokenTimers,
} from '#shared/store/coordinator/timers.ts';
import { type DeadLetter, writeDeadLettersOnce } from '#shared/store/dead-letters.ts';
import { SERVICE } from './deps.ts';
import { endedQuestions } from './hold-questions.ts';
import { inputsOf, type RoundNotes } from './record.ts';
import { worthAsking } from './worth-asking.ts';

export interface JudgedRound {
  readonly event: Envelope;
  readonly outcome: Outcome;
  readonly notes: RoundNotes;
}

interface WriteContext {
  readonly store: string;
  readonly ruleSet: string;
  readonly maxMailsPerDay: number;
  readonly newId: () => string;
}

/** Writes the outcomes of a batch, table by table, and gives back the events that they cause, for the last statement. */
export async function writeOutcomes(
  tx: Transaction,
  judged: readonly JudgedRound[],
  context: WriteContext,
): Promise<Draft[]> {
  await writeVerdicts(tx, judged, context);
  await writeEscalations(tx, judged, context);
  await insertRoundInputs(tx, recordsOf(judged, context));
  const rows = rowsOf(judged, context.store);
  await insertLimits(tx, rows('limits'));
  await strikeLimits(tx, context.store, all(judged, 'struck'));
  await insertTimers(tx, rows('timers'));
  const woken = await takeWokenTimers(tx, context.store, all(judged, 'wakes'));
  await writeDeadLettersOnce(tx, lettersOf(judged, context));
  const now = judged.at(-1)!.event.now;
  return [...eventsOf(judged, context), ...woken.map((timer) => timerEvent(timer, context.store, now, context.newId))];
}

/** One part of all outcomes, in `seq` order. */
function all<Part extends keyof Outcome>(judged: readonly JudgedRound[], part: Part): Outcome[Part][number][] {
  return judged.flatMap(({ outcome }) => outcome[part] as Outcome[Part][number][]);
}

/** The same as rows: each with its store, its round and that round's `now`. */
function rowsOf(judged: readonly JudgedRound[], store: string) {
  return <Part extends keyof Outcome>(part: Part) =>
    judged.flatMap(({ event, outcome }) =>
      (outcome[part] as object[]).map((item, n) => ({
        ...(item as Outcome[Part][number] & object),
        n,
        store,
        seq: event.seq,
        now: event.now,
      })),
    );
}

async function writeVerdicts(tx: Transaction, judged: readonly JudgedRound[], context: WriteContext): Promise<void> {
  const rows = rowsOf(judged, context.store);
  await endClaims(tx, rows('endedClaims'));
  await closeClaims(tx, rows('closedClaims'));
  const ruleSet = context.ruleSet;
  await insertDecisions(
    tx,
    rows('decisions').map((row) => ({ ...row, inputs: { ...row.inputs, ruleSet } })),
  );
  await insertConflicts(tx, rows('conflicts'));
  await insertClaims(tx, survivors(judged, rows('claims')));
  await insertActions(tx, rows('actions'));
}

async function writeEscalations(tx: Transaction, judged: readonly JudgedRound[], context: WriteContext): Promise<void> {
  const rows = rowsOf(judged, context.store);
  const escalations = rows('escalations').map((row) => ({ ...row, digest: digestOf(row.options) }));
  await insertEscalations(tx, escalations);
  await endEscalations(tx, endedQuestions(judged, context.store));
  const ended = all(judged, 'endedEscalations').map((row) => row.escalation);
  await dropEscalationTimers(tx, context.store, ended);
  const questions = { escalations, reminders: all(judged, 'reminders') };
  await writeMails(tx, await worthAsking(tx, context.store, questions), context);
}

/** A claim that a later round of the same batch has ended again is never written as in force. */
function survivors<Row extends { claim: string }>(
  judged: readonly JudgedRound[],
  claims: readonly Row[],
): readonly Row[] {
  const ended = endedIn(judged);
  return claims.filter((claim) => !ended.has(claim.claim));
}

function endedIn(judged: readonly JudgedRound[]): Set<string> {
  return new Set(judged.flatMap(({ outcome }) => outcome.endedClaims.map((entry) => entry.claim)));
}

/** What each round was judged on, by reference; claims that were never written are in the record whole. */
function recordsOf(judged: readonly JudgedRound[], { store, ruleSet }: WriteContext): object[] {
  const ended = endedIn(judged);
  const unwritten = new Set(
    judged.flatMap(({ outcome }) => outcome.claims.map((entry) => entry.claim).filter((claim) => ended.has(claim))),
  );
  return judged.flatMap(({ event, outcome, notes }) => {
    const inputs = inputsOf(event, outcome, notes, unwritten);
    return inputs ? [{ store, seq: event.seq, ruleSet, inputs }] : [];
  });
}

/** What should be undone and is not, for a person to see to. */
function lettersOf(judged: readonly JudgedRound[], context: WriteContext): DeadLetter[] {
  return judged.flatMap(({ event, outcome }) =>
    outcome.leftToPeople.map(({ action, reason, detail }) => ({
      store: context.store,
      id: context.newId(),
      service: SERVICE,
      kind: 'action' as const,
      ref: action,
      reason,
      detail,
      raw: { event: event.id },
    })),
  );
}

function eventsOf(judged: readonly JudgedRound[], context: WriteContext): Draft[] {
  return judged.flatMap(({ event, outcome }) =>
    outcome.events.map((draft) => ({ ...draft, id: context.newId(), store: context.store, time: event.now })),
  );
}

/** What a timer that fires, or is woken, becomes. */
export function timerEvent(timer: TimerRow, store: string, time: string, newId: () => string): Draft {
  const { event } = timer.ref;
  const subject =
    timer.kind === 'intent.due'
      ? `store:${store}`
      : timer.kind === 'schedule.due'
        ? `schedule:${timer.recurs}`
        : `escalation:${(event.data as { escalation: string }).escalation}`;
  const id = newId();
  return {
    correlationid: id,
    depth: 0,
    data: {},
    ...event,
    id,
    type: timer.kind,
    subject: subject as ResourceKey,
    source: 'coordinator',
    store,
    time,
  };
}

interface Asked {
  readonly escalation: string;
  readonly recipients: readonly string[];
  readonly digest: string;
}

/** Rows before mail. Who has had the most that a day allows gets no more: the question stands on the page all the same. */
async function writeMails(
  tx: Transaction,
  { escalations, reminders }: { readonly escalations: readonly Asked[]; readonly reminders: Outcome['reminders'] },
  context: WriteContext,
): Promise<void> {
  if (escalations.length === 0 && reminders.length === 0) return;
  const sent = await countMailsToday(tx, context.store, [
    ...new Set([...escalations, ...reminders].flatMap((entry) => entry.recipients)),
  ]);
  const rows: Record<string, string>[] = [];
  const add = (escalation: string, recipient: string, kind: string, digest: string, suffix: string) => {
    const count = sent.get(recipient) ?? 0;
    if (count >= context.maxMailsPerDay) return;
    sent.set(recipient, count + 1);
    const mail = `${escalation}.${suffix}`;
    rows.push({
      store: context.store,
      mail,
      recipient,
      kind,
      escalation,
      messageId: `<${context.store}.${mail}@parley.local>`,
      digest,
    });
  };
  for (const entry of escalations)
    for (const [n, recipient] of entry.recipients.entries())
      add(entry.escalation, recipient, 'escalation', entry.digest, `m${n}`);
  for (const entry of reminders)
    for (const [n, recipient] of entry.recipients.entries()) add(entry.escalation, recipient, 'reminder', '', `r${n}`);
  await insertMails(tx, rows);
}
