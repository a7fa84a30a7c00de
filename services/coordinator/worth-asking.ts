import type { Outcome, Proposed } from '#shared/judgement/types.ts';
import type { Transaction } from '#shared/store/connect.ts';
import { readMembers, readOpenings } from '#shared/store/coordinator/watch.ts';

type Asked = Pick<Outcome['escalations'][number], 'members'>;
type Reminder = Outcome['reminders'][number];

interface Questions<Escalation extends Asked> {
  readonly escalations: readonly Escalation[];
  readonly reminders: Reminder[];
}

/**
 * The questions for which people get mail. In a store that only watches an answer changes nothing unless one of those who
 * want something may carry it out: the others stand on the operator's page and in the report, and run into their default.
 */
export async function worthAsking<Escalation extends Asked>(
  tx: Transaction,
  store: string,
  questions: Questions<Escalation>,
): Promise<Questions<Escalation>> {
  const { escalations, reminders } = questions;
  if (escalations.length === 0 && reminders.length === 0) return questions;
  const openings = await readOpenings(tx, store);
  if (!openings) return questions;
  if (openings.length === 0) return { escalations: [], reminders: [] };
  const matters = (members: readonly Proposed[]) =>
    members.some(({ agent, intent }) =>
      openings.some((open) => [agent, '*'].includes(open.agent) && [intent.action, '*'].includes(open.action)),
    );
  const reminded = await readMembers(
    tx,
    store,
    reminders.map(({ escalation }) => escalation),
  );
  const worth = new Set(
    reminded.filter(({ members }) => matters(members as Proposed[])).map(({ escalation }) => escalation),
  );
  return {
    escalations: escalations.filter(({ members }) => matters(members)),
    reminders: reminders.filter(({ escalation }) => worth.has(escalation)),
  };
}
