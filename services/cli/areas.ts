import { didYouMean } from '#shared/kernel/suggest.ts';
import type { Area, Opened } from '#shared/store/setup/openings.ts';
import { UsageError } from './command.ts';

/** What each agent may propose, by its manifest in force. */
export type Proposals = ReadonlyMap<string, readonly string[]>;

export interface Wanted {
  /** `close`: the areas go back to watch; without areas all of the store does. */
  readonly does: 'open' | 'close';
  readonly agents: readonly string[];
  readonly actions: readonly string[];
}

const EVERY = '*';

/** How a store stands when what is wanted has been done. Throws on a name that is not known. */
export function nextOpened(
  now: Opened,
  wanted: Wanted,
  proposals: Proposals,
): Omit<Opened, 'mode'> & { mode: 'watch' | 'live' } {
  check(wanted, proposals);
  const whole = wanted.agents.length === 0 && wanted.actions.length === 0;
  if (whole) return { mode: wanted.does === 'open' ? 'live' : 'watch', openings: [] };
  const asked = areasOf(wanted);
  if (wanted.does === 'open') {
    if (now.mode === 'live') return { mode: 'live', openings: [] };
    const all = [...now.openings, ...asked];
    return { mode: 'watch', openings: distinct(all.filter((area) => !all.some((other) => isWider(other, area)))) };
  }
  const standing = now.mode === 'live' ? [{ agent: EVERY, action: EVERY }] : now.openings;
  const left = standing.flatMap((area) =>
    asked.some((gone) => meets(gone, area)) ? without(area, asked, proposals) : [area],
  );
  return { mode: 'watch', openings: distinct(left) };
}

/** The areas that are open in the one and not in the other, agent by agent and action by action. */
export function difference(
  one: Pick<Opened, 'mode' | 'openings'>,
  other: Pick<Opened, 'mode' | 'openings'>,
  proposals: Proposals,
): Area[] {
  return every(proposals).filter((area) => isOpen(one, area) && !isOpen(other, area));
}

export function isOpen({ mode, openings }: Pick<Opened, 'mode' | 'openings'>, area: Area): boolean {
  return mode === 'live' || (mode === 'watch' && openings.some((open) => covers(open, area)));
}

function check({ agents, actions }: Wanted, proposals: Proposals): void {
  const known = { agent: [...proposals.keys()], action: [...new Set([...proposals.values()].flat())] };
  for (const [what, names] of [
    ['agent', agents],
    ['action', actions],
  ] as const)
    for (const name of names)
      if (!known[what].includes(name))
        throw new UsageError(
          `There is no ${what} "${name}".${didYouMean(name, known[what])} There are: ${known[what].toSorted().join(', ')}.`,
        );
  for (const agent of agents)
    if (actions.length > 0 && !actions.some((action) => proposals.get(agent)?.includes(action)))
      throw new UsageError(
        `${agent} proposes none of ${actions.join(', ')}; it proposes ${proposals.get(agent)?.join(', ')}.`,
      );
}

function areasOf({ agents, actions }: Wanted): Area[] {
  return (agents.length > 0 ? agents : [EVERY]).flatMap((agent) =>
    (actions.length > 0 ? actions : [EVERY]).map((action) => ({ agent, action })),
  );
}

/** What is left of an area by single agents and actions; an agent of which nothing is taken stays whole. */
function without(area: Area, gone: readonly Area[], proposals: Proposals): Area[] {
  return [...proposals].flatMap(([agent, actions]) => {
    const mine = actions.map((action) => ({ agent, action })).filter((one) => covers(area, one));
    const left = mine.filter((one) => !gone.some((other) => covers(other, one)));
    return left.length > 0 && left.length === actions.length ? [{ agent, action: EVERY }] : left;
  });
}

const every = (proposals: Proposals): Area[] =>
  [...proposals].flatMap(([agent, actions]) => actions.map((action) => ({ agent, action })));

const covers = (open: Area, area: Area) =>
  (open.agent === EVERY || open.agent === area.agent) && (open.action === EVERY || open.action === area.action);

const isWider = (a: Area, b: Area) => covers(a, b) && !covers(b, a);

/** Whether they have something in common. */
const meets = (a: Area, b: Area) =>
  (a.agent === EVERY || b.agent === EVERY || a.agent === b.agent) &&
  (a.action === EVERY || b.action === EVERY || a.action === b.action);

function distinct(areas: readonly Area[]): Area[] {
  const found = new Map(areas.map((area) => [`${area.agent} ${area.action}`, area]));
  return [...found.keys()].toSorted().map((key) => found.get(key)!);
}
