import type { Impact } from '#shared/contracts/actions/define.ts';
import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
import { formatMoney } from '#shared/kernel/money.ts';
import type { Ask, Finding } from '#shared/policy/policy.ts';
import { admitAll, type Setting, type Standing } from './admit.ts';
import { claimOn, decide } from './commit.ts';
import { instanceOf } from './detect.ts';
import { addImpacts, byPrecedence } from './prepare.ts';
import type { Candidate, Conflict, Escalation, Option, Outcome, Proposed } from './types.ts';

/** How many options a person is given at most, `nothing` included. */
const OPTIONS_MAX = 4;

/** The first reason to ask a person about a component: a guardrail that says so, or a threshold that its stake passes. */
export function reasonToAsk(
  standings: readonly Standing[],
  conflicts: readonly Conflict[],
  setting: Setting,
  counted: Outcome['limits'],
): (Finding & Partial<Ask>) | undefined {
  for (const standing of standings) {
    if (standing.asks) return standing.asks;
  }
  for (const standing of standings) {
    const { candidate } = standing;
    if (standing.verdict === 'deferred') continue;
    const conflict = conflicts.find((entry) => entry.members.some((member) => member.id === candidate.id));
    if (standing.verdict === 'denied' && !conflict) continue;
    const ask = setting.policy.ask({
      intent: candidate.ruled,
      conflict: conflict && {
        class: conflict.class,
        stake: conflict.stake,
        agents: conflict.members.map((member) => member.agent),
        actions: conflict.members.map((member) => member.action),
      },
      counted: (limit) =>
        setting.around.counted(limit) +
        counted
          .filter(
            (entry) => entry.rule === limit.rule && entry.scope === limit.scope && entry.measure === limit.measure,
          )
          .reduce((sum, entry) => sum + entry.amount, 0),
      now: setting.now,
    });
    if (ask) return ask;
  }
  return undefined;
}

/**
 * Turns a component into a question: options that are each feasible, a deadline, a default. Its intents are `escalated`;
 * their exclusive keys and their shares are held, as claims of the escalation, until it is answered.
 */
export function escalate(
  standings: readonly Standing[],
  conflicts: readonly Conflict[],
  ask: Finding & Partial<Ask>,
  id: string,
  outcome: Outcome,
  setting: Setting,
  replaces?: string,
): void {
  const options = optionsOf(standings, setting);
  const plan = setting.policy.askPlan(ask.rule, setting.now);
  const members = standings.map((standing) => standing.candidate);
  const conflict = conflicts[0];
  const key =
    conflict?.key ??
    `limit ${[...new Set(members.map((member) => `${member.agent}:${member.type.type}`))].sort().join('+')} ${members[0]?.type.hold?.aspect ?? 'none'} ${ask.rule}`;
  const stake = stakeOf(options, ask, setting);
  const defaultOption = options.some((option) => option.id === plan.defaultOption) ? plan.defaultOption : 'nothing';
  const escalation: Escalation = {
    escalation: id,
    key,
    instance: `${key} @ ${instanceOf(members.flatMap((member) => member.leaves))}`,
    rule: ask.rule,
    question: question(members, conflict, ask, stake, setting, key),
    options,
    members: members.map(bare),
    stake,
    defaultOption,
    deadline: plan.deadline,
    remindAt: plan.remindAt,
    tier: plan.tier,
    nextTier: plan.nextTier,
    recipients: plan.recipients.map((person) => person.address),
    replaces,
  };
  outcome.escalations.push(escalation);
  outcome.timers.push(timerOf(escalation, 'default', plan.deadline, setting));
  if (plan.remindAt) outcome.timers.push(timerOf(escalation, 'remind', plan.remindAt, setting));
  const held = new Set<string>();
  for (const standing of standings) hold(standing, id, plan.deadline, held, outcome, setting);
  if (replaces) return;
  for (const standing of standings) {
    outcome.decisions.push(
      decide(
        standing.candidate,
        'escalated',
        { reasons: [ask, ...standing.reasons.filter((reason) => reason.rule !== ask.rule)] },
        setting,
        undefined,
        id,
      ),
    );
    for (const limit of setting.policy.limits(standing.candidate.ruled)) {
      outcome.limits.push({
        ...limit,
        intent: standing.candidate.id,
        amount: standing.candidate.ruled.impact[limit.measure],
      });
    }
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
  id: string,
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
      .some((other) => other.exclusive && other.aspect === claim.aspect);
    if (claim.exclusive && (held.has(key) || taken)) continue;
    held.add(key);
    outcome.claims.push({ ...claim, claim: `${id}/${claim.claim}`, from: setting.now, owner: 'escalation' });
  }
}

