import type { Envelope } from '#shared/contracts/envelope.ts';
import type { KeptDecision, KeptPage, KeptRound } from '#shared/judgement/record/again.ts';
import type { RoundInputs } from '#shared/judgement/record/reads.ts';
import { References } from '#shared/judgement/record/references.ts';
import type { Claim, OpenEscalation, StandingAction } from '#shared/judgement/types.ts';
import type { Transaction } from '#shared/store/connect.ts';
import {
  type AnswerView,
  type KeptClaimRow,
  readActionsById,
  readAnswersTo,
  readClaimsById,
  readDecisionsAt,
  readEscalationsById,
  readFactVersions,
  readRoundInputs,
} from '#shared/store/pages/rounds.ts';
import { readEventsAt } from '#shared/store/read-events.ts';

/** A page ends after so many rounds, or when they refer to so much. */
const ROUNDS_MAX = 500;
const REFERENCES_MAX = 40_000;

interface Recorded {
  readonly seq: number;
  readonly ruleSet: string;
  readonly inputs: RoundInputs;
}

/** Recorded rounds in `seq` order, with everything that they refer to as it was. */
export async function readKeptPage(
  tx: Transaction,
  store: string,
  span: { readonly after: number; readonly to: number },
): Promise<KeptPage> {
  const found = (await readRoundInputs(tx, store, span, ROUNDS_MAX)) as readonly Recorded[];
  const references = new References();
  const rows: Recorded[] = [];
  for (const row of found) {
    if (rows.length > 0 && references.size > REFERENCES_MAX) break;
    references.add(row.inputs);
    rows.push(row);
  }
  const rounds = await readRounds(tx, store, rows);
  // Also what was done of what was decided: a backtest weighs it against what would have been.
  const done = rounds.flatMap((round) => round.decisions.flatMap((decision) => decision.action ?? []));
  const [facts, claims, escalations, actions] = await Promise.all([
    readFactVersions(tx, store, [...references.facts.values()]),
    readClaimsById(tx, store, [...references.claims]),
    readEscalationsById(tx, store, [...references.escalations]),
    readActionsById(tx, store, [...new Set([...references.actions, ...done])]),
  ]);
  const more = rows.length < found.length || found.length === ROUNDS_MAX;
  return {
    rounds,
    facts,
    claims: claims.map(toClaim),
    escalations: escalations as OpenEscalation[],
    actions: actions as StandingAction[],
    ...(more && rows.length > 0 ? { next: rows.at(-1)!.seq } : {}),
  };
}

async function readRounds(tx: Transaction, store: string, rows: readonly Recorded[]): Promise<KeptRound[]> {
  const seqs = rows.map((row) => row.seq);
  const origins = rows.flatMap((row) => row.inputs.origin ?? []);
  const events = new Map(
    (await readEventsAt(tx, store, [...new Set([...seqs, ...origins])])).map((event) => [event.seq, event]),
  );
  const answered = rows.flatMap((row) => row.inputs.answered ?? events.get(row.seq)?.id ?? []);
  const answers = Map.groupBy(await readAnswersTo(tx, answered), (answer) => answer.event);
  const decisions = Map.groupBy(await readDecisionsAt(tx, store, seqs), (decision) => decision.seq);
  return rows.flatMap((row) => {
    const event = events.get(row.seq);
    if (!event) return [];
    return [
      {
        ...row,
        event,
        ...(row.inputs.origin === undefined ? {} : { origin: events.get(row.inputs.origin) }),
        answers: answersOf(row, event, answers),
        decisions: (decisions.get(row.seq) ?? []).map(({ seq: _seq, ...kept }) => kept as unknown as KeptDecision),
      },
    ];
  });
}

/** Those of the answers to the event that took part in the round: a late one is judged in a round of its own. */
function answersOf(
  row: Recorded,
  event: Envelope,
  answers: ReadonlyMap<string, readonly AnswerView[]>,
): KeptRound['answers'] {
  const found = answers.get(row.inputs.answered ?? event.id) ?? [];
  return row.inputs.answers.flatMap(([agent, part]) => {
    const answer = found.find((one) => one.agent === agent && one.part === part);
    return answer ? [{ event: answer.event, agent, part, body: { intents: answer.intents as never } }] : [];
  });
}

function toClaim({ amount, action, ...row }: KeptClaimRow): Claim {
  return {
    ...(row as unknown as Claim),
    ...(amount === null ? {} : { amount }),
    ...(action === null ? {} : { action }),
  };
}
