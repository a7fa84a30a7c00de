import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { Instant } from '#shared/kernel/time.ts';
import { planOf } from './asking.ts';
import type { CompiledRule } from './kinds/define.ts';
import type { Ask, Policy, Precedence, RuledIntent, TemporalHold, TraceInput } from './policy.ts';
import type { ShopModel } from './shop.ts';
import { type Heard, traceRules } from './trace.ts';

/** A compiled rule with what people see of it. */
export interface NamedRule {
  readonly compiled: CompiledRule;
  readonly kind: string;
  readonly file: string;
  readonly line: number;
  readonly why: string;
}

/** What concerns one action type, in file order: found once, at load, so that judging an intent asks only these. */
interface Relevant {
  readonly objectiveRanks: readonly Having<'objectiveRank'>[];
  readonly agentRanks: readonly Having<'agentRank'>[];
  readonly temporalRanks: readonly Having<'temporalRank'>[];
  readonly holds: readonly NonNullable<CompiledRule['hold']>[];
  readonly thresholds: readonly NonNullable<CompiledRule['threshold']>[];
  readonly limits: readonly NonNullable<CompiledRule['limit']>[];
  readonly sameness: readonly NonNullable<CompiledRule['sameness']>[];
  readonly successions: readonly NonNullable<CompiledRule['succession']>[];
  readonly autonomies: readonly NonNullable<CompiledRule['autonomy']>[];
  readonly dampings: readonly NonNullable<CompiledRule['damping']>[];
}

type Having<Key extends keyof CompiledRule> = CompiledRule & { readonly [K in Key]-?: NonNullable<CompiledRule[K]> };

function having<Key extends keyof CompiledRule>(rules: readonly CompiledRule[], key: Key): readonly Having<Key>[] {
  return rules.filter((rule): rule is Having<Key> => rule[key] !== undefined);
}

/** A rule for some things goes before one for more of them; between equals, file order. */
function byNarrowness<Rule extends CompiledRule>(rules: readonly Rule[]): readonly Rule[] {
  return rules.toSorted((a, b) => b.narrowness - a.narrowness);
}

function relevantTo(rules: readonly CompiledRule[], action: string): Relevant {
  const mine = rules.filter((rule) => rule.actions === undefined || rule.actions.includes(action));
  const narrowFirst = byNarrowness(mine);
  return {
    objectiveRanks: having(narrowFirst, 'objectiveRank'),
    agentRanks: having(narrowFirst, 'agentRank'),
    temporalRanks: having(narrowFirst, 'temporalRank'),
    holds: having(mine, 'hold').map((rule) => rule.hold),
    thresholds: having(mine, 'threshold').map((rule) => rule.threshold),
    limits: having(mine, 'limit').map((rule) => rule.limit),
    sameness: having(mine, 'sameness').map((rule) => rule.sameness),
    successions: having(mine, 'succession').map((rule) => rule.succession),
    autonomies: having(narrowFirst, 'autonomy').map((rule) => rule.autonomy),
    dampings: having(mine, 'damping').map((rule) => rule.damping),
  };
}

/** Makes one frozen policy of the compiled rules. */
export function assemble(hash: string, model: ShopModel, named: readonly NamedRule[]): Policy {
  const rules = named.map(({ compiled }) => compiled);
  const byAction = new Map<string, Relevant>();
  for (const action of ACTION_TYPES.keys()) byAction.set(action, relevantTo(rules, action));
  const unknownAction = relevantTo(rules, '');
  const relevant = (action: string) => byAction.get(action) ?? unknownAction;
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const guardrails = guardrailsByActions(having(rules, 'violation'));
  const respects = byNarrowness(having(rules, 'respectMs'));
  const anyPlannedFirst = rules.some((rule) => rule.temporalRank);
  const policy: Omit<Policy, 'trace'> = {
    hash,
    shop: model.shop,
    rules: named.map(({ compiled, kind, file, line, why }) => ({ id: compiled.id, kind, file, line, why })),
    precedence: (intent) => precedenceOf(relevant(intent.action), intent, anyPlannedFirst),
    hold: (intent, now) => heldUntilFree(relevant(intent.action).holds, intent, now),
    violations: (input) => guardrails(input.actions).flatMap((violation) => violation(input) ?? []),
    worsens: (rule, before, after) => byId.get(rule)?.worsens?.(before, after) ?? false,
    ask: (input): Ask | undefined => firstOf(relevant(input.intent.action).thresholds, (threshold) => threshold(input)),
    limits: (intent) => relevant(intent.action).limits.flatMap((limit) => limit(intent) ?? []),
    sameness: (intent) => relevant(intent.action).sameness.flatMap((same) => same(intent) ?? []),
    successions: (intent) => relevant(intent.action).successions.flatMap((succession) => succession(intent) ?? []),
    autonomy: (intent) => firstOf(relevant(intent.action).autonomies, (autonomy) => autonomy(intent)),
    damp: (intent, changes, now) =>
      firstOf(relevant(intent.action).dampings, (damping) => damping.hold(intent, changes, now)),
    dampingMs: Math.max(0, ...rules.map((rule) => rule.damping?.lookBackMs ?? 0)),
    respectMs: (resource, category, aspect, now) =>
      firstOf(respects, (rule) => rule.respectMs({ resource, category, now }, aspect)) ?? model.shop.respectMs,
    askPlan(rule, now) {
      return planOf(byId.get(rule)?.ask ?? model.ask, now, model.calendar, model.tiers);
    },
  };
  return Object.freeze({
    ...policy,
    trace: (input) => traceRules(named, heardOf(policy, relevant(input.intent.action), input), input),
  } satisfies Policy);
}

