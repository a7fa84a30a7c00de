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

/** Numbers of resources by key, in the order of first sight. */
export class Numbers {
  readonly keys: ResourceKey[] = [];
  readonly #byKey = new Map<ResourceKey, number>();

  of(resource: ResourceKey): number {
    const known = this.#byKey.get(resource);
    if (known !== undefined) return known;
    this.#byKey.set(resource, this.keys.length);
    return this.keys.push(resource) - 1;
  }
}

/** What most rounds never ask for: made when it is first needed, because a round makes two recorders. */
class RareNotes {
  readonly groups = new Map<ResourceKey, readonly ResourceKey[]>();
  readonly escalations = new Map<string, 'open' | 'answered'>();
  readonly voided = new Map<string, number>();
  readonly changes = new Map<string, { aspect: Aspect; were: readonly Change[]; on: Set<ResourceKey> }>();
  readonly actions = new Map<string, ActionNote>();
  readonly actionsOf = new Map<string, readonly string[]>();
  readonly counted = new Map<string, LimitScope & { amount: number }>();
  readonly refused = new Map<string, string>();
  readonly likeCases = new Map<string, ReturnType<Surroundings['likeCases']>>();
}

/**
 * Stands between the judgement and its surroundings and notes what is read, by reference. It answers exactly what they
 * answer: within one step of a round nothing moves, so what was read once is answered from the note. The compact form is
 * made only when the round is written.
 */
export class Recorder implements Surroundings {
  readonly facts: FactView;
  readonly actionTypes: ReadonlyMap<string, ActionType>;
  readonly #inner: Surroundings;
  readonly #facts = new Map<ResourceKey, Map<Attribute, Fact | null>>();
  readonly #claims = new ClaimNotes();
  #watched: ReadonlyMap<string, OpenEscalation> | undefined;
  #rareNotes: RareNotes | undefined;
  readonly #permits = new Map<string, boolean>();

