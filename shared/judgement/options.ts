import type { Impact } from '#shared/contracts/actions/define.ts';
import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
import { formatMoney } from '#shared/kernel/money.ts';
import { cut } from '#shared/kernel/plain-text.ts';
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

/** One thing that could be done about a component: who goes ahead, as admission found it, and so feasible. */
export interface Way {
  readonly id: Option['id'];
  readonly ahead: readonly Standing[];
  readonly impact: Impact;
  /** Guardrails that leave the matter to a person and that this does not keep. */
  readonly accepts?: readonly string[];
}

/** What could be done about a component beside nothing: what the rules would do, and the best outcome in which another party wins. */
export function waysOf(standings: readonly Standing[], setting: Setting, gone: readonly string[] = []): Way[] {
  const ways: Way[] = [];
  const add = (id: Way['id'], all: readonly Standing[], accepts?: ReadonlySet<string>) => {
    const way = wayOf(id, all, accepts);
    if (way.ahead.length > 0 && !ways.some((other) => sameWay(other, way))) ways.push(way);
  };
  add('proposed', standings);
  const ordered = standings.map((standing) => standing.candidate).sort(byPrecedence);
  if (standings.some((standing) => standing.asks)) {
    const { lenient, accepted } = accepting(setting);
    const all = admitAll(inSequence(ordered), lenient, gone);
    add(ways.length === 0 ? 'proposed' : 'alternative', all, accepted);
  }
  const settled = new Set(ways[0]?.ahead.map(({ candidate }) => candidate.id));
  for (const { leader, candidate } of standings) if (leader !== undefined) settled.add(candidate.id);
  for (const loser of ordered) {
    if (ways.some((way) => way.id === 'alternative')) break;
    if (settled.has(loser.id)) continue;
    const all = admitAll([loser, ...ordered.filter((candidate) => candidate !== loser)], setting, gone);
    if (all[0] && goesAhead(all[0])) add('alternative', all);
  }
  return ways;
}

function wayOf(id: Way['id'], all: readonly Standing[], accepts?: ReadonlySet<string>): Way {
  const ahead = all.filter((standing) => goesAhead(standing) && standing.leader === undefined);
  const impact = addImpacts(ahead.map((standing) => standing.candidate.ruled.impact));
  return { id, ahead, impact, ...(accepts ? { accepts: [...accepts].sort() } : {}) };
}

/** Options as people are shown them, with nothing as the last. */
export function optionsOf(ways: readonly Way[], setting: Setting): Option[] {
  return [...ways.map((way) => optionOf(way, setting)), NOTHING];
}

/** The nearest adjustment: the first flexible parameter moved just so far that `settles` without a person. */
export function adjustedWay(
  standings: readonly Standing[],
  ways: readonly Way[],
  settles: (standings: readonly Standing[]) => boolean,
  setting: Setting,
  gone: readonly string[] = [],
): Way | undefined {
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
    const way = wayOf('adjusted', admitted(shaped));
    if (!ways.some((other) => sameWay(other, way))) return way;
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

/** The stake of a component: in each measure the largest difference between two of its options, of which one is nothing. */
export function stakeOf(ways: readonly Pick<Way, 'impact'>[]): Impact {
  const spread = (measure: keyof Impact) => {
    let [most, least] = [0, 0];
    for (const { impact } of ways) {
      most = Math.max(most, impact[measure]);
      least = Math.min(least, impact[measure]);
    }
    return most - least;
  };
  return {
    revenueMinor: spread('revenueMinor'),
    marginMinor: spread('marginMinor'),
    cashMinor: spread('cashMinor'),
    units: spread('units'),
    customers: spread('customers'),
  };
}

function sameWay(first: Way, second: Way): boolean {
  return (
    first.ahead.length === second.ahead.length &&
    first.ahead.every(({ candidate }) =>
      second.ahead.some(
        ({ candidate: other }) =>
          other.id === candidate.id &&
          other.leaves.length === candidate.leaves.length &&
          alike(other.params, candidate.params),
      ),
    )
  );
}

function alike(first: Candidate['params'], second: Candidate['params']): boolean {
  return first === second || canonicalJson(first as Json) === canonicalJson(second as Json);
}

function optionOf({ id, ahead, impact, accepts }: Way, setting: Setting): Option {
  const candidates = ahead.map((standing) => standing.candidate);
  const label = candidates.map(({ agent, type, target }) => `${agent}: ${type.type} on ${target}`).join('; ');
  return {
    id,
    label: cut(label, 300),
    effect: describeImpact(impact, setting.policy.shop.currency),
    impact,
    intents: candidates.map((candidate) => ({
      intent: candidate.id,
      params: candidate.params,
      ...(coversAll(candidate, setting) ? {} : { leaves: candidate.leaves }),
    })),
    ...(accepts ? { accepts } : {}),
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
