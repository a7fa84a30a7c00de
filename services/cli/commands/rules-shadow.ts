import { existsSync, statSync } from 'node:fs';
import { formatMoney } from '#shared/kernel/money.ts';
import { line } from '#shared/kernel/plain-text.ts';
import type { ShadowGroup, ShadowView } from '#shared/store/pages/rules.ts';
import { type Command, EXIT, type ExitCode, type Invocation, UsageError } from '../command.ts';
import { readRuleFolder, shownFolder } from '../rule-folder.ts';
import { ASK_OPTIONS, askFor, short, storeMeant } from '../rules-api.ts';
import { plural, sayFault } from '../source-lines.ts';

const HASH = /^[0-9a-f]{6,64}$/i;

interface Report {
  readonly currency: string;
  readonly run: ShadowView;
  readonly groups: readonly ShadowGroup[];
}

export const rulesShadow: Command = {
  name: 'rules shadow',
  operands: '[FOLDER|HASH|off|report]',
  about: 'Tries a rule set beside the one in force: every round is judged twice, and only the difference is kept.',
  takes: [0, 1],
  options: ASK_OPTIONS,
  examples: [
    'rules shadow ./my-rules',
    'rules shadow 436e05d402c7',
    'rules shadow',
    'rules shadow report',
    'rules shadow report --json',
    'rules shadow off',
  ],
  exits:
    '0 done, or so already; 1 refused, the files do not load, or not done within the time; 2 wrong usage; 3 Parley does not answer; 4 no such rule set or store, or nothing was ever tried.',
  async run(invocation) {
    const [named] = invocation.operands;
    if (named === 'report') return report(invocation);
    if (named === 'off')
      return askFor(
        invocation,
        { want: 'end-shadow' },
        ({ data }) =>
          `Rule set ${short(data.previous)} is not tried any more. "rules shadow report" still tells what it would have done.`,
      );
    if (named === undefined || (HASH.test(named) && !existsSync(named))) return begin(invocation, named);
    return tryFolder(invocation, named);
  },
};

function begin(invocation: Invocation, hash: string | undefined): Promise<ExitCode> {
  return askFor(
    invocation,
    { want: 'shadow', hash },
    ({ data }, store, asked) =>
      `Rule set ${short(data.hash)} is tried in ${store} from event ${asked + 1} on. Nothing that it says is done; see "rules shadow report".`,
  );
}

/** Sends the files to the gateway, which keeps them by their hash, and has that set tried. */
async function tryFolder(invocation: Invocation, folder: string): Promise<ExitCode> {
  const { api, options, output } = invocation;
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new UsageError(`"${line(folder, 200)}" is neither a folder nor the hash of a rule set.`);
  const store = await storeMeant(api, options.store);
  const { sets, faults } = await readRuleFolder(folder);
  const set = sets.find((one) => one.store === store) ?? sets.find((one) => one.store === undefined);
  if (faults.length > 0 || !set) {
    for (const fault of faults) sayFault(fault, output);
    output.say(`The rules in ${shownFolder(folder)} do not load: ${plural(faults.length, 'fault')}. Nothing is tried.`);
    output.result({ ok: false, changed: false, store, faults });
    return EXIT.failed;
  }
  const { hash } = await api.post<{ hash: string }>('/api/rules/sets', { files: set.files });
  return begin({ ...invocation, options: { ...options, store } }, hash);
}

async function report({ api, options, output }: Invocation): Promise<ExitCode> {
  const store = await storeMeant(api, options.store);
  const found = await api.get<Report>(`/api/rules/${encodeURIComponent(store)}/shadow`);
  const { run, groups, currency } = found;
  const until = run.endedSeq === null ? 'and goes on' : `to event ${run.endedSeq}`;
  output.say(`Rule set ${short(run.hash)} was tried in ${store} from event ${run.seq + 1} on ${until}.`);
  output.say(
    `${plural(run.rounds, 'round')} judged, ${plural(run.decisions, 'decision')}, ${run.different} would have been different.`,
  );
  if (run.faults > 0)
    output.say(output.style('red', `${plural(run.faults, 'fault')}; the last: ${line(run.lastFault, 500)}`));
  if (groups.length > 0) {
    output.say();
    sayGroups(groups, currency, output);
  }
  output.result({ store, currency, run, groups, total: totalOf(groups) });
  return EXIT.done;
}

function sayGroups(groups: readonly ShadowGroup[], currency: string, output: Invocation['output']): void {
  const money = (minor: number) => `${minor > 0 ? '+' : ''}${formatMoney(minor, currency)}`;
  const total = totalOf(groups);
  output.table([
    ['decisions', 'agent', 'action', 'was', 'would be', 'revenue', 'margin', 'for example'],
    ...groups.map((group) => [
      group.decisions,
      group.agent,
      group.actionType,
      `${group.from} (${group.fromRule})`,
      `${group.to} (${group.toRule})`,
      money(group.revenueMinor),
      money(group.marginMinor),
      group.example,
    ]),
    [total.decisions, 'all', '', '', '', money(total.revenueMinor), money(total.marginMinor), ''],
  ]);
  output.say();
  output.say(
    'Money is what would have been carried out at once, less what was; questions that people answer are not in it.',
  );
}

function totalOf(groups: readonly ShadowGroup[]) {
  const sum = (pick: (group: ShadowGroup) => number) => groups.reduce((total, group) => total + pick(group), 0);
  return {
    decisions: sum((group) => group.decisions),
    revenueMinor: sum((group) => group.revenueMinor),
    marginMinor: sum((group) => group.marginMinor),
    cashMinor: sum((group) => group.cashMinor),
  };
}
