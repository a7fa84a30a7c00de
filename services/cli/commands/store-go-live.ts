import { stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { PermanentError, toParleyError } from '#shared/kernel/errors.ts';
import { line } from '#shared/kernel/plain-text.ts';
import { closest } from '#shared/kernel/suggest.ts';
import { areaText } from '#shared/kernel/wording.ts';
import type { Sql } from '#shared/store/connect.ts';
import type { AreaReport } from '#shared/store/pages/watch-report.ts';
import { readConnectedStore, readConnectedStores } from '#shared/store/setup/connections.ts';
import { type Area, readOpened, readProposals, setOpened } from '#shared/store/setup/openings.ts';
import { type Abilities, abilitiesOf } from '../abilities.ts';
import { difference, nextOpened, type Proposals } from '../areas.ts';
import { type Command, EXIT, type ExitCode, type Invocation, UsageError } from '../command.ts';
import type { Output } from '../output.ts';
import { wrapped } from '../source-lines.ts';
import { DOOR_OPTIONS, withInstallation } from '../stores/door.ts';
import { readsOnly } from '../stores/platforms.ts';
import { readReport, sayAreas } from '../watch-report.ts';

export const storeGoLive: Command = {
  name: 'store go-live',
  operands: 'NAME',
  about: 'Lets what is decided for a store be carried out, whole or area by area, or sends it back to watching.',
  takes: [1, 1],
  options: {
    agents: { type: 'string', value: 'A,B', about: 'only what these agents want  [every agent]' },
    actions: { type: 'string', value: 'X,Y', about: 'only these kinds of action  [every kind]' },
    close: { type: 'boolean', about: 'the other way: these areas only watch again' },
    watch: { type: 'boolean', about: 'all of the store only watches again' },
    yes: { type: 'boolean', about: 'do not ask' },
    ...DOOR_OPTIONS,
  },
  examples: [
    'store go-live candles --agents orders',
    'store go-live candles --agents pricing,marketing --actions price.set,promotion.pause',
    'store go-live candles',
    'store go-live candles --close --actions promotion.launch',
    'store go-live candles --watch --yes',
  ],
  exits:
    '0 done, or so already; 1 not done: somebody said no, or the credential does not allow it; 2 wrong usage; 4 no such store.',
  async run(invocation) {
    const { options } = invocation;
    if (options.watch === true && (options.close === true || options.agents || options.actions))
      throw new UsageError('--watch is about all of the store; to close areas say --close with --agents or --actions.');
    return await withInstallation(invocation, ({ sql, masterKey }) =>
      goLive(invocation, sql, (store) => abilitiesOf(sql, store, masterKey)),
    );
  },
};

/** What the credential of a store allows; a sentence where that could not be found out. */
type Look = (store: string) => Promise<Abilities | string>;

export async function goLive(invocation: Invocation, sql: Sql, look: Look, ask = askOnTerminal): Promise<ExitCode> {
  const { operands, options, output } = invocation;
  const store = operands[0]!;
  const now = await readOpened(sql, store);
  if (!now || now.mode === 'removed') throw await noSuchStore(sql, store);
  const proposals = await readProposals(sql);
  const does = options.close === true || options.watch === true ? 'close' : 'open';
  const next = nextOpened(now, { does, agents: list(options.agents), actions: list(options.actions) }, proposals);
  const opens = difference(next, now, proposals);
  const closes = difference(now, next, proposals);
  const told = { store, was: now, is: next, opens, closes };
  if (opens.length === 0 && closes.length === 0 && next.mode === now.mode) {
    output.say('Nothing changes; that is so already:');
    sayDone(store, now, 0, output);
    output.result({ ok: true, changed: false, ...told });
    return EXIT.done;
  }
  if (opens.length > 0) await refuseReadOnly(sql, store);
  await sayPlan(told, proposals, invocation);
  const missing = opens.length > 0 ? await sayAbilities(opens, await look(store), store, output) : [];
  if (missing.length > 0) {
    output.result({ ok: false, changed: false, ...told, missing });
    return EXIT.failed;
  }
  if (
    options.yes !== true &&
    !(await ask(does === 'open' ? 'Carry these out from now on?' : 'Only watch these from now on?'))
  ) {
    output.say('Nothing was changed.');
    output.result({ ok: false, changed: false, ...told });
    return EXIT.failed;
  }
  const done = await setOpened(sql, store, now, next);
  if (!done) throw new PermanentError('nothing-new', 'Somebody else has changed what is open meanwhile; look again.');
  sayDone(store, next, done.waiting, output);
  output.result({ ok: true, changed: true, ...told, ...done });
  return EXIT.done;
}

/** What is opened there would only fail, wish by wish. */
async function refuseReadOnly(sql: Sql, store: string): Promise<void> {
  const platform = (await readConnectedStore(sql, store))?.platform;
  if (!platform || !readsOnly(platform)) return;
  throw new PermanentError(
    'not-supported',
    `${store} is a shop at ${platform}, where Parley reads only: nothing could be carried out, so it stays in watch. What would have been done: npx parley store report ${store}`,
  );
}

function list(text: unknown): string[] {
  return typeof text === 'string'
    ? [
        ...new Set(
          text
            .split(',')
            .map((name) => name.trim())
            .filter(Boolean),
        ),
      ]
    : [];
}

async function noSuchStore(sql: Sql, store: string): Promise<PermanentError> {
  const known = (await readConnectedStores(sql)).filter(({ mode }) => mode !== 'removed').map((row) => row.store);
  const near = closest(store, known);
  const hint = near ? ` Did you mean "${near}"?` : known.length > 0 ? ` There are: ${known.join(', ')}.` : '';
  return new PermanentError('not-found', `There is no store "${line(store, 40)}".${hint}`);
}

interface Plan {
  readonly store: string;
  readonly opens: readonly Area[];
  readonly closes: readonly Area[];
}

/** What would be opened or closed, and what these areas would have done. */
async function sayPlan(
  { store, opens, closes }: Plan,
  proposals: Proposals,
  { api, output }: Invocation,
): Promise<void> {
  const said = (areas: readonly Area[]) => spoken(areas, proposals).join(', ');
  if (opens.length > 0) output.say(wrapped(`In ${store} this will be carried out from now on: ${said(opens)}.`, ''));
  if (closes.length > 0) output.say(wrapped(`In ${store} this will only be watched from now on: ${said(closes)}.`, ''));
  if (output.json || opens.length === 0) return;
  const report = await readReport(api, store, undefined).catch((thrown: unknown) => {
    output.note(`What they would have done is not known: ${toParleyError(thrown).message}`);
    return undefined;
  });
  if (!report) return;
  const mine = report.areas.filter(
    (area: AreaReport) =>
      area.watched > 0 && opens.some(({ agent, action }) => agent === area.agent && action === area.action),
  );
  output.say();
  if (mine.length === 0) {
    output.say('In the last 7 days none of these would have done anything.');
  } else {
    output.say('In the last 7 days they would have done this:');
    sayAreas(mine, report, output);
    output.say(`See "parley store report ${store}".`);
  }
  output.say();
}

/** An agent of which all is meant is named as a whole. */
function spoken(areas: readonly Area[], proposals: Proposals): string[] {
  return [...Map.groupBy(areas, ({ agent }) => agent)].flatMap(([agent, mine]) =>
    mine.length === proposals.get(agent)?.length ? [areaText({ agent, action: '*' })] : mine.map(areaText),
  );
}

/** What is to be opened and the credential does not allow. */
async function sayAbilities(opens: readonly Area[], found: Abilities | string, store: string, output: Output) {
  if (typeof found === 'string') {
    output.note(`Whether the store's credential allows this was not checked: ${found}`);
    return [];
  }
  const wanted = new Set(opens.map(({ action }) => action));
  const missing = found.abilities.filter(
    ({ granted, actions }) => !granted && actions.some((action) => wanted.has(action)),
  );
  if (missing.length === 0) return [];
  for (const { can, scope, actions } of missing)
    output.note(`Parley cannot ${can}: add ${scope} in ${found.where}. Without it ${actions.join(', ')} would fail.`);
  output.note(`Then run "parley store test ${store}", and this again; or leave these out with --actions.`);
  return missing.map(({ can, scope }) => ({ can, scope }));
}

function sayDone(
  store: string,
  { mode, openings }: { readonly mode: string; readonly openings: readonly Area[] },
  waiting: number,
  output: Output,
) {
  if (mode === 'live') output.say(output.style('green', `${store} is live: what is decided is carried out.`));
  else if (openings.length === 0) output.say(output.style('green', `${store} only watches: nothing is carried out.`));
  else output.say(output.style('green', `${store} watches, but for ${openings.map(areaText).join(', ')}.`));
  if (waiting > 0) output.say(`Decided before and carried out when its time comes: ${waiting}.`);
}

/** Somebody who is not there has not said yes. */
async function askOnTerminal(question: string): Promise<boolean> {
  if (!stdin.isTTY) throw new UsageError('Nobody is there to be asked: say --yes.');
  const terminal = createInterface({ input: stdin, output: stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
