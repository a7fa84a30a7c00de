import { PermanentError } from '#shared/kernel/errors.ts';
import { line } from '#shared/kernel/plain-text.ts';
import type { HistoryRow, RulesView } from '#shared/store/pages/rules.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import type { Output } from '../output.ts';
import { readViews, STORE_OPTION, short, storeMeant } from '../rules-api.ts';

const HISTORY_MAX = 1_000;
const when = (instant: string) => instant.slice(0, 19).replace('T', ' ');

export const rulesStatus: Command = {
  name: 'rules status',
  about: 'Shows which rules are in force, what the folder holds, its faults, a pin and what is tried.',
  takes: [0, 0],
  options: { store: { type: 'string', value: 'STORE', about: 'of this store only' } },
  examples: ['rules status', 'rules status --store sandbox --json'],
  exits:
    '0 fine; 1 the folder has a fault, or no rule set is in force; 2 wrong usage; 3 Parley does not answer; 4 no such store.',
  async run({ api, options, output }) {
    const all = await readViews(api);
    const views = typeof options.store === 'string' ? all.filter(({ store }) => store === options.store) : all;
    if (views.length === 0 && options.store)
      throw new PermanentError('not-found', `There is no store "${line(options.store, 40)}".`);
    for (const view of views) say(view, output);
    if (views.length === 0) output.say('There is no store yet.');
    const well = views.every(({ inForce, candidate }) => inForce && (candidate?.faults.length ?? 0) === 0);
    output.result({ ok: well, stores: views });
    return well ? EXIT.done : EXIT.failed;
  },
};

function say(view: RulesView, output: Output): void {
  const { store, inForce, candidate, pinned, shadow, refused } = view;
  output.say(output.style('bold', line(store, 40)));
  output.table([
    [
      '  in force',
      inForce
        ? `${short(inForce.hash)}  ${inForce.how === 'first' ? 'from the start' : `since ${when(inForce.now)}`}, event ${inForce.seq}, ${howText(inForce.how, inForce.by)}`
        : 'none yet',
    ],
    ...(pinned ? [['  pinned', `${short(pinned)}  until "rules activate"`]] : []),
    ['  folder', folderText(view)],
    ...(shadow
      ? [
          [
            '  tried',
            `${short(shadow.hash)}  since event ${shadow.seq + 1}: ${shadow.rounds} rounds, ${shadow.different} of ${shadow.decisions} decisions would differ${shadow.faults > 0 ? `, ${shadow.faults} faults` : ''}`,
          ],
        ]
      : []),
    ...(refused ? [['  not done', `${refused.want} asked for at event ${refused.seq}: ${refused.reason}`]] : []),
  ]);
  for (const fault of candidate?.faults ?? []) output.say(`  ${output.style('red', line(fault, 500))}`);
}

function folderText({ candidate, inForce, pinned }: RulesView): string {
  if (!candidate) return 'not read yet';
  if (candidate.faults.length > 0) return `faulty since ${when(candidate.seenAt)}; what is in force stays`;
  if (candidate.hash === inForce?.hash) return 'the same';
  return `${short(candidate.hash)}  since ${when(candidate.seenAt)}, ${pinned ? 'ahead of what is pinned' : 'waits for "rules activate"'}`;
}

function howText(how: string | null, by: string): string {
  if (how === 'activate') return `activated by ${by}`;
  if (how === 'rollback') return `rolled back by ${by}`;
  if (how === 'first') return 'the first of the store';
  return how === 'repair' ? 'because the one before cannot be read any more' : 'saved';
}

export const rulesHistory: Command = {
  name: 'rules history',
  about: 'Lists which rule sets came into force, when, by whom, and how many decisions each has made.',
  takes: [0, 0],
  options: {
    ...STORE_OPTION,
    limit: { type: 'string', value: 'N', about: `at most so many, up to ${HISTORY_MAX}  [50]` },
  },
  examples: ['rules history', 'rules history --limit 5 --json'],
  exits: '0 done; 1 refused; 2 wrong usage; 3 Parley does not answer; 4 no such store.',
  async run({ api, options, output }) {
    const limit = Number(options.limit ?? 50);
    if (!Number.isInteger(limit) || limit < 1 || limit > HISTORY_MAX)
      throw new UsageError(`--limit must be a whole number from 1 to ${HISTORY_MAX}.`);
    const store = await storeMeant(api, options.store);
    const { history } = await api.get<{ history: HistoryRow[] }>(
      `/api/rules/${encodeURIComponent(store)}/history?limit=${limit}`,
    );
    if (history.length === 0) output.say('No rule set has been in force yet.');
    else
      output.table([
        ['event', 'when', 'set', 'before', 'decisions', 'how'],
        ...history.map((row) => [
          row.seq,
          row.how === 'first' ? 'from the start' : when(row.now),
          short(row.hash),
          row.previous ? short(row.previous) : '',
          row.decisions,
          `${howText(row.how, row.by)}${row.pinned ? ', pinned' : ''}${row.note ? `: ${row.note}` : ''}`,
        ]),
      ]);
    output.result({ store, history });
    return EXIT.done;
  },
};
