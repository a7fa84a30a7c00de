import type { StoreFigures } from '#shared/store/setup/summary.ts';

/** What the sandbox says of its own sending (`GET /stores/<store>/ledger`). */
export interface SenderSide {
  readonly sent: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: number;
  readonly orderLines: number;
  readonly ackP99Ms: number | null;
  readonly webhooksPerSecond: number | null;
  readonly webhooksPerSecondWarm: number | null;
}

const VERDICTS = ['granted', 'adjusted', 'merged', 'deferred', 'denied', 'escalated'] as const;
const ENDS = ['done', 'failed', 'unknown', 'revoked'] as const;
const CLASSES = ['direct', 'indirect', 'implicit', 'redundant', 'sequence', 'stale'] as const;

export interface Summary {
  readonly webhooks: { sent: number; accepted: number; duplicates: number; refused: number; echoes: number };
  readonly deliveries: { mapped: number; ignored: number; failed: number };
  readonly orderLines: number;
  readonly events: number;
  readonly rounds: { complete: number; settled: number; late: number };
  readonly answers: number;
  readonly intents: number;
  readonly conflicts: Readonly<Record<string, number>>;
  readonly decisions: Readonly<Record<string, number>>;
  readonly escalations: number;
  readonly actions: Readonly<Record<string, number>>;
  readonly mails: number;
  readonly deadLetters: number;
  readonly lost: number;
  readonly seconds: number;
  readonly webhooksPerSecond: number;
  readonly webhooksPerSecondWarm: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly ackP99Ms: number;
}

/** The replay in figures, and the sums that do not hold, each in words. `lost`: ids that the sender saw accepted and that did not arrive. */
export function summarize(
  sender: SenderSide,
  store: StoreFigures,
  lost: number,
  seconds: number,
): { summary: Summary; broken: string[] } {
  // A repetition that was only recognised when it was mapped had got a 200 like any other.
  const accepted = sender.accepted - store.deliveries.duplicate;
  const summary: Summary = {
    webhooks: {
      sent: sender.sent,
      accepted,
      duplicates: sender.duplicates + store.deliveries.duplicate,
      refused: sender.refused,
      echoes: store.echoes,
    },
    deliveries: { mapped: store.deliveries.mapped, ignored: store.deliveries.ignored, failed: store.deliveries.failed },
    orderLines: sender.orderLines,
    events: store.events,
    rounds: { complete: store.rounds.complete, settled: store.rounds.settled, late: store.rounds.late },
    answers: store.answers,
    intents: store.intents,
    conflicts: all(CLASSES, store.conflicts),
    decisions: all(VERDICTS, store.decisions),
    escalations: sum(Object.values(store.escalations)),
    actions: all(ENDS, store.actions),
    mails: sum(Object.values(store.mails)),
    deadLetters: store.deadLetters,
    lost,
    seconds: round(seconds),
    webhooksPerSecond: round(sender.webhooksPerSecond ?? 0),
    webhooksPerSecondWarm: round(sender.webhooksPerSecondWarm ?? 0),
    p50Ms: round(store.p50Ms ?? 0),
    p99Ms: round(store.p99Ms ?? 0),
    ackP99Ms: round(sender.ackP99Ms ?? 0),
  };
  return { summary, broken: brokenSums(summary, store) };
}

function brokenSums(summary: Summary, store: StoreFigures): string[] {
  const { webhooks, deliveries, rounds, decisions, actions } = summary;
  const favoured = (decisions.granted ?? 0) + (decisions.adjusted ?? 0) + store.mergedGroups + store.ruledInFavour;
  const checks: [string, number, number][] = [
    [
      'webhooks: sent = accepted + duplicates + refused',
      webhooks.sent,
      webhooks.accepted + webhooks.duplicates + webhooks.refused,
    ],
    [
      'deliveries: accepted = mapped + ignored + failed',
      webhooks.accepted,
      deliveries.mapped + deliveries.ignored + deliveries.failed,
    ],
    ['rounds: events = complete + settled', summary.events, rounds.complete + rounds.settled],
    [
      'decisions: intents = sum of the six verdicts',
      summary.intents,
      sum(VERDICTS.map((verdict) => decisions[verdict] ?? 0)),
    ],
    ['actions = granted + adjusted + merged groups + ruled in favour', sum(Object.values(store.actions)), favoured],
    ['actions: every one has an end', sum(Object.values(store.actions)), sum(ENDS.map((end) => actions[end] ?? 0))],
    ['lost = 0', summary.lost, 0],
  ];
  return checks
    .filter(([, left, right]) => left !== right)
    .map(([what, left, right]) => `${what}: ${left} is not ${right}`);
}

function all(names: readonly string[], counts: Readonly<Record<string, number>>): Record<string, number> {
  return { ...Object.fromEntries(names.map((name) => [name, 0])), ...counts };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}

/** For people: the same figures in a few lines. */
export function summaryLines(summary: Summary, broken: readonly string[]): string[] {
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ') || 'none';
  const { webhooks, rounds } = summary;
  return [
    `webhooks     ${webhooks.sent} sent: ${webhooks.accepted} accepted, ${webhooks.duplicates} duplicates, ${webhooks.refused} refused; ${webhooks.echoes} echoes`,
    `deliveries   ${list(summary.deliveries)}; ${summary.orderLines} order lines`,
    `rounds       ${summary.events} events: ${rounds.complete} complete, ${rounds.settled} settled, ${rounds.late} late`,
    `intents      ${summary.intents} of ${summary.answers} answers; decisions: ${list(summary.decisions)}`,
    `conflicts    ${list(summary.conflicts)}; ${summary.escalations} escalations, ${summary.mails} mails`,
    `actions      ${list(summary.actions)}; ${summary.deadLetters} dead letters`,
    `speed        ${summary.webhooksPerSecond}/s (warm ${summary.webhooksPerSecondWarm}/s) in ${summary.seconds} s; to decision p50 ${summary.p50Ms} ms, p99 ${summary.p99Ms} ms; to 200 p99 ${summary.ackP99Ms} ms`,
    `lost         ${summary.lost}`,
    ...broken.map((line) => `BROKEN       ${line}`),
  ];
}
