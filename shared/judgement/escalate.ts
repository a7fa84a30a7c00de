import type { Impact } from '#shared/contracts/actions/define.ts';
import type { Attribute } from '#shared/contracts/facts.ts';
import { formatMoney } from '#shared/kernel/money.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { LimitScope } from '#shared/policy/policy.ts';
import { type Reason, reasonToAsk } from './ask.ts';
import { claimOn, decide } from './commit.ts';
import { conflictsOf, instanceOf } from './detect.ts';
import { adjustedWay, optionsOf, stakeOf, type Way, waysOf } from './options.ts';
import { featuresOf, shownCase } from './precedents/features.ts';
import type { Setting, Standing } from './standing.ts';
import {
  type Candidate,
  type Conflict,
  type Escalation,
  emptyOutcome,
  type Option,
  type Outcome,
  type Proposed,
} from './types.ts';
import { figureOf } from './world.ts';

/** How many options a person is given at most, `nothing` included. */
const OPTIONS_MAX = 4;
/** How much of what stands already, and is collided with, a question names. */
const STANDING_SHOWN = 10;

export interface Question {
  readonly escalation: string;
  readonly standings: readonly Standing[];
  readonly conflicts: readonly Conflict[];
  readonly reason: Reason;
  /** What could be done, where it is known already. */
  readonly ways?: readonly Way[];
  /** The escalation that it takes the place of; its decisions and limits stand. */
  readonly replaces?: string;
  /** Claims that are taken as gone: ended in this round, or of the escalation that it replaces. */
  readonly gone?: readonly string[];
}

/**
 * Turns a component into a question: options that are each feasible, a deadline, a default. Its intents are `escalated`;
 * their exclusive keys and their shares are held, as claims of the escalation, until it is answered.
 */
export function escalate(asked: Question, outcome: Outcome, setting: Setting): void {
  const { standings, conflicts, reason, replaces, escalation: id } = asked;
  const options = optionsOf(withAdjusted(asked, setting), setting);
  const plan = setting.policy.askPlan(reason.rule, setting.now);
  const members = standings.map((standing) => standing.candidate);
  const key = conflicts[0]?.key ?? keyOf(members, reason.rule);
  const stake = stakeIn(reason, options, setting);
  const defaultOption = options.some((option) => option.id === plan.defaultOption) ? plan.defaultOption : 'nothing';
  const deadline = deadlineOf(plan.deadline, options[0]!, members);
  const remindAt = plan.remindAt !== undefined && plan.remindAt < deadline ? plan.remindAt : undefined;
  const escalation: Escalation = {
    escalation: id,
    key,
    instance: `${key} @ ${instanceOf(members.flatMap((member) => member.leaves))}`,
    rule: reason.rule,
    question: question(members, conflicts[0], reason, stake, setting, key),
    options,
    members: members.map(bare),
    stake,
    defaultOption,
    deadline,
    remindAt,
    tier: plan.tier,
    recipients: plan.recipients.map((person) => person.address),
    replaces,
  };
  outcome.escalations.push(escalation);
  outcome.timers.push(timerOf(escalation, 'default', deadline, setting));
  if (remindAt) outcome.timers.push(timerOf(escalation, 'remind', remindAt, setting));
  const held = new Set<string>();
  const possible = new Set(options.flatMap((option) => option.intents.map((entry) => entry.intent)));
  for (const standing of standings)
    if (possible.has(standing.candidate.id)) hold(standing, asked, deadline, held, outcome, setting);
  if (replaces !== undefined) return;
  for (const { candidate, reasons } of standings) {
    const all = [reason, ...reasons.filter((other) => other.rule !== reason.rule)];
    outcome.decisions.push(decide(candidate, 'escalated', { reasons: all }, setting, undefined, id));
    count(candidate, options, outcome, setting);
  }
}

/** Never later than the moment when the first option stops being possible: an answer after that would be to nothing. */
function deadlineOf(planned: Instant, first: Option, members: readonly Candidate[]): Instant {
  const ends = first.intents.flatMap((entry) => members.find((member) => member.id === entry.intent)?.window.to ?? []);
  return ends.reduce((earliest, end) => (end < earliest ? end : earliest), planned);
}

/** The nearest adjustment that needs no person, where there is room for it beside nothing. */
function withAdjusted({ standings, ways: known, gone }: Question, setting: Setting): readonly Way[] {
  const ways = known ?? waysOf(standings, setting, gone);
  if (ways.length + 1 >= OPTIONS_MAX) return ways;
  const settles = (found: readonly Standing[]) => {
    const conflicts = conflictsOf(found, stakeOf(waysOf(found, setting, gone)));
    return reasonToAsk(found, conflicts, setting, emptyOutcome()) === undefined;
  };
  const adjusted = adjustedWay(standings, ways, settles, setting, gone);
  return adjusted ? [...ways, adjusted] : ways;
}

function keyOf(members: readonly Candidate[], rule: string): string {
  const parties = [...new Set(members.map((member) => `${member.agent}:${member.type.type}`))].sort().join('+');
  return `limit ${parties} ${members[0]?.type.hold?.aspect ?? 'none'} ${rule}`;
}

