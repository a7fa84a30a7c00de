import type { Fact, FactView } from '#shared/contracts/facts.ts';
import { factView } from '#shared/contracts/facts.ts';
import { kindOf, nameOf, type ResourceKey } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { LimitScope } from '#shared/policy/policy.ts';
import { instanceOf } from './detect.ts';
import type { Claim, LimitEntry, OpenEscalation, Outcome, Surroundings } from './types.ts';

/** What the shell has read for a batch of rounds. */
export interface Loaded {
  readonly facts: readonly Fact[];
  readonly claims: readonly Claim[];
  readonly escalations: readonly OpenEscalation[];
  readonly categories: ReadonlyMap<string, readonly ResourceKey[]>;
  readonly voided: ReadonlyMap<string, number>;
  readonly pending: readonly { readonly action: string; readonly cause: string }[];
  readonly counted: readonly (LimitScope & { readonly amount: number })[];
  readonly permitted: ReadonlySet<string>;
  readonly refused: readonly {
    readonly agent: string;
    readonly action: string;
    readonly target: ResourceKey;
    readonly text: string;
  }[];
  readonly cases: readonly {
    readonly key: string;
    readonly option: string;
    readonly by: string;
    readonly at: Instant;
  }[];
}

/** The key under which a manifest's permission is looked up. */
export function permission(agent: string, action: string, objective: string): string {
  return `${agent} ${action} ${objective}`;
}

/** The surroundings of a batch of rounds: an index of claims by key, never a list; each round's outcome is applied before the next is judged. */
export class World implements Surroundings {
  readonly facts: FactView;
  readonly escalations = new Map<string, OpenEscalation>();
  readonly #loaded: Loaded;
  readonly #claims = new Map<string, Claim>();
  readonly #byResource = new Map<ResourceKey, Set<string>>();
  readonly #byAction = new Map<string, Set<string>>();
  readonly #pending = new Map<string, Set<string>>();
  readonly #limits: LimitEntry[] = [];
  readonly #refused = new Map<string, string>();

  constructor(loaded: Loaded) {
    this.#loaded = loaded;
    this.facts = factView(loaded.facts);
    for (const claim of loaded.claims) this.#put(claim);
    for (const escalation of loaded.escalations) this.escalations.set(escalation.escalation, escalation);
    for (const { action, cause } of loaded.pending) this.#putPending(action, cause);
    for (const entry of loaded.refused)
      this.#refused.set(`${entry.agent}:${entry.action} @ ${instanceOf(this.leavesOf(entry.target))}`, entry.text);
  }

  category(leaf: ResourceKey): string | undefined {
    return this.facts.get(leaf, 'category')?.value;
  }

  leavesOf(target: ResourceKey): readonly ResourceKey[] {
    return kindOf(target) === 'category' ? (this.#loaded.categories.get(nameOf(target)) ?? []) : [target];
  }

  claimsOn(resource: ResourceKey, now: Instant): readonly Claim[] {
    const found: Claim[] = [];
    for (const id of this.#byResource.get(resource) ?? []) {
      const claim = this.#claims.get(id);
      if (claim && (claim.to === undefined || claim.to > now)) found.push(claim);
    }
    return found;
  }

  claimsOfAction(action: string): readonly Claim[] {
    return [...(this.#byAction.get(action) ?? [])].flatMap((id) => this.#claims.get(id) ?? []);
  }

  voidedBy(subject: ResourceKey): number | undefined {
    return this.#loaded.voided.get(subject);
  }

  pendingActionsOf(subject: ResourceKey): readonly string[] {
    return [...(this.#pending.get(subject) ?? [])];
  }

  counted(limit: LimitScope): number {
    const same = (entry: LimitScope) =>
      entry.rule === limit.rule && entry.scope === limit.scope && entry.measure === limit.measure;
    return [...this.#loaded.counted, ...this.#limits].filter(same).reduce((sum, entry) => sum + entry.amount, 0);
  }

  permits(agent: string, action: string, objective: string): boolean {
    return this.#loaded.permitted.has(permission(agent, action, objective));
  }

  refusedBefore(instance: string): string | undefined {
    return this.#refused.get(instance);
  }

  likeCases(key: string) {
    return this.#loaded.cases.filter((entry) => entry.key === key).slice(0, 5);
  }

  /** Makes a round's outcome part of the surroundings of the next one. */
  apply(outcome: Outcome): void {
    for (const { claim } of outcome.endedClaims) this.#drop(claim);
    for (const { claim, until } of outcome.closedClaims) {
      const found = this.#claims.get(claim);
      if (found) this.#claims.set(claim, { ...found, to: until });
    }
    for (const claim of outcome.claims) this.#put(claim);
    for (const action of outcome.actions) this.#putPending(action.action, action.cause);
    for (const { action } of outcome.revocations) for (const set of this.#pending.values()) set.delete(action);
    for (const { escalation } of outcome.endedEscalations) this.escalations.delete(escalation);
    for (const escalation of outcome.escalations)
      this.escalations.set(escalation.escalation, { ...escalation, state: 'open' });
    this.#limits.push(...outcome.limits);
  }

  #put(claim: Claim): void {
    this.#claims.set(claim.claim, claim);
    indexed(this.#byResource, claim.resource).add(claim.claim);
    if (claim.action) indexed(this.#byAction, claim.action).add(claim.claim);
  }

  #drop(id: string): void {
    const claim = this.#claims.get(id);
    if (!claim) return;
    this.#claims.delete(id);
    this.#byResource.get(claim.resource)?.delete(id);
    if (claim.action) this.#byAction.get(claim.action)?.delete(id);
  }

  #putPending(action: string, cause: string): void {
    indexed(this.#pending, cause).add(action);
  }
}

function indexed<Key>(map: Map<Key, Set<string>>, key: Key): Set<string> {
  let set = map.get(key);
  if (!set) {
    set = new Set();
    map.set(key, set);
  }
  return set;
}