  constructor(inner: Surroundings) {
    this.#inner = inner;
    this.actionTypes = inner.actionTypes;
    this.facts = {
      get: (resource, attribute) => {
        const known = this.#facts.get(resource)?.get(attribute);
        return (known === undefined ? this.#look(resource, attribute) : (known ?? undefined)) as never;
      },
    };
  }

  get escalations(): ReadonlyMap<string, OpenEscalation> {
    this.#watched ??= watched(this.#inner.escalations, (escalation) => {
      this.#rare.escalations.set(escalation.escalation, escalation.state);
    });
    return this.#watched;
  }

  category(leaf: ResourceKey): string | undefined {
    return this.facts.get(leaf, 'category')?.value;
  }

  leavesOf(target: ResourceKey): readonly ResourceKey[] {
    const leaves = this.#inner.leavesOf(target);
    if (leaves.length !== 1 || leaves[0] !== target) this.#rare.groups.set(target, leaves);
    return leaves;
  }

  claimsOn(resource: ResourceKey, now: Instant): readonly Claim[] {
    return this.#claims.known(resource, now) ?? this.#claims.on(resource, now, this.#inner.claimsOn(resource, now));
  }

  claimsOfAction(action: string): readonly Claim[] {
    const claims = this.#inner.claimsOfAction(action);
    this.#claims.of(action, claims);
    return claims;
  }

  voidedBy(subject: ResourceKey): number | undefined {
    const seq = this.#inner.voidedBy(subject);
    if (seq !== undefined) this.#rare.voided.set(subject, seq);
    return seq;
  }

  counted(limit: LimitScope): number {
    const amount = this.#inner.counted(limit);
    if (amount !== 0)
      this.#rare.counted.set(`${limit.rule} ${limit.scope} ${limit.measure} ${limit.overMs}`, { ...limit, amount });
    return amount;
  }

  changesOn(resource: ResourceKey, aspect: Aspect, since: Instant): readonly Change[] {
    const were = this.#inner.changesOn(resource, aspect, since);
    if (were.length === 0) return were;
    const key = `${aspect} ${JSON.stringify(were)}`;
    const known = this.#rare.changes.get(key);
    if (known) known.on.add(resource);
    else this.#rare.changes.set(key, { aspect, were, on: new Set([resource]) });
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
      this.#rare.actionsOf.set(
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
    if (text !== undefined) this.#rare.refused.set(instance, text);
    return text;
  }

  likeCases(key: string) {
    const cases = this.#inner.likeCases(key);
    if (cases.length > 0) this.#rare.likeCases.set(key, cases);
    return cases;
  }

  /**
   * Looks at what other rules would have looked at: of a wish that was turned down at once nobody has read the figures. Not
   * needed to judge again, but a backtest under rules that let it through sees nothing without them.
   */
  complete(leaves: readonly ResourceKey[], attributes: Iterable<Attribute>, now: Instant): void {
    const first = leaves[0];
    if (!first || this.#facts.get(first)?.has(PROJECTED)) return;
    const all = new Set<Attribute>([PROJECTED, 'price', 'cost', 'category', ...attributes]);
    for (const leaf of leaves) {
      for (const attribute of all) this.facts.get(leaf, attribute);
      this.claimsOn(leaf, now);
    }
  }

  /** What was read, as it is written down; `unwritten` are claims that no table will ever hold. Undefined where nothing was read. */
  reads(unwritten: ReadonlySet<string>): Reads | undefined {
    const told: Told = {};
    const numbers = new Numbers();
    if (this.#facts.size > 0) told.facts = this.#columns(numbers);
    this.#claims.tell(told, numbers, unwritten);
    const forbidden: string[] = [];
    const permitted: string[] = [];
    for (const [what, permits] of this.#permits) (permits ? permitted : forbidden).push(what);
    if (permitted.length > 0) told.permitted = permitted;
    if (forbidden.length > 0) told.forbidden = forbidden;
    if (this.#rareNotes) tellRare(told, this.#rareNotes, numbers);
    return Object.keys(told).length > 0 ? { resources: numbers.keys, ...told } : undefined;
  }

  get #rare(): RareNotes {
    this.#rareNotes ??= new RareNotes();
    return this.#rareNotes;
  }

  #look(resource: ResourceKey, attribute: Attribute): Fact | undefined {
    const fact = this.#inner.facts.get(resource, attribute);
    const known = this.#facts.get(resource);
    if (known) known.set(attribute, fact ?? null);
    else this.#facts.set(resource, new Map([[attribute, fact ?? null]]));
    return fact;
  }

  #noteAction({ action, state, undone }: StandingAction): void {
    this.#rare.actions.set(action, undone ? `${state} undone` : state);
  }

  #columns(numbers: Numbers): Record<string, (number | null)[]> {
    const columns: Record<string, (number | null)[]> = {};
    for (const [resource, facts] of this.#facts) {
      const number = numbers.of(resource);
      for (const [attribute, fact] of facts) {
        columns[attribute] ??= [number];
        const column = columns[attribute];
        while (column.length <= number - column[0]!) column.push(null);
        column.push(fact ? fact.version : 0);
      }
    }
    return columns;
  }
}

type Told = { -readonly [Part in keyof Reads]?: Reads[Part] };

function tellRare(told: Told, notes: RareNotes, numbers: Numbers): void {
  if (notes.groups.size > 0) told.groups = groupRuns(notes.groups, numbers);
  if (notes.escalations.size > 0) told.escalations = Object.fromEntries(notes.escalations);
  if (notes.voided.size > 0) told.voided = Object.fromEntries(notes.voided);
  if (notes.changes.size > 0)
    told.changes = [...notes.changes.values()].map(({ aspect, were, on }) => ({
      aspect,
      were,
      on: toRuns(Array.from(on, (resource) => numbers.of(resource)).sort((a, b) => a - b)),
    }));
  if (notes.actions.size > 0) told.actions = Object.fromEntries(notes.actions);
  if (notes.actionsOf.size > 0) told.actionsOf = Object.fromEntries(notes.actionsOf);
  if (notes.counted.size > 0) told.counted = [...notes.counted.values()];
  if (notes.refused.size > 0) told.refused = Object.fromEntries(notes.refused);
  if (notes.likeCases.size > 0) told.likeCases = Object.fromEntries(notes.likeCases);
}

function groupRuns(groups: RareNotes['groups'], numbers: Numbers): Record<string, number[]> {
  return Object.fromEntries(
    [...groups].map(([target, leaves]) => [target, toRuns(leaves.map((leaf) => numbers.of(leaf)))]),
  );
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