/** Until it is answered, a question counts with the dearest that could come of it. */
function count(candidate: Candidate, options: readonly Option[], outcome: Outcome, { policy }: Setting): void {
  const counts = (limit: LimitScope) =>
    options
      .reduce((a, b) => (b.impact[limit.measure] > a.impact[limit.measure] ? b : a))
      .intents.some((entry) => entry.intent === candidate.id);
  for (const limit of policy.limits(candidate.ruled)) {
    if (counts(limit))
      outcome.limits.push({ ...limit, intent: candidate.id, amount: candidate.ruled.impact[limit.measure] });
  }
}

/** Of the causing event only what a later judgement needs: its data stays in the events table. */
function bare(candidate: Candidate): Proposed {
  return {
    id: candidate.id,
    agent: candidate.agent,
    intent: candidate.intent,
    event: { ...candidate.event, data: {} },
    replacements: candidate.replacements,
  };
}

/** One exclusive claim a key, whoever of the members writes it; of shared keys each member keeps its share. */
function hold(
  standing: Standing,
  { escalation: id, gone = [] }: Question,
  until: string,
  held: Set<string>,
  outcome: Outcome,
  setting: Setting,
): void {
  if (standing.displaces.length > 0) return;
  for (const leaf of standing.candidate.leaves) {
    const claim = claimOn(leaf, standing.candidate, setting, id, until);
    if (!claim) continue;
    const key = `${claim.resource} ${claim.aspect}`;
    const taken = setting.around
      .claimsOn(leaf, setting.now)
      .some((other) => other.exclusive && other.aspect === claim.aspect && !gone.includes(other.claim));
    if (claim.exclusive && (held.has(key) || taken)) continue;
    held.add(key);
    // A key that waits for its ruling shows the value that it has now.
    const layer = claim.exclusive ? { ...claim.layer, layer: {} } : claim.layer;
    outcome.claims.push({ ...claim, layer, claim: `${id}/${claim.claim}`, from: setting.now, owner: 'escalation' });
  }
}

/** The measure of the rule that asks; a cumulative limit asks with its sum. */
function stakeIn(reason: Reason, options: readonly Option[], setting: Setting) {
  const measure: keyof Impact = reason.measure ?? 'revenueMinor';
  const { currency } = setting.policy.shop;
  const amount = reason.amount ?? stakeOf(options)[measure];
  return {
    measure,
    amount,
    currency,
    text: measure.endsWith('Minor') ? formatMoney(amount, currency) : String(amount),
  };
}

function question(
  members: readonly Candidate[],
  conflict: Conflict | undefined,
  ask: Reason,
  stake: ReturnType<typeof stakeIn>,
  setting: Setting,
  key: string,
) {
  const resources = [...new Set(members.map((member) => member.target))];
  const features = featuresOf(
    members,
    { class: conflict?.class ?? 'limit', rule: ask.rule, measure: stake.measure, stake: stake.amount },
    setting.around.facts,
  );
  return {
    title: conflict
      ? `${conflict.members.length} wishes collide on ${resources.slice(0, 3).join(', ')}`
      : `${members[0]?.type.type} on ${resources.slice(0, 3).join(', ')} needs a decision`,
    summary: ask.detail,
    class: conflict?.class,
    resources: resources.slice(0, 20),
    why: ask.why,
    rule: ask.rule,
    agents: members.map((member) => ({
      agent: member.agent,
      action: member.type.type,
      resource: member.target,
      params: member.params,
      reason: member.intent.reason,
      impact: member.ruled.impact,
    })),
    standing: (conflict?.members ?? [])
      .filter((other) => !members.some((member) => member.id === other.id))
      .slice(0, STANDING_SHOWN)
      .map(({ agent, action, resource }) => ({ agent, action, resource })),
    stake,
    cited: citedBy(members, setting),
    features,
    likeCases: setting.around.likeCases(key).map((one) => shownCase(one, features)),
  };
}

/** The figures that the members cite, as they are now: a ruling is not remembered when one of them has moved far. */
function citedBy(members: readonly Candidate[], { around }: Setting) {
  const cited = new Map<string, { resource: string; attribute: string; figure: number }>();
  for (const { resource, attribute } of members.flatMap((member) => member.intent.cites)) {
    const figure = figureOf(around.facts.get(resource, attribute as Attribute)?.value);
    if (figure !== undefined) cited.set(`${resource} ${attribute}`, { resource, attribute, figure });
  }
  return [...cited.values()];
}

function timerOf(escalation: Escalation, purpose: 'default' | 'remind', due: string, setting: Setting) {
  return {
    timer: `${purpose}.${escalation.escalation}`,
    due,
    kind: 'escalation.due' as const,
    ref: {
      event: {
        correlationid: escalation.members[0]?.event.correlationid,
        depth: 0,
        data: { escalation: escalation.escalation, purpose },
      },
      openedAt: setting.now,
    },
  };
}
