import type { Instant } from '#shared/kernel/time.ts';
import { earlier } from '#shared/kernel/time.ts';
import { addDuration, type Calendar, halfwayTo } from './business-time.ts';
import type { AskSpec } from './fields.ts';
import type { AskPlan } from './policy.ts';
import type { Path, Source } from './source.ts';

export interface Person {
  readonly name: string;
  readonly address: string;
  readonly roles: readonly string[];
}

/** People by tier, in the order of shop.yaml. */
export type Tiers = ReadonlyMap<string, readonly Person[]>;

/** Reports tiers that shop.yaml does not have, and a second tier that would never be asked. */
export function checkAsk(source: Source, path: Path, ask: AskSpec, tiers: Tiers): void {
  const known = [...tiers.keys()];
  for (const field of ['tier', 'then'] as const) {
    const tier = ask[field];
    if (tier === undefined || tiers.has(tier)) continue;
    source.report({ path: [...path, field] }, `unknown tier "${tier}"; shop.yaml has ${known.join(', ')}.`, {
      name: tier,
      known,
    });
  }
  if (ask.then !== undefined && ask.remind === 'never') {
    source.report({ path: [...path, 'then'] }, `"${ask.then}" is asked with the reminder, but "remind" is never`);
  }
}

/** The plan for one question that is asked now. */
export function planOf(ask: AskSpec, now: Instant, calendar: Calendar, tiers: Tiers): AskPlan {
  const deadline = addDuration(calendar, now, ask.within);
  const people = tiers.get(ask.tier) ?? [];
  const next = ask.then === undefined ? [] : (tiers.get(ask.then) ?? []);
  const named = ({ name, address }: Person) => ({ name, address });
  return {
    tier: ask.tier,
    recipients: people.map(named),
    deadline,
    remindAt: remindAt(ask, now, deadline, calendar),
    reminded: [...new Map([...people, ...next].map((person) => [person.address, named(person)])).values()],
    defaultOption: ask.default ?? 'nothing',
  };
}

function remindAt(ask: AskSpec, now: Instant, deadline: Instant, calendar: Calendar): Instant | undefined {
  if (ask.remind === 'never') return undefined;
  if (ask.remind === undefined || ask.remind === 'halfway') return halfwayTo(calendar, now, ask.within);
  return earlier(addDuration(calendar, now, ask.remind), deadline);
}
