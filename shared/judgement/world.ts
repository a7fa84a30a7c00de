import type { ActionType } from '#shared/contracts/actions/define.ts';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { Attribute, Fact, FactView } from '#shared/contracts/facts.ts';
import { factView } from '#shared/contracts/facts.ts';
import { levelOf } from '#shared/contracts/level.ts';
import { type Aspect, kindOf, nameOf, type ResourceKey, resource } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Change, LimitScope } from '#shared/policy/policy.ts';
import { instanceOf } from './detect.ts';
import type { Claim, ClaimEnd, LikeCase, OpenEscalation, Outcome, StandingAction, Surroundings } from './types.ts';
import { undoes } from './undo.ts';

/** What the shell has read for a batch of rounds. */
export interface Loaded {
  readonly facts: readonly Fact[];
  readonly claims: readonly Claim[];
  /** Claims that began lately, over or not: what rules about sameness and calm look back at. */
  readonly earlier?: readonly Claim[];
  /** Actions of the claims, and those with a cause that this batch voids. */
  readonly actions?: readonly StandingAction[];
  readonly escalations: readonly OpenEscalation[];
  readonly categories: ReadonlyMap<string, readonly ResourceKey[]>;
  readonly voided: ReadonlyMap<string, number>;
  readonly counted: readonly (LimitScope & { readonly amount: number })[];
  readonly permitted: ReadonlySet<string>;
  readonly refused: readonly Refused[];
  readonly cases: readonly Case[];
}

interface Refused {
  readonly agent: string;
  readonly action: string;
  readonly target: ResourceKey;
  readonly text: string;
  /** What the figures that the intent cited were when a person refused it. */
  readonly cited?: readonly { readonly resource: ResourceKey; readonly attribute: string; readonly figure: number }[];
}

interface Case extends LikeCase {
  readonly key: string;
}

/** How many like cases a question shows. */
const CASES_SHOWN = 5;
/** A ruling is no longer remembered when a figure that was cited has moved by this share of it. */
const MOVED_SHARE = 0.1;
/** Ends of claims whose wish never came to anything, or was taken back. */
const CAME_TO_NOTHING: ReadonlySet<ClaimEnd> = new Set(['failed', 'revoked', 'undone', 'voided', 'answered']);

/** The key under which a manifest's permission is looked up. */
export function permission(agent: string, action: string, objective: string): string {
  return `${agent} ${action} ${objective}`;
}

/** The number in a fact that rulings and stakes can be compared by, where it has one. */
export function figureOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const { minor, units } = value as { minor?: unknown; units?: unknown };
  return typeof minor === 'number' ? minor : typeof units === 'number' ? units : undefined;
}

/** The surroundings of a batch of rounds: an index of claims by key, never a list; each round's outcome is applied before the next is judged. */
export class World implements Surroundings {
  readonly facts: FactView;
  readonly actionTypes: ReadonlyMap<string, ActionType>;
  readonly escalations = new Map<string, OpenEscalation>();
  readonly #loaded: Loaded;
  readonly #claims = new Map<string, Claim>();
  readonly #byResource = new Map<ResourceKey, Map<string, Claim>>();
  readonly #byAction = new Map<string, Set<string>>();
  readonly #earlier = new Map<ResourceKey, Map<string, Claim>>();
  readonly #same = new Map<string, Map<string, Claim>>();
  readonly #actions = new Map<string, StandingAction>();
  readonly #byCause = new Map<string, Set<string>>();
  /** What is counted already, by limit and its rolling time; and what the rounds of this batch add, whatever the time. */
  readonly #counted = new Map<string, number>();
  readonly #added = new Map<string, number>();
  readonly #refused = new Map<string, Refused>();
  readonly #cases = new Map<string, Case[]>();

