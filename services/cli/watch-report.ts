import { DAY_MS, HOUR_MS } from '#shared/kernel/time.ts';
import { areaText, count, dayTime, impactText, paramsText } from '#shared/kernel/wording.ts';
import type { AreaReport, WatchReport } from '#shared/store/pages/watch-report.ts';
import type { Api } from './api.ts';
import { UsageError } from './command.ts';
import type { Output } from './output.ts';
import { plural, wrapped } from './source-lines.ts';

const UNITS: Readonly<Record<string, number>> = { h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS };
const CLASHES_SHOWN = 12;
const REFUSED_SHOWN = 15;

/** `36h`, `7d`, `2w` as whole hours. */
export function hoursOf(text: unknown): number | undefined {
  if (text === undefined) return undefined;
  const [, number, unit] = /^(\d{1,4})([hdw])$/.exec(String(text)) ?? [];
  const hours = (Number(number) * (UNITS[unit ?? ''] ?? Number.NaN)) / HOUR_MS;
  if (!(hours >= 1)) throw new UsageError('--since is a time such as 36h, 7d or 2w.');
  return hours;
}

export function readReport(api: Api, store: string, hours: number | undefined): Promise<WatchReport> {
  const query = hours === undefined ? '' : `?hours=${hours}`;
  return api.get<WatchReport>(`/api/stores/${encodeURIComponent(store)}/report${query}`);
}

export function sayWatchReport(report: WatchReport, output: Output): void {
  sayHead(report, output);
  if (report.areas.length > 0) {
    title(headline(report.areas), output);
    sayAreas(report.areas, report, output);
    for (const area of report.areas) sayExamples(area, report, output);
  }
  sayClashes(report, output);
  sayQuestions(report, output);
  sayRefused(report, output);
  sayFaults(report, output);
  sayMissing(report, output);
  output.say();
  for (const text of notesOf(report)) output.say(wrapped(text, ''));
}

const wouldHave = (areas: readonly AreaReport[]) => areas.some(({ watched }) => watched > 0);
const wasDone = (areas: readonly AreaReport[]) =>
  areas.some(({ done, waiting, troubled }) => done + waiting + troubled > 0);

/** By what happened: a store that watches now may have been live before, and the other way round. */
function headline(areas: readonly AreaReport[]): string {
  if (!wasDone(areas)) return 'What would have been done';
  return wouldHave(areas) ? 'What was done, and what would have been' : 'What was done';
}

function sayHead(report: WatchReport, output: Output): void {
  const { store, mode, zone, since, until, begun, openings, events, verdicts } = report;
  const from = begun !== null && begun > since ? begun : since;
  const state = {
    watch: openings.length > 0 ? 'watches, but for what is opened' : 'only watches: nothing is carried out',
    live: 'is live',
    removed: 'is removed',
  }[mode];
  output.say(output.style('bold', `${store} ${state}`));
  if (mode === 'watch' && openings.length > 0) output.say(`Open: ${openings.map(areaText).join(', ')}`);
  output.say(`From ${dayTime(from, zone)} to ${dayTime(until, zone)} (${zone})`);
  const total = verdicts.reduce((sum, { decisions }) => sum + decisions, 0);
  const kinds = verdicts.map(({ verdict, decisions }) => `${count(decisions)} ${verdict}`).join(', ');
  output.say(`${count(events)} events, ${count(total)} wishes decided${kinds ? `: ${kinds}` : ''}`);
  if (report.changedNothing > 0)
    output.say(`${count(report.changedNothing)} more would have changed nothing: already so, or already decided.`);
}

const COUNTED = [
  ['would have', 'watched'],
  ['done', 'done'],
  ['waiting', 'waiting'],
  ['failed', 'troubled'],
  ['taken back', 'takenBack'],
] as const;

/** One line an area; the columns that say nothing are left out. */
export function sayAreas(
  areas: readonly AreaReport[],
  { currency, mode }: Pick<WatchReport, 'currency' | 'mode'>,
  output: Output,
): void {
  const counted = COUNTED.filter(([, of]) => areas.some((area) => area[of] > 0));
  const columns: (readonly [string, (area: AreaReport) => unknown])[] = [
    ['agent', ({ agent }) => agent],
    ['action', ({ action }) => action],
    ...counted.map(([name, of]) => [name, (area: AreaReport) => count(area[of])] as const),
    ...(mode === 'watch' ? [['area', ({ open }: AreaReport) => (open ? 'open' : 'watched')] as const] : []),
    ...(areas.some(({ moved }) => moved)
      ? [['moves', ({ moved }: AreaReport) => (moved && impactText({ ...moved }, currency)) || '-'] as const]
      : []),
  ];
  output.table([columns.map(([name]) => name), ...areas.map((area) => columns.map(([, cell]) => cell(area)))]);
}

