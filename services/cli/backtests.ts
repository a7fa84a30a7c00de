import { sourcesOf } from '#shared/judgement/record/again.ts';
import { Backtest, type BacktestReport, Rejudging } from '#shared/judgement/record/backtest.ts';
import { formatMoney } from '#shared/kernel/money.ts';
import { line } from '#shared/kernel/plain-text.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { Api } from './api.ts';
import { keptPages, type Span } from './kept-rounds.ts';
import type { Output } from './output.ts';
import { plural } from './source-lines.ts';

const GROUPS_SHOWN = 20;

/** What a backtest cannot know; said with every one. */
export const NOT_KNOWN = [
  'It judges the wishes that there were, on the facts and claims that there were.',
  'What the world, the agents and people would have done after another decision is not known:',
  'no wish that an agent would have offered instead, no sale at another price, no answer to another question.',
  'Amounts are what is carried out or not, not what it earns. Sums over a time begin empty where the history begins.',
] as const;

/**
 * Tries several rule sets on one history, in one pass over it. They are compared with what was decided then, or with what
 * the rules of `beside` make of the same history: after a change of rules the two are not the same.
 */
export async function runBacktests(
  api: Api,
  store: string,
  span: Span,
  policies: readonly Policy[],
  output: Output,
  beside?: Policy,
): Promise<readonly BacktestReport[]> {
  const tests = policies.map((policy) => new Backtest(policy));
  const compared = beside && new Rejudging(beside);
  let done = 0;
  for await (const page of keptPages(api, store, span)) {
    const sources = sourcesOf(page);
    for (const round of page.rounds) {
      const before = compared && once(() => compared.judge(round, sources));
      for (const test of tests) test.add(round, sources, before);
    }
    done += page.rounds.length;
    if (page.next !== undefined) output.note(`${done} of ${span.rounds} rounds`);
  }
  return tests.map((test) => test.report());
}

/** All the sets are compared with one judging, since judging adds to the sums towards limits. */
function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The report as people read it. */
export function sayReport(report: BacktestReport, currency: string, output: Output, indent = ''): void {
  const say = (text: string) => output.say(`${indent}${text}`);
  say(
    `${plural(report.decisions, 'decision')} of ${plural(report.rounds, 'round')}${report.since ? `, ${day(report.since)} to ${day(report.until)}` : ''}: ${report.changed === 0 ? 'all the same' : `${report.changed} would have been different`}.`,
  );
  for (const group of report.groups.slice(0, GROUPS_SHOWN)) {
    const money = [
      signed(group.revenueMinor, currency, 'revenue'),
      signed(group.marginMinor, currency, 'margin'),
      signed(group.cashMinor, currency, 'cash'),
    ].filter((text) => text !== '');
    say(
      `  ${String(group.decisions).padStart(5)}  ${line(`${group.agent} ${group.actionType}`, 80)}: ${group.from} (${line(group.fromRule, 60)}) → ${group.to} (${line(group.toRule, 60)})${money.length > 0 ? `, ${money.join(', ')}` : ''}`,
    );
    say(`         such as ${line(group.examples[0], 160)}`);
  }
  const more = report.groups.length - GROUPS_SHOWN;
  if (more > 0) say(`  and ${plural(more, 'other kind')} of change; --json has them all`);
  if (report.changed > 0) {
    const moved = (side: BacktestReport['before']) =>
      `${formatMoney(side.revenueMinor, currency)} of revenue, ${formatMoney(side.marginMinor, currency)} of margin, ${formatMoney(side.cashMinor, currency)} of cash`;
    say(`Carried out by these decisions: before ${moved(report.before)}; after ${moved(report.after)}.`);
  }
  const { before, after, perWeek } = report.escalations;
  const weekly = perWeek ? ` (${perWeek.before} → ${perWeek.after} a week)` : '';
  say(`Questions to people: ${before} → ${after}${weekly}.`);
  if (report.incomplete > 0)
    say(
      `In ${plural(report.incomplete, 'round')} these rules asked for something that nobody looked at then; they saw nothing there.`,
    );
  for (const fault of report.faults) say(output.style('red', `Could not be judged: ${line(fault, 300)}`));
}

const day = (instant: string | null) => instant?.slice(0, 10) ?? '';

function signed(minor: number, currency: string, what: string): string {
  if (minor === 0) return '';
  return `${minor > 0 ? '+' : ''}${formatMoney(minor, currency)} ${what}`;
}
