import type { ActionType } from '#shared/contracts/actions/define.ts';
import type { Attribute, Fact, FactView } from '#shared/contracts/facts.ts';
import type { Aspect, ResourceKey } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Change, LimitScope } from '#shared/policy/policy.ts';
import type { Claim, OpenEscalation, StandingAction, Surroundings } from '../types.ts';
import { permission } from '../world.ts';
import { ClaimNotes } from './claim-notes.ts';
import { type ActionNote, type Reads, toRuns } from './reads.ts';

/** The projection of every leaf reads it, and hardly anything else does: where it was read, a leaf was looked at in full. */
const PROJECTED = 'available';

/** Number of resources by key, in the order of first sight. The last one is asked for again and again, so it is kept at hand. */
export class Numbers {
  readonly keys: ResourceKey[] = [];
  readonly #byKey = new Map<ResourceKey, number>();
  #last: ResourceKey | undefined;
  #lastNumber = -1;

  of(resource: ResourceKey): number {
    if (resource === this.#last) return this.#lastNumber;
    let number = this.#byKey.get(resource);
    if (number === undefined) {
      number = this.keys.length;
      this.keys.push(resource);
      this.#byKey.set(resource, number);
    }
    this.#last = resource;
    this.#lastNumber = number;
    return number;
  }
}

/**
 * Stands between the judgement and its surroundings and notes what is read, by reference. It answers exactly what they
 * answer. Noting costs a look-up or two; the compact form is made only when the round is written.
 */
export class Recorder implements Surroundings {
  readonly facts: FactView;
  readonly actionTypes: ReadonlyMap<string, ActionType>;
  readonly escalations: ReadonlyMap<string, OpenEscalation>;
  readonly #inner: Surroundings;
  readonly #numbers = new Numbers();
  readonly #versions = new Map<string, (number | undefined)[]>();
  readonly #claims = new ClaimNotes(this.#numbers);
  readonly #groups = new Map<ResourceKey, readonly ResourceKey[]>();
  readonly #escalations = new Map<string, 'open' | 'answered'>();
  readonly #voided = new Map<string, number>();
  readonly #changes = new Map<string, { aspect: Aspect; were: readonly Change[]; on: number[] }>();
  readonly #actions = new Map<string, ActionNote>();
  readonly #actionsOf = new Map<string, readonly string[]>();
  readonly #counted = new Map<string, LimitScope & { amount: number }>();
  readonly #permits = new Map<string, boolean>();
  readonly #refused = new Map<string, string>();
  readonly #likeCases = new Map<string, ReturnType<Surroundings['likeCases']>>();

  constructor(inner: Surroundings) {
    this.#inner = inner;
    this.actionTypes = inner.actionTypes;
    this.facts = {
      get: (resource, attribute) => {
        const fact = inner.facts.get(resource, attribute);
        this.#note(resource, attribute, fact);
        return fact;
      },
    };
    this.escalations = watched(inner.escalations, (escalation) => {
      this.#escalations.set(escalation.escalation, escalation.state);
    });
  }

  category(leaf: ResourceKey): string | undefined {
    this.#note(leaf, 'category', this.#inner.facts.get(leaf, 'category'));
    return this.#inner.category(leaf);
  }

  leavesOf(target: ResourceKey): readonly ResourceKey[] {
    const leaves = this.#inner.leavesOf(target);
    if (leaves.length !== 1 || leaves[0] !== target) this.#groups.set(target, leaves);
    return leaves;
  }

  claimsOn(resource: ResourceKey, now: Instant): readonly Claim[] {
    const claims = this.#inner.claimsOn(resource, now);
    this.#claims.on(resource, claims);
    return claims;
  }

  claimsOfAction(action: string): readonly Claim[] {
    const claims = this.#inner.claimsOfAction(action);
    this.#claims.of(action, claims);
    return claims;
  }

  voidedBy(subject: ResourceKey): number | undefined {
    const seq = this.#inner.voidedBy(subject);
    if (seq !== undefined) this.#voided.set(subject, seq);
    return seq;
  }

  counted(limit: LimitScope): number {
    const amount = this.#inner.counted(limit);
    if (amount !== 0)
      this.#counted.set(`${limit.rule} ${limit.scope} ${limit.measure} ${limit.overMs}`, { ...limit, amount });
    return amount;
  }

  changesOn(resource: ResourceKey, aspect: Aspect, since: Instant): readonly Change[] {
    const were = this.#inner.changesOn(resource, aspect, since);
    if (were.length === 0) return were;
    const key = `${aspect} ${JSON.stringify(were)}`;
    const number = this.#numbers.of(resource);
    const known = this.#changes.get(key);
    if (!known) this.#changes.set(key, { aspect, were, on: [number] });
    else if (!known.on.includes(number)) known.on.push(number);
    return were;
  }

  sameSince(key: string, since: Instant): Claim | undefined {
    const claim = this.#inner.sameSince(key, since);
    if (claim) this.#claims.same(key, claim);
    return claim;
  }

