import { createHash } from 'node:crypto';
import type { Draft, Envelope } from '#shared/contracts/envelope.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
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
import {
  dropEscalationTimers,
  insertTimers,
  type TimerRow,
  takeWokenTimers,
} from '#shared/store/coordinator/timers.ts';
import type { Outcome } from './core/types.ts';

export interface JudgedRound {
  readonly event: Envelope;
  readonly outcome: Outcome;
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
  const { store } = context;
  const rows = <Item>(pick: (outcome: Outcome) => readonly Item[]) =>
    judged.flatMap(({ event, outcome }) =>
      pick(outcome).map((item) => ({ ...item, store, seq: event.seq, now: event.now })),
    );
  await endClaims(
    tx,
    rows((outcome) => outcome.endedClaims),
  );
  await closeClaims(
    tx,
    rows((outcome) => outcome.closedClaims),
  );
  await insertDecisions(
    tx,
    rows((outcome) =>
      outcome.decisions.map((decision) => ({ ...decision, inputs: { ...decision.inputs, ruleSet: context.ruleSet } })),
    ),
  );
  await insertConflicts(
    tx,
    judged.flatMap(({ event, outcome }) =>
      outcome.conflicts.map((conflict, n) => ({ ...conflict, n, store, seq: event.seq, now: event.now })),
    ),
  );
  await insertClaims(
    tx,
    survivors(
      judged,
      rows((outcome) => outcome.claims),
    ),
  );
  await insertActions(
    tx,
    rows((outcome) => outcome.actions),
  );
  const escalations = rows((outcome) => outcome.escalations).map((escalation) => ({
    ...escalation,
    digest: digestOf(escalation.options),
  }));
  await insertEscalations(tx, escalations);
  await endEscalations(
    tx,
    rows((outcome) => outcome.endedEscalations),
  );
  await insertLimits(
    tx,
    rows((outcome) => outcome.limits),
  );
  await strikeLimits(
    tx,
    store,
    judged.flatMap(({ outcome }) => outcome.struck),
  );
  await insertTimers(
    tx,
    rows((outcome) => outcome.timers),
  );
  await dropEscalationTimers(
    tx,
    store,
    judged.flatMap(({ outcome }) => outcome.endedEscalations.map((ended) => ended.escalation)),
  );
  await writeMails(tx, judged, escalations, context);
  const woken = await takeWokenTimers(
    tx,
    store,
    judged.flatMap(({ outcome }) => outcome.wakes),
  );
  return [
    ...eventsOf(judged, context),
    ...woken.map((timer) => timerEvent(timer, store, judged.at(-1)!.event.now, context.newId)),
  ];
}

/** A claim that a later round of the same batch has ended again is never written as in force. */
function survivors<Row extends { claim: string }>(
  judged: readonly JudgedRound[],
  claims: readonly Row[],
): readonly Row[] {
  const ended = new Set(judged.flatMap(({ outcome }) => outcome.endedClaims.map((entry) => entry.claim)));
  return claims.filter((claim) => !ended.has(claim.claim));
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

export function digestOf(value: unknown): string {
  return createHash('sha256')
    .update(canonicalJson(value as Json))
    .digest('hex');
}

interface Asked {
  readonly escalation: string;
  readonly recipients: readonly string[];
  readonly digest: string;
}

/** Rows before mail. Who has had the most that a day allows gets no more: the question stands on the page all the same. */
async function writeMails(
  tx: Transaction,
  judged: readonly JudgedRound[],
  escalations: readonly Asked[],
  context: WriteContext,
): Promise<void> {
  const reminders = judged.flatMap(({ outcome }) => outcome.reminders);
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