/** What the rules would do; the best outcome in which another party wins; nothing. Each one is admitted, so each is feasible. */
function optionsOf(standings: readonly Standing[], setting: Setting): Option[] {
  const ordered = standings.map((standing) => standing.candidate).sort(byPrecedence);
  const options: Option[] = [];
  const proposed = standings.filter((standing) => !standing.asks).filter(goesAhead);
  if (proposed.length > 0)
    options.push(
      optionOf(
        proposed.some((standing) => standing.verdict === 'adjusted') ? 'adjusted' : 'proposed',
        proposed,
        setting,
      ),
    );
  for (const loser of ordered) {
    if (options.length >= OPTIONS_MAX - 1) break;
    if (proposed.some((standing) => standing.candidate.id === loser.id)) continue;
    const asked = standings.find((standing) => standing.candidate.id === loser.id)?.asks !== undefined;
    const other = asked
      ? [{ candidate: loser, verdict: 'granted' as const, reasons: [], displaces: [] }]
      : admitAll([loser, ...ordered.filter((candidate) => candidate.id !== loser.id)], setting).filter(goesAhead);
    const id = options.length === 0 && asked ? 'proposed' : 'alternative';
    if (other.length > 0 && !options.some((option) => option.id === id || sameIntents(option, other)))
      options.push(optionOf(id, other, setting));
  }
  options.push({
    id: 'nothing',
    label: 'Do nothing',
    effect: 'None of it is carried out.',
    impact: addImpacts([]),
    intents: [],
  });
  return options;
}

function goesAhead(standing: Standing): boolean {
  return standing.verdict === 'granted' || standing.verdict === 'adjusted' || standing.verdict === 'merged';
}

function sameIntents(option: Option, standings: readonly Standing[]): boolean {
  const parts = (list: readonly { intent: string; params: unknown }[]) =>
    canonicalJson([...list].sort((a, b) => (a.intent < b.intent ? -1 : 1)) as unknown as Json);
  return (
    parts(option.intents) ===
    parts(standings.map((standing) => ({ intent: standing.candidate.id, params: standing.candidate.params })))
  );
}

function optionOf(id: Option['id'], standings: readonly Standing[], setting: Setting): Option {
  const leaders = standings.filter((standing) => !standing.leader);
  const impact = addImpacts(leaders.map((standing) => standing.candidate.ruled.impact));
  const label = leaders
    .map((standing) => `${standing.candidate.agent}: ${standing.candidate.type.type} on ${standing.candidate.target}`)
    .join('; ');
  return {
    id,
    label: label.slice(0, 300),
    effect: describeImpact(impact, setting.policy.shop.currency),
    impact,
    intents: leaders.map((standing) => ({ intent: standing.candidate.id, params: standing.candidate.params })),
  };
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

/** The largest difference between two options, in the measure of the rule that asks; doing nothing is one of them. */
function stakeOf(options: readonly Option[], ask: Finding & Partial<Ask>, setting: Setting) {
  const measure: keyof Impact = ask.measure ?? 'revenueMinor';
  const amounts = options.map((option) => option.impact[measure]);
  const amount = ask.amount ?? Math.max(...amounts) - Math.min(...amounts);
  return {
    measure,
    amount,
    currency: setting.policy.shop.currency,
    text: measure.endsWith('Minor') ? formatMoney(amount, setting.policy.shop.currency) : String(amount),
  };
}

function question(
  members: readonly Candidate[],
  conflict: Conflict | undefined,
  ask: Finding,
  stake: unknown,
  setting: Setting,
  key: string,
) {
  const resources = [...new Set(members.map((member) => member.target))];
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
    stake,
    likeCases: setting.around.likeCases(key),
  };
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
