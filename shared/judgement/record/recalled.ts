import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { Attribute, Fact, FactView } from '#shared/contracts/facts.ts';
import type { Aspect, ResourceKey } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Change, LimitScope } from '#shared/policy/policy.ts';
import type { Claim, OpenEscalation, StandingAction, Surroundings } from '../types.ts';
import { permission } from '../world.ts';
import { claimOf, fromRuns, inRuns, type Reads } from './reads.ts';

/** Where what is recorded by reference is found whole. */
export interface Sources {
  fact(resource: ResourceKey, attribute: string, version: number): Fact | undefined;
  /** What never changes of a claim; what may change is in the record. */
  claim(id: string): Claim | undefined;
  escalation(id: string): OpenEscalation | undefined;
  action(id: string): StandingAction | undefined;
}

/**
 * The surroundings of a recorded round, rebuilt. What was not asked for then is answered as if there were nothing, and
 * noted in `missed`: a recomputation never meets it, a backtest under other rules may.
 */
export class Recalled implements Surroundings {
  readonly facts: FactView;
  readonly actionTypes = ACTION_TYPES;
  readonly escalations: Map<string, OpenEscalation>;
  /** What was asked for but is not in the record, or is referred to but no longer kept. */
  readonly missed = new Set<string>();
  readonly #reads: Reads;
  readonly #sources: Sources;
  readonly #numbers: ReadonlyMap<ResourceKey, number>;
  readonly #claimsOn = new Map<number, Claim[]>();
  readonly #known = new Map<ResourceKey, Map<Attribute, Fact | undefined>>();

  readonly #counted: ((limit: LimitScope) => number) | undefined;

