import type { Layer } from '#shared/contracts/actions/define.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Candidate, Claim, Surroundings } from './types.ts';

interface Placed {
  readonly candidate: Candidate;
  readonly layer: Layer;
}

/** A layer that holds on a leaf, with whose it is. */
export interface Upon {
  readonly layer: Layer;
  readonly action: string;
  readonly id: string;
  readonly agent: string;
  readonly resource: ResourceKey;
  readonly from: Instant;
  readonly to?: Instant | undefined;
}

/** What would stand on each leaf: claims in force as the boundary, and what has been admitted of this component so far. */
export class Board {
  readonly #around: Surroundings;
  readonly #now: Instant;
  readonly #admitted = new Map<ResourceKey, readonly Placed[]>();
  /** Claims that are treated as gone: displaced by an admitted intent, or held by the escalation being ruled. */
  readonly #gone: Set<string>;
  /** What stands as yet, where this is the board without something. */
  #standing: Board | undefined;

  constructor(around: Surroundings, now: Instant, gone: Iterable<string> = []) {
    this.#around = around;
    this.#now = now;
    this.#gone = new Set(gone);
  }

  admit(candidate: Candidate, displaced: readonly Claim[]): void {
    for (const claim of displaced) this.#gone.add(claim.claim);
    for (const leaf of candidate.leaves) {
      const layer = candidate.type.layer(candidate.params, leaf, this.#around.facts);
      this.#admitted.set(leaf, [...(this.#admitted.get(leaf) ?? []), { candidate, layer }]);
    }
  }

  /** The same board with some claims taken as gone; a candidate placed on one of the two is not on the other. */
  without(claims: readonly Claim[]): Board {
    const copy = new Board(this.#around, this.#now, this.#gone);
    for (const claim of claims) copy.#gone.add(claim.claim);
    for (const [leaf, placed] of this.#admitted) copy.#admitted.set(leaf, placed);
    copy.#standing = this.standing();
    return copy;
  }

  /** The board before anything was taken off it for a trial. */
  standing(): Board {
    return this.#standing ?? this;
  }

  withdraw(candidate: Candidate): void {
    for (const leaf of candidate.leaves) {
      const placed = this.#admitted.get(leaf);
      if (placed)
        this.#admitted.set(
          leaf,
          placed.filter((entry) => entry.candidate.id !== candidate.id),
        );
    }
  }

  isGone(claim: Claim): boolean {
    return this.#gone.has(claim.claim);
  }

  claimsOn(leaf: ResourceKey): readonly Claim[] {
    const claims = this.#around.claimsOn(leaf, this.#now);
    return this.#gone.size === 0 || claims.length === 0 ? claims : claims.filter((claim) => !this.isGone(claim));
  }

  admittedOn(leaf: ResourceKey): readonly Candidate[] {
    const placed = this.#admitted.get(leaf);
    return placed ? placed.map((entry) => entry.candidate) : NOBODY;
  }

  /** Layers that hold on a leaf during a window. */
  layersOn(leaf: ResourceKey, window: { from: Instant; to?: Instant }): Upon[] {
    const upon: Upon[] = [];
    for (const claim of this.claimsOn(leaf)) {
      const { layer, action } = claim.layer;
      const { claim: id, owner: agent, from, to } = claim;
      if (overlap(claim, window)) upon.push({ layer, action, id, agent, resource: leaf, from, to });
    }
    for (const { candidate, layer } of this.#admitted.get(leaf) ?? []) {
      const { type, id, agent, target: resource } = candidate;
      if (overlap(candidate.window, window))
        upon.push({
          layer,
          action: type.type,
          id,
          agent,
          resource,
          from: candidate.window.from,
          to: candidate.window.to,
        });
    }
    return upon;
  }
}

const NOBODY: readonly Candidate[] = [];

/** Half-open windows; an absent end is open. */
export function overlap(a: { from: Instant; to?: Instant }, b: { from: Instant; to?: Instant }): boolean {
  return (a.to === undefined || b.from < a.to) && (b.to === undefined || a.from < b.to);
}