function heardOf(
  policy: Omit<Policy, 'trace'>,
  relevant: Relevant,
  { intent, threshold, changes, now }: TraceInput,
): Heard {
  const { objective, agent, temporal } = ranksOf(relevant, intent);
  return {
    hold: policy.hold(intent, now)?.rule,
    threshold: policy.ask(threshold)?.rule,
    autonomy: policy.autonomy(intent)?.rule,
    damping: policy.damp(intent, changes, now)?.rule,
    objectiveRank: objective?.rule,
    agentRank: agent?.rule,
    temporalRank: temporal?.rule,
  };
}

/** Different sets of actions on one leaf are few, so each set's guardrails are found once. */
const REMEMBERED_SETS = 1_000;

function guardrailsByActions(
  rules: readonly Having<'violation'>[],
): (actions: readonly string[]) => readonly Having<'violation'>['violation'][] {
  const remembered = new Map<string, readonly Having<'violation'>['violation'][]>();
  return (actions) => {
    const key = actions.length === 1 ? (actions[0] ?? '') : [...new Set(actions)].sort().join();
    const known = remembered.get(key);
    if (known) return known;
    const found = rules
      .filter((rule) => rule.actions === undefined || rule.actions.some((action) => actions.includes(action)))
      .map((rule) => rule.violation);
    if (remembered.size < REMEMBERED_SETS) remembered.set(key, found);
    return found;
  };
}

/** More spans of the day and the year than a shop has rules for never follow each other without a gap. */
const SPANS_IN_A_ROW = 32;

/**
 * The first hold that speaks, until the time at which none does. Woken at the end of each in turn (Saturday, Sunday, the
 * night after it) a wish would have used up its three deferrals before it could ever run.
 */
function heldUntilFree(
  holds: readonly NonNullable<CompiledRule['hold']>[],
  intent: RuledIntent,
  now: Instant,
): TemporalHold | undefined {
  const first = firstOf(holds, (hold) => hold(intent, now));
  if (first?.until === undefined) return first;
  let { until, detail } = first;
  for (let count = 0; count < SPANS_IN_A_ROW; count++) {
    const at = until;
    const next = firstOf(holds, (hold) => hold({ ...intent, now: at }, at));
    // What would be refused then is refused when it is proposed again, on the facts of that time.
    if (next?.until === undefined || next.until <= at) break;
    if (next.rule !== first.rule && !detail.includes(next.rule)) detail += `; then ${next.rule}: ${next.detail}`;
    until = next.until;
  }
  return { ...first, detail, until };
}

function ranksOf(relevant: Relevant, intent: RuledIntent) {
  return {
    objective: firstRank(relevant.objectiveRanks, (rule) => rule.objectiveRank(intent)),
    agent: firstRank(relevant.agentRanks, (rule) => rule.agentRank(intent)),
    temporal: firstRank(relevant.temporalRanks, (rule) => rule.temporalRank(intent)),
  };
}

function precedenceOf(relevant: Relevant, intent: RuledIntent, anyPlannedFirst: boolean): Precedence {
  const { objective, agent, temporal } = ranksOf(relevant, intent);
  return {
    temporal: temporal?.rank ?? (anyPlannedFirst ? 1 : 0),
    objective: objective?.rank ?? 0,
    agent: agent?.rank ?? 0,
    rule: objective?.rule ?? agent?.rule ?? temporal?.rule ?? 'none',
  };
}

function firstRank<Rule extends CompiledRule>(
  rules: readonly Rule[],
  rankBy: (rule: Rule) => number | undefined,
): { readonly rank: number; readonly rule: string } | undefined {
  for (const rule of rules) {
    const rank = rankBy(rule);
    if (rank !== undefined) return { rank, rule: rule.id };
  }
  return undefined;
}

function firstOf<Item, Value>(items: readonly Item[], ask: (item: Item) => Value | undefined): Value | undefined {
  for (const item of items) {
    const value = ask(item);
    if (value !== undefined) return value;
  }
  return undefined;
}
