import type { Impact } from '#shared/contracts/actions/define.ts';
import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
import { formatMoney } from '#shared/kernel/money.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { admitAll } from './admit.ts';
import { nearest } from './nearest.ts';
import { byPrecedence, inSequence } from './precedence.ts';
import { addImpacts } from './prepare.ts';
import { goesAhead, type Setting, type Standing } from './standing.ts';
import type { Candidate, Option } from './types.ts';

export const NOTHING: Option = {
  id: 'nothing',
  label: 'Do nothing',
  effect: 'None of it is carried out.',
  impact: addImpacts([]),
  intents: [],
};

/**
 * What could be done about a component, each option admitted and so feasible: what the rules would do, the best outcome
 * in which another party wins, and nothing.
 */
export function optionsOf(standings: readonly Standing[], setting: Setting, gone: readonly string[] = []): Option[] {
  const options: Option[] = [];
  const add = (option: Option) => {
    if (option.intents.length > 0 && !options.some((other) => sameIntents(other, option))) options.push(option);
  };
  add(optionOf('proposed', standings.filter(goesAhead), setting));
  const ordered = standings.map((standing) => standing.candidate).sort(byPrecedence);
  if (standings.some((standing) => standing.asks)) {
    const { lenient, accepted } = accepting(setting);
    const ahead = admitAll(inSequence(ordered), lenient, gone).filter(goesAhead);
    const id = options.length === 0 ? 'proposed' : 'alternative';
    add({ ...optionOf(id, ahead, setting), accepts: [...accepted].sort() });
  }
  if (options.some((option) => option.id === 'alternative')) return [...options, NOTHING];
  const winners = new Set(options[0]?.intents.map((entry) => entry.intent));
  const merged = new Set(standings.flatMap((standing) => (standing.leader ? [standing.candidate.id] : [])));
  for (const loser of ordered) {
    if (winners.has(loser.id) || merged.has(loser.id)) continue;
    const others = admitAll([loser, ...ordered.filter((candidate) => candidate !== loser)], setting, gone);
    if (!others[0] || !goesAhead(others[0])) continue;
    add(optionOf('alternative', others.filter(goesAhead), setting));
    if (options.some((option) => option.id === 'alternative')) break;
  }
  return [...options, NOTHING];
}

/** The nearest adjustment: the first flexible parameter moved just so far that `settles` without a person. */
export function adjustedOption(
  standings: readonly Standing[],
  options: readonly Option[],
  settles: (standings: readonly Standing[]) => boolean,
  setting: Setting,
  gone: readonly string[] = [],
): Option | undefined {
  const ordered = standings.map((standing) => standing.candidate).sort(byPrecedence);
  for (const candidate of ordered) {
    const admitted = (shaped: Candidate) =>
      admitAll(inSequence(ordered.map((other) => (other === candidate ? shaped : other))), setting, gone);
    const isAhead = (standing: Standing) => standing.candidate.id === candidate.id && goesAhead(standing);
    const shaped = nearest(
      candidate,
      (trial) => {
        const found = admitted(trial);
        return found.some(isAhead) && settles(found);
      },
      setting,
    );
    if (!shaped) continue;
    const option = optionOf('adjusted', admitted(shaped).filter(goesAhead), setting);
    if (!options.some((other) => sameIntents(other, option))) return option;
  }
  return undefined;
}

/** The same setting with what a guardrail leaves to a person taken as accepted; tells which guardrails those were. */
export function accepting(setting: Setting, only?: readonly string[]): { lenient: Setting; accepted: Set<string> } {
  const accepted = new Set<string>();
  const violations: Policy['violations'] = (input) =>
    setting.policy.violations(input).filter((violation) => {
      if (violation.otherwise !== 'ask' || (only && !only.includes(violation.rule))) return true;
      accepted.add(violation.rule);
      return false;
    });
  return { lenient: { ...setting, policy: { ...setting.policy, violations } }, accepted };
}

/** The stake of a component: in each measure the largest difference between two of its options. */
export function stakeOf(options: readonly Option[]): Impact {
  const spread = (measure: keyof Impact) => {
    const amounts = options.map((option) => option.impact[measure]);
    return amounts.length === 0 ? 0 : Math.max(...amounts) - Math.min(...amounts);
  };
  return {
    revenueMinor: spread('revenueMinor'),
    marginMinor: spread('marginMinor'),
    cashMinor: spread('cashMinor'),
    units: spread('units'),
    customers: spread('customers'),
  };
}

function sameIntents(first: Option, second: Option): boolean {
  const text = (option: Option) =>
    canonicalJson([...option.intents].sort((a, b) => (a.intent < b.intent ? -1 : 1)) as unknown as Json);
  return first.intents.length === second.intents.length && text(first) === text(second);
}

function optionOf(id: Option['id'], standings: readonly Standing[], setting: Setting): Option {
  const leaders = standings.filter((standing) => !standing.leader).map((standing) => standing.candidate);
  const impact = addImpacts(leaders.map((candidate) => candidate.ruled.impact));
  const label = leaders.map(({ agent, type, target }) => `${agent}: ${type.type} on ${target}`).join('; ');
  return {
    id,
    label: label.slice(0, 300),
    effect: describeImpact(impact, setting.policy.shop.currency),
    impact,
    intents: leaders.map((candidate) => ({
      intent: candidate.id,
      params: candidate.params,
      ...(coversAll(candidate, setting) ? {} : { leaves: candidate.leaves }),
    })),
  };
}

function coversAll(candidate: Candidate, { around }: Setting): boolean {
  return candidate.leaves.length === around.leavesOf(candidate.target).length;
}

function describeImpact(impact: Impact, currency: string): string {
  const parts: string[] = [];
  if (impact.revenueMinor) parts.push(`moves ${formatMoney(impact.revenueMinor, currency)} of revenue`);
  if (impact.marginMinor) parts.push(`${formatMoney(impact.marginMinor, currency)} of margin`);
  if (impact.cashMinor) parts.push(`${formatMoney(impact.cashMinor, currency)} of cash`);
  if (impact.units) parts.push(`${impact.units} units`);
  if (impact.customers) parts.push(`${impact.customers} customers`);
  return parts.length > 0 ? parts.join(', ') : 'no figures are known';
}