  constructor(loaded: Loaded, actionTypes: ReadonlyMap<string, ActionType> = ACTION_TYPES) {
    this.#loaded = loaded;
    this.actionTypes = actionTypes;
    this.facts = factView(loaded.facts);
    for (const claim of loaded.claims) this.#put(claim);
    for (const claim of loaded.earlier ?? []) if (!this.#claims.has(claim.claim)) this.#putEarlier(claim);
    for (const action of loaded.actions ?? []) this.#putAction(action);
    for (const escalation of loaded.escalations) this.escalations.set(escalation.escalation, escalation);
    for (const entry of loaded.counted) this.#counted.set(`${limitKey(entry)} ${entry.overMs}`, entry.amount);
    for (const entry of loaded.refused)
      this.#refused.set(`${entry.agent}:${entry.action} @ ${instanceOf(this.leavesOf(entry.target))}`, entry);
    for (const entry of loaded.cases) listed(this.#cases, entry.key).push(entry);
  }

  category(leaf: ResourceKey): string | undefined {
    return this.facts.get(leaf, 'category')?.value;
  }

  leavesOf(target: ResourceKey): readonly ResourceKey[] {
    if (kindOf(target) === 'category') return this.#loaded.categories.get(nameOf(target)) ?? [];
    if (kindOf(target) !== 'bundle') return [target];
    return (this.facts.get(target, 'contents')?.value ?? []).map((sku) => resource('sku', sku));
  }

  claimsOn(resource: ResourceKey, now: Instant): readonly Claim[] {
    const here = this.#byResource.get(resource);
    if (!here || here.size === 0) return NO_CLAIMS;
    const found: Claim[] = [];
    for (const claim of here.values()) if (claim.to === undefined || claim.to > now) found.push(claim);
    return found;
  }

  claimsOfAction(action: string): readonly Claim[] {
    return [...(this.#byAction.get(action) ?? [])].flatMap((id) => this.#claims.get(id) ?? []);
  }

  changesOn(resource: ResourceKey, aspect: Aspect, since: Instant): readonly Change[] {
    const changes: Change[] = [];
    for (const index of [this.#byResource, this.#earlier]) {
      for (const claim of index.get(resource)?.values() ?? []) {
        if (claim.aspect !== aspect || claim.actionState !== 'done' || claim.from < since) continue;
        const level = levelOf(claim.layer.layer);
        if (level !== undefined) changes.push({ at: claim.from, level, action: claim.layer.action });
      }
    }
    return changes.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.level - b.level));
  }

  sameSince(key: string, since: Instant): Claim | undefined {
    let latest: Claim | undefined;
    for (const claim of this.#same.get(key)?.values() ?? [])
      if (claim.from >= since && (latest === undefined || claim.from > latest.from)) latest = claim;
    return latest;
  }

  actionOf(action: string): StandingAction | undefined {
    return this.#actions.get(action);
  }

  actionsOf(cause: ResourceKey): readonly StandingAction[] {
    return [...(this.#byCause.get(cause) ?? [])].flatMap((id) => this.#actions.get(id) ?? []);
  }

  voidedBy(subject: ResourceKey): number | undefined {
    return this.#loaded.voided.get(subject);
  }

  counted(limit: LimitScope): number {
    const key = limitKey(limit);
    return (this.#counted.get(`${key} ${limit.overMs}`) ?? 0) + (this.#added.get(key) ?? 0);
  }

  permits(agent: string, action: string, objective: string): boolean {
    return this.#loaded.permitted.has(permission(agent, action, objective));
  }

  refusedBefore(instance: string): string | undefined {
    const refused = this.#refused.get(instance);
    return refused?.cited?.some((cited) => this.#hasMoved(cited)) ? undefined : refused?.text;
  }

  likeCases(key: string) {
    return (this.#cases.get(key) ?? []).slice(0, CASES_SHOWN);
  }

  /** Makes a round's outcome part of the surroundings of the next one. */
  apply(outcome: Outcome): void {
    for (const { claim, as } of outcome.endedClaims) this.#end(claim, as);
    for (const { claim, until } of outcome.closedClaims) {
      const found = this.#claims.get(claim);
      if (found) this.#put({ ...found, to: until });
    }
    for (const claim of outcome.claims) this.#put(claim);
    for (const { action } of outcome.revocations) this.#actions.delete(action);
    for (const action of outcome.actions) {
      this.#putAction({ ...action, state: 'pending' });
      const undone = this.#actions.get(undoes(action.action) ?? '');
      if (undone) this.#putAction({ ...undone, undone: true });
    }
    for (const { escalation } of outcome.endedEscalations) this.escalations.delete(escalation);
    for (const escalation of outcome.escalations)
      this.escalations.set(escalation.escalation, { ...escalation, state: 'open' });
    for (const entry of outcome.limits) {
      const key = limitKey(entry);
      this.#added.set(key, (this.#added.get(key) ?? 0) + entry.amount);
    }
  }

  #hasMoved(cited: NonNullable<Refused['cited']>[number]): boolean {
    const figure = figureOf(this.facts.get(cited.resource, cited.attribute as Attribute)?.value);
    if (figure === undefined) return false;
    const by = Math.abs(figure - cited.figure);
    return by > 0 && by >= Math.abs(cited.figure) * MOVED_SHARE;
  }

  #put(claim: Claim): void {
    this.#claims.set(claim.claim, claim);
    indexed(this.#byResource, claim.resource).set(claim.claim, claim);
    if (claim.action) setOf(this.#byAction, claim.action).add(claim.claim);
    for (const key of claim.layer.same ?? []) indexed(this.#same, key).set(claim.claim, claim);
  }

  #putEarlier(claim: Claim): void {
    if (claim.actionState === 'done') indexed(this.#earlier, claim.resource).set(claim.claim, claim);
    if (claim.endedAs && CAME_TO_NOTHING.has(claim.endedAs)) return;
    for (const key of claim.layer.same ?? []) indexed(this.#same, key).set(claim.claim, claim);
  }

  #end(id: string, as: ClaimEnd): void {
    const claim = this.#claims.get(id);
    if (!claim) return;
    this.#claims.delete(id);
    this.#byResource.get(claim.resource)?.delete(id);
    if (claim.action) this.#byAction.get(claim.action)?.delete(id);
    for (const key of claim.layer.same ?? []) this.#same.get(key)?.delete(id);
    this.#putEarlier({ ...claim, endedAs: as });
  }

  #putAction(action: StandingAction): void {
    this.#actions.set(action.action, action);
    setOf(this.#byCause, action.cause).add(action.action);
  }
}

const NO_CLAIMS: readonly Claim[] = [];

function limitKey(limit: LimitScope): string {
  return `${limit.rule} ${limit.scope} ${limit.measure}`;
}

function indexed<Key>(map: Map<Key, Map<string, Claim>>, key: Key): Map<string, Claim> {
  const known = map.get(key);
  if (known) return known;
  const made = new Map<string, Claim>();
  map.set(key, made);
  return made;
}

function setOf(map: Map<string, Set<string>>, key: string): Set<string> {
  const known = map.get(key);
  if (known) return known;
  const made = new Set<string>();
  map.set(key, made);
  return made;
}

function listed(map: Map<string, Case[]>, key: string): Case[] {
  const known = map.get(key);
  if (known) return known;
  const made: Case[] = [];
  map.set(key, made);
  return made;
}
