import type { Attribute } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Finding, TemporalHold } from '#shared/policy/policy.ts';
import { sameLayer } from './blockers.ts';
import { instanceOf } from './detect.ts';
import { reshape } from './prepare.ts';
import type { Party, Setting, Standing } from './standing.ts';
import type { Candidate } from './types.ts';

/** Verdicts that rest on the candidate and the facts alone; without one the candidate goes on, perhaps over fewer leaves. */
export function beforeAdmission(candidate: Candidate, setting: Setting): Standing | Candidate {
  const { around, policy, now } = setting;
  if (candidate.leaves.length === 0) {
    const detail = `${candidate.target} covers nothing at the moment.`;
    return denied(candidate, { rule: 'nothing-covered', why: 'An action must cover something.', detail });
  }
  const stale = voided(candidate, setting) ?? movedCitation(candidate, setting);
  if (stale) return stale;
  if (
    candidate.type.noop &&
    candidate.leaves.every((leaf) => candidate.type.noop?.(candidate.params, leaf, around.facts))
  ) {
    const detail = `${candidate.target} is already as asked.`;
    return denied(candidate, { rule: 'no-op', why: 'What would change nothing is not done.', detail });
  }
  if (candidate.leaves.every((leaf) => wouldBe(leaf, candidate, setting))) {
    const detail = `${candidate.target} would be as asked by now: the store only watches.`;
    return denied(candidate, { rule: 'no-op', why: 'What would change nothing is not done.', detail });
  }
  const before = around.refusedBefore(`${candidate.agent}:${candidate.type.type} @ ${instanceOf(candidate.leaves)}`);
  if (before !== undefined) {
    return denied(candidate, { rule: 'remembered-ruling', why: 'A person has refused this lately.', detail: before });
  }
  const autonomy = policy.autonomy(candidate.ruled);
  if (autonomy?.mode === 'off') return denied(candidate, autonomy);
  const hold = policy.hold(candidate.ruled, now);
  return hold ? held(candidate, hold) : calm(candidate, setting);
}

/** Where a store only watches, the claim of what it did not do stands in for the fact that would show it. */
function wouldBe(leaf: ResourceKey, candidate: Candidate, { around, now }: Setting): boolean {
  return around
    .claimsOn(leaf, now)
    .some(
      (claim) =>
        claim.owner === candidate.agent &&
        claim.layer.action === candidate.type.type &&
        claim.action !== undefined &&
        sameLayer(candidate, leaf, claim) &&
        around.actionOf(claim.action)?.state === 'watched',
    );
}

function denied(candidate: Candidate, finding: Finding, stale?: Party): Standing {
  return {
    candidate,
    verdict: 'denied',
    reasons: [finding],
    displaces: [],
    ...(stale ? { clash: { class: 'stale', with: [stale] } } : {}),
  };
}

function held(candidate: Candidate, hold: TemporalHold): Standing {
  const { verdict, until } = hold;
  return { candidate, verdict, reasons: [hold], displaces: [], ...(until ? { until } : {}) };
}

function voided(candidate: Candidate, { around }: Setting): Standing | undefined {
  const { subject, seq } = candidate.event;
  const at = around.voidedBy(subject);
  if (at === undefined || at <= seq || candidate.type.protective) return undefined;
  const finding = {
    rule: 'freshness',
    why: 'What rests on a voided cause is not carried out.',
    detail: `${subject} was voided at ${at}, after this was proposed on ${seq}.`,
  };
  return denied(candidate, finding, { id: `event ${at}`, agent: 'store', action: 'cause.voided', resource: subject });
}

/** Attributes that a sale does not move: a change of one of these means that the agent saw another world. */
const FIRM = new Set(['price', 'cost', 'lifecycle', 'cancelled', 'dispute', 'consent']);

function movedCitation(candidate: Candidate, { around }: Setting): Standing | undefined {
  for (const { resource, attribute, version } of candidate.intent.cites) {
    if (!FIRM.has(attribute)) continue;
    const fact = around.facts.get(resource, attribute as Attribute);
    if (!fact || fact.version <= version) continue;
    const finding = {
      rule: 'freshness',
      why: 'The facts that it cites have moved.',
      detail: `${attribute} of ${resource} was cited at ${version} and is now at ${fact.version}.`,
    };
    return denied(candidate, finding, { id: `event ${fact.version}`, agent: 'store', action: 'fact.moved', resource });
  }
  return undefined;
}

/** Leaves that a damping rule keeps calm are left out of a group; where none is left, the candidate is held back as the rule says. */
function calm(candidate: Candidate, setting: Setting): Standing | Candidate {
  const { around, policy, now } = setting;
  const { aspect } = candidate.ruled;
  if (policy.dampingMs === 0 || aspect === undefined) return candidate;
  const since = setting.since(policy.dampingMs);
  let hold: TemporalHold | undefined;
  const free: ResourceKey[] = [];
  for (const leaf of candidate.leaves) {
    const changes = around.changesOn(leaf, aspect, since);
    const damped = changes.length > 0 ? policy.damp(candidate.ruled, changes, now) : undefined;
    if (!damped) free.push(leaf);
    else if (!hold || later(damped, hold)) hold = damped;
  }
  if (!hold) return candidate;
  if (free.length === 0) return held(candidate, hold);
  return { ...reshape(candidate, candidate.params, free, now, around), trimmed: hold };
}

function later(a: TemporalHold, b: TemporalHold): boolean {
  return (a.until ?? '') > (b.until ?? '');
}