  constructor(reads: Reads | undefined, sources: Sources, counted?: (limit: LimitScope) => number) {
    this.#counted = counted;
    this.#reads = reads ?? { resources: [] };
    this.#sources = sources;
    this.#numbers = new Map(this.#reads.resources.map((resource, number) => [resource, number]));
    this.facts = {
      get: (resource, attribute) => {
        const known = this.#known.get(resource) ?? this.#remember(resource);
        if (!known.has(attribute)) known.set(attribute, this.#fact(resource, attribute));
        return known.get(attribute) as never;
      },
    };
    this.escalations = this.#recallEscalations();
    this.#recallClaims();
  }

  category(leaf: ResourceKey): string | undefined {
    return this.facts.get(leaf, 'category')?.value;
  }

  leavesOf(target: ResourceKey): readonly ResourceKey[] {
    const runs = this.#reads.groups?.[target];
    return runs ? fromRuns(runs).map((number) => this.#reads.resources[number]!) : [target];
  }

  claimsOn(resource: ResourceKey, now: Instant): readonly Claim[] {
    const claims = this.#claimsOn.get(this.#numbers.get(resource) ?? -1);
    if (!claims) {
      this.missed.add(`claims on ${resource}`);
      return [];
    }
    return claims.filter((claim) => claim.to === undefined || claim.to > now);
  }

  claimsOfAction(action: string): readonly Claim[] {
    const refs = this.#reads.claimsOf?.[action] ?? [];
    const claims: Claim[] = [];
    for (let index = 0; index < refs.length; index += 2) claims.push(...this.#recall(refs[index]!, refs[index + 1]!));
    return claims;
  }

  voidedBy(subject: ResourceKey): number | undefined {
    return this.#reads.voided?.[subject];
  }

  counted(limit: LimitScope): number {
    if (this.#counted) return this.#counted(limit);
    const same = this.#reads.counted?.find(
      (entry) =>
        entry.rule === limit.rule &&
        entry.scope === limit.scope &&
        entry.measure === limit.measure &&
        entry.overMs === limit.overMs,
    );
    return same?.amount ?? 0;
  }

  changesOn(resource: ResourceKey, aspect: Aspect, since: Instant): readonly Change[] {
    const number = this.#numbers.get(resource);
    const found = this.#reads.changes?.find(
      (entry) => entry.aspect === aspect && number !== undefined && inRuns(entry.on, number),
    );
    return (found?.were ?? []).filter((change) => change.at >= since);
  }

  sameSince(key: string, since: Instant): Claim | undefined {
    const ref = this.#reads.same?.[key];
    const claim = ref && this.#recall(ref[0], ref[1])[0];
    return claim && claim.from >= since ? claim : undefined;
  }

  actionOf(id: string): StandingAction | undefined {
    const note = this.#reads.actions?.[id];
    if (!note) return undefined;
    const action = this.#sources.action(id);
    if (!action) {
      this.missed.add(`action ${id}`);
      return undefined;
    }
    const [state, undone] = note.split(' ') as [StandingAction['state'], 'undone'?];
    return { ...action, state, ...(undone ? { undone: true } : {}) };
  }

  actionsOf(cause: ResourceKey): readonly StandingAction[] {
    return (this.#reads.actionsOf?.[cause] ?? []).flatMap((id) => this.actionOf(id) ?? []);
  }

  permits(agent: string, action: string, objective: string): boolean {
    const what = permission(agent, action, objective);
    if (this.#reads.permitted?.includes(what)) return true;
    if (!this.#reads.forbidden?.includes(what)) this.missed.add(`whether ${what} is permitted`);
    return false;
  }

  refusedBefore(instance: string): string | undefined {
    return this.#reads.refused?.[instance];
  }

  likeCases(key: string) {
    return this.#reads.likeCases?.[key] ?? [];
  }

  #remember(resource: ResourceKey): Map<Attribute, Fact | undefined> {
    const known = new Map<Attribute, Fact | undefined>();
    this.#known.set(resource, known);
    return known;
  }

  #fact(resource: ResourceKey, attribute: Attribute): Fact | undefined {
    const column = this.#reads.facts?.[attribute];
    const number = this.#numbers.get(resource);
    const version = column && number !== undefined ? column[number - column[0]! + 1] : undefined;
    const before = column && number !== undefined && number < column[0]!;
    if (version === undefined || version === null || before) {
      this.missed.add(`${attribute} of ${resource}`);
      return undefined;
    }
    if (version === 0) return undefined;
    const fact = this.#sources.fact(resource, attribute, version);
    if (!fact) this.missed.add(`${attribute} of ${resource} at version ${version}`);
    return fact;
  }

  #recallEscalations(): Map<string, OpenEscalation> {
    const found = new Map<string, OpenEscalation>();
    for (const [id, state] of Object.entries(this.#reads.escalations ?? {})) {
      const escalation = this.#sources.escalation(id);
      if (escalation) found.set(id, { ...escalation, state });
      else this.missed.add(`escalation ${id}`);
    }
    return found;
  }

  #recallClaims(): void {
    for (const number of fromRuns(this.#reads.claimsOn ?? [])) this.#claimsOn.set(number, []);
    const families = this.#reads.claims ?? [];
    for (const [index, family] of families.entries()) {
      for (const number of fromRuns(family.on)) {
        if (this.#reads.orders?.[number]) continue;
        this.#claimsOn.get(number)?.push(...this.#recall(index, number));
      }
    }
    for (const [number, order] of Object.entries(this.#reads.orders ?? {}))
      this.#claimsOn.set(
        Number(number),
        order.flatMap((family) => this.#recall(family, Number(number))),
      );
  }

  #recall(index: number, number: number): Claim[] {
    const family = this.#reads.claims![index]!;
    const id = claimOf(family, this.#reads.resources[number]!);
    const whole = this.#reads.unwritten?.find((claim) => claim.claim === id) ?? this.#sources.claim(id);
    if (!whole) {
      this.missed.add(`claim ${id}`);
      return [];
    }
    const { to: _to, actionState: _state, endedAs: _ended, ...lasting } = whole;
    return [
      {
        ...lasting,
        ...(family.to === undefined ? {} : { to: family.to }),
        ...(family.state === undefined ? {} : { actionState: family.state }),
        ...(family.ended === undefined ? {} : { endedAs: family.ended }),
      },
    ];
  }
}