function sayExamples(area: AreaReport, { currency, zone }: WatchReport, output: Output): void {
  if (area.examples.length === 0) return;
  output.say();
  output.say(`  ${area.agent} ${area.action}, for example`);
  for (const { intent, resource, params, now } of area.examples) {
    output.say(`    ${dayTime(now, zone)}  ${resource}  ${paramsText(params, resource, currency, zone)}`);
    output.say(output.style('dim', `      parley explain ${intent}`));
  }
}

function sayClashes({ clashes, currency }: WatchReport, output: Output): void {
  if (clashes.length === 0) return;
  title('What went ahead of what', output);
  output.table([
    ['times', 'went ahead', 'gave way', 'how', 'rule', 'most at stake'],
    ...clashes
      .slice(0, CLASHES_SHOWN)
      .map((one) => [
        count(one.count),
        one.winner,
        one.loser,
        `${one.end} (${one.class})`,
        one.rule,
        impactText({ revenueMinor: one.mostRevenueMinor }, currency) || '-',
      ]),
  ]);
  rest(clashes.length - CLASHES_SHOWN, output);
}

function sayQuestions({ questions, mode }: WatchReport, output: Output): void {
  if (questions.length === 0) return;
  title(mode === 'watch' ? 'What people would have been asked' : 'What people were asked', output);
  output.table([
    ['times', 'who', 'by rule', 'without an answer', 'mailed', 'answered', 'open'],
    ...questions.map((one) => [
      count(one.questions),
      one.tier,
      one.rule,
      one.default,
      count(one.mailed),
      count(one.answered),
      count(one.open),
    ]),
  ]);
}

function sayRefused({ refused }: WatchReport, output: Output): void {
  if (refused.length === 0) return;
  title('What was refused or has to wait, and why', output);
  for (const one of refused.slice(0, REFUSED_SHOWN)) {
    const times = `${count(one.count)} ×`.padStart(8);
    output.say(`${times}  ${one.agent} ${one.action} ${one.verdict} by ${one.rule}`);
    if (one.why) output.say(wrapped(one.why, '          '));
    output.say(output.style('dim', `          parley explain ${one.example}`));
  }
  rest(refused.length - REFUSED_SHOWN, output);
}

function sayFaults({ faults }: WatchReport, output: Output): void {
  if (faults.length === 0) return;
  title('What could not be processed', output);
  output.table([
    ['times', 'where', 'what', 'reason', 'for example'],
    ...faults.map(({ count: times, service, kind, reason, detail }) => [count(times), service, kind, reason, detail]),
  ]);
  output.say('See "parley dead-letters list".');
}

function sayMissing({ missing }: WatchReport, output: Output): void {
  if (missing.length === 0) return;
  title('What is not known', output);
  for (const one of missing) {
    output.say(`  ${one.what}: ${count(one.missing)} of ${count(one.of)} missing`);
    output.say(wrapped(`Without it ${one.without}.`, '    '));
  }
}

function notesOf({ mode, cut, areas, store }: WatchReport): string[] {
  const weighedLess = areas.some(({ watched, weighed }) => weighed < watched);
  const nothing = wasDone(areas) ? 'What would have been done was not' : 'Nothing of this was done';
  return [
    ...(areas.some(({ moved }) => moved)
      ? [
          'Money is what the rules weigh, from the facts that each decision rests on: how much moves, not what would have been earned.',
        ]
      : []),
    ...(weighedLess ? ['Of some actions the facts are no longer kept; their money is not in the sums.'] : []),
    ...(wouldHave(areas) || (mode === 'watch' && !wasDone(areas))
      ? [
          `${nothing}, so that what would have followed from it is not in here: a lower price would have sold more, a held order would have been looked at.`,
        ]
      : []),
    ...(cut ? ['There was more than this report reads; the newest of it is shown.'] : []),
    ...(mode === 'watch' && areas.length > 0
      ? [`Open an area with "parley store go-live ${store} --agents … --actions …", or everything without either.`]
      : []),
  ];
}

function title(text: string, output: Output): void {
  output.say();
  output.say(output.style('bold', text));
}

function rest(more: number, output: Output): void {
  if (more > 0) output.say(`${plural(more, 'more line')} with --json`);
}
