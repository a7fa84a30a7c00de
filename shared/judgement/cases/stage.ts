import type { Fact } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { LimitScope, Policy } from '#shared/policy/policy.ts';
import { prepare } from '../prepare.ts';
import type { Claim, LimitEntry, OpenEscalation, Outcome, Proposed, StandingAction } from '../types.ts';
import { type Loaded, permission, World } from '../world.ts';
import { categoriesOf, factKey } from './facts.ts';
import type { Difference } from './report.ts';

/** An action that a case has seen granted, with how it has gone on. */
export interface Played extends Omit<StandingAction, 'state'> {
  state: NonNullable<Claim['actionState']>;
}

/** What stands between the steps of a case: what the coordinator would read from its tables. */
export class Stage {
  readonly facts = new Map<string, Fact>();
  readonly claims = new Map<string, Claim>();
  readonly escalations = new Map<string, OpenEscalation>();
  readonly actions: Played[] = [];
  readonly #earlier: Claim[] = [];
  readonly voided = new Map<string, number>();
  readonly refused: Loaded['refused'][number][] = [];
  /** What was given as counted already, by rule. */
  readonly countedBefore = new Map<string, number>();
  /** What was taken as given of rules that are not there: the rule may have gone since, so the case fails. */
  readonly missing: Difference[] = [];
  #limits: LimitEntry[] = [];

  put(facts: readonly Fact[]): void {
    for (const fact of facts) this.facts.set(factKey(fact.resource, fact.attribute), fact);
  }

  /** The surroundings of a round in which these are proposed. */
  world(proposed: readonly Proposed[], policy: Policy): World {
    const loaded: Loaded = {
      facts: [...this.facts.values()],
      claims: [...this.claims.values()],
      escalations: [...this.escalations.values()],
      categories: categoriesOf(this.facts.values()),
      voided: this.voided,
      earlier: this.#earlier,
      actions: this.actions.filter(isStanding),
      counted: [],
      permitted: new Set(proposed.map(({ agent, intent }) => permission(agent, intent.action, intent.objective))),
      refused: this.refused,
      cases: [],
    };
    return new World({ ...loaded, counted: this.#counted(proposed, new World(loaded), policy) });
  }

  /** Sums of the limits that this round's intents count towards. */
  #counted(proposed: readonly Proposed[], world: World, policy: Policy): (LimitScope & { amount: number })[] {
    const found = new Map<string, LimitScope & { amount: number }>();
    for (const entry of proposed) {
      const prepared = prepare(entry, entry.event.now, world, policy);
      if ('refusal' in prepared) continue;
      for (const limit of policy.limits(prepared.candidate.ruled)) {
        const earlier = this.#limits.filter(
          (one) => one.rule === limit.rule && one.scope === limit.scope && one.measure === limit.measure,
        );
        const amount = earlier.reduce((sum, one) => sum + one.amount, this.countedBefore.get(limit.rule) ?? 0);
        found.set(`${limit.rule} ${limit.scope} ${limit.measure}`, { ...limit, amount });
      }
    }
    return [...found.values()];
  }

  /** Makes what a round changed part of what stands. */
  take(outcome: Outcome): void {
    for (const { claim, as } of outcome.endedClaims) {
      const ended = this.claims.get(claim);
      if (ended) this.#earlier.push({ ...ended, endedAs: as });
      this.claims.delete(claim);
    }
    for (const { claim, until } of outcome.closedClaims) {
      const found = this.claims.get(claim);
      if (found) this.claims.set(claim, { ...found, to: until });
    }
    for (const claim of outcome.claims) this.claims.set(claim.claim, claim);
    for (const action of outcome.actions) this.actions.push({ ...action, state: 'pending' });
    for (const { action } of outcome.revocations) this.moved(action, 'revoked');
    for (const { escalation } of outcome.endedEscalations) this.escalations.delete(escalation);
    for (const escalation of outcome.escalations)
      this.escalations.set(escalation.escalation, { ...escalation, state: 'open' });
    // What came to nothing is no longer counted, of this round or of an earlier one.
    this.#limits = [...this.#limits, ...outcome.limits].filter((entry) => !outcome.struck.includes(entry.intent));
  }

  /** An action goes on, or ends: its claims say so from now on. */
  moved(action: string, state: Played['state']): void {
    for (const played of this.actions) if (played.action === action) played.state = state;
    for (const [id, claim] of this.claims)
      if (claim.action === action) this.claims.set(id, { ...claim, actionState: state });
  }

  void(subject: ResourceKey, seq: number): void {
    this.voided.set(subject, seq);
  }
}

type Standing = Played & { readonly state: Exclude<StandingAction['state'], 'watched'> };

function isStanding(played: Played): played is Standing {
  return played.state !== 'failed' && played.state !== 'revoked';
}
