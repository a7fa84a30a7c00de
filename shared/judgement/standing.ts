import type { Instant } from '#shared/kernel/time.ts';
import { plus } from '#shared/kernel/time.ts';
import type { Finding, Policy } from '#shared/policy/policy.ts';
import type { Candidate, Claim, ConflictClass, Outcome, Surroundings } from './types.ts';

/** What a round is judged under. */
export interface Setting {
  readonly now: Instant;
  readonly around: Surroundings;
  readonly policy: Policy;
  /** The time so long before `now`. */
  since(ms: number): Instant;
}

export function settingOf(now: Instant, around: Surroundings, policy: Policy): Setting {
  const known = new Map<number, Instant>();
  const since = (ms: number) => {
    const at = known.get(ms) ?? plus(now, -ms);
    known.set(ms, at);
    return at;
  };
  return { now, around, policy, since };
}

/** One who takes part in a clash beside the intent that is judged: an intent, a claim, or what made it stale. */
export interface Party {
  readonly id: string;
  readonly agent: string;
  readonly action: string;
  /** Absent: that of the intent with this id. */
  readonly resource?: string;
}

export interface Clash {
  readonly class: ConflictClass;
  readonly with: readonly Party[];
}

/** Where one candidate of a component would stand if nobody had to be asked. */
export interface Standing {
  readonly candidate: Candidate;
  readonly verdict: 'granted' | 'adjusted' | 'merged' | 'deferred' | 'denied';
  readonly reasons: readonly Finding[];
  /** The clash that decided, where there was one. */
  readonly clash?: Clash;
  /** Claims that go, with what they hold back, when the candidate goes ahead. */
  readonly displaces: readonly Claim[];
  readonly preempts?: Preempted;
  /** Open escalations that it ends, because it outranks every member. */
  readonly supersedes?: readonly string[];
  /** For `merged`: the intent whose action does it for all. */
  readonly leader?: string;
  readonly until?: Instant;
  readonly wakesOn?: string;
  /** A guardrail that says `ask` instead of deciding. */
  readonly asks?: Finding;
  /** True where a counter-offer could keep the constraint. */
  readonly negotiable?: boolean;
  readonly leftToPeople?: Outcome['leftToPeople'];
}

/** What is taken back for a stronger intent: pending actions are revoked, done ones undone by intents of the coordinator. */
export interface Preempted {
  readonly revoked: readonly Claim[];
  readonly undone: readonly Claim[];
  readonly undoing: readonly Candidate[];
}

export function goesAhead(standing: Standing): boolean {
  return standing.verdict === 'granted' || standing.verdict === 'adjusted' || standing.verdict === 'merged';
}

export function partyOf(candidate: Candidate): Party {
  return { id: candidate.id, agent: candidate.agent, action: candidate.type.type, resource: candidate.target };
}

export function holderOf(claim: Claim): Party {
  return { id: claim.claim, agent: claim.owner, action: claim.layer.action, resource: claim.resource };
}