  actionOf(id: string): StandingAction | undefined {
    const action = this.#inner.actionOf(id);
    if (action) this.#noteAction(action);
    return action;
  }

  actionsOf(cause: ResourceKey): readonly StandingAction[] {
    const actions = this.#inner.actionsOf(cause);
    if (actions.length > 0)
      this.#actionsOf.set(
        cause,
        actions.map((action) => action.action),
      );
    for (const action of actions) this.#noteAction(action);
    return actions;
  }

  permits(agent: string, action: string, objective: string): boolean {
    const permits = this.#inner.permits(agent, action, objective);
    this.#permits.set(permission(agent, action, objective), permits);
    return permits;
  }

  refusedBefore(instance: string): string | undefined {
    const text = this.#inner.refusedBefore(instance);
    if (text !== undefined) this.#refused.set(instance, text);
    return text;
  }

  likeCases(key: string) {
    const cases = this.#inner.likeCases(key);
    if (cases.length > 0) this.#likeCases.set(key, cases);
    return cases;
  }

  /**
   * Looks at what other rules would have looked at: of a wish that was turned down at once nobody has read the figures. Not
   * needed to judge again, but a backtest under rules that let it through sees nothing without them.
   */
  complete(leaves: readonly ResourceKey[], attributes: Iterable<Attribute>, now: Instant): void {
    const first = leaves[0];
    if (!first || this.#versions.get(PROJECTED)?.[this.#numbers.of(first)] !== undefined) return;
    const all = new Set<Attribute>([PROJECTED, 'price', 'cost', 'category', ...attributes]);
    for (const leaf of leaves) {
      for (const attribute of all) this.facts.get(leaf, attribute);
      this.claimsOn(leaf, now);
    }
  }

  /** What was read, as it is written down; `unwritten` are claims that no table will ever hold. Undefined where nothing was read. */
  reads(unwritten: ReadonlySet<string>): Reads | undefined {
    const groups = [...this.#groups].map(
      ([target, leaves]) => [target, toRuns(leaves.map((leaf) => this.#numbers.of(leaf)))] as const,
    );
    const permits = [...this.#permits];
    const parts = {
      facts: this.#facts(),
      ...this.#claims.parts(unwritten),
      groups: Object.fromEntries(groups),
      escalations: Object.fromEntries(this.#escalations),
      voided: Object.fromEntries(this.#voided),
      changes: [...this.#changes.values()].map((entry) => ({ ...entry, on: toRuns(entry.on.sort((a, b) => a - b)) })),
      actions: Object.fromEntries(this.#actions),
      actionsOf: Object.fromEntries(this.#actionsOf),
      counted: [...this.#counted.values()],
      permitted: permits.filter(([, permitted]) => permitted).map(([what]) => what),
      forbidden: permits.filter(([, permitted]) => !permitted).map(([what]) => what),
      refused: Object.fromEntries(this.#refused),
      likeCases: Object.fromEntries(this.#likeCases),
    };
    const told = Object.entries(parts).filter(([, part]) => Object.keys(part).length > 0);
    if (told.length === 0) return undefined;
    return { resources: this.#numbers.keys, ...Object.fromEntries(told) };
  }

  #note(resource: ResourceKey, attribute: Attribute, fact: Fact | undefined): void {
    let versions = this.#versions.get(attribute);
    if (!versions) {
      versions = [];
      this.#versions.set(attribute, versions);
    }
    versions[this.#numbers.of(resource)] = fact ? fact.version : 0;
  }

  #noteAction({ action, state, undone }: StandingAction): void {
    this.#actions.set(action, undone ? `${state} undone` : state);
  }

  #facts(): Record<string, (number | null)[]> {
    return Object.fromEntries(
      [...this.#versions].map(([attribute, versions]) => {
        const first = versions.findIndex((version) => version !== undefined);
        return [attribute, [first, ...Array.from(versions.slice(first), (version) => version ?? null)]];
      }),
    );
  }
}

/** A map that tells which of its values are looked at: one by one, or all where they are gone through. */
function watched(
  inner: ReadonlyMap<string, OpenEscalation>,
  seen: (escalation: OpenEscalation) => void,
): ReadonlyMap<string, OpenEscalation> {
  const all = () => {
    for (const escalation of inner.values()) seen(escalation);
    return inner;
  };
  return {
    get: (id) => {
      const escalation = inner.get(id);
      if (escalation) seen(escalation);
      return escalation;
    },
    has: (id) => {
      const escalation = inner.get(id);
      if (escalation) seen(escalation);
      return escalation !== undefined;
    },
    get size() {
      return all().size;
    },
    forEach: (work) => all().forEach(work),
    entries: () => all().entries(),
    keys: () => all().keys(),
    values: () => all().values(),
    [Symbol.iterator]: () => all()[Symbol.iterator](),
  };
}
