import type { Layer } from '#shared/contracts/actions/define.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Candidate, Claim, Surroundings } from './types.ts';

interface Placed {
  readonly candidate: Candidate;
  readonly layer: Layer;
}

/** What would stand on each leaf: claims in force as the boundary, and what has been admitted of this component so far. */
export class Board {
  readonly #around: Surroundings;
  readonly #now: Instant;
  readonly #admitted = new Map<ResourceKey, Placed[]>();
  /** Claims that are treated as gone: displaced by an admitted intent, or held by the escalation being ruled. */
  readonly #gone = new Set<string>();

  constructor(around: Surroundings, now: Instant, gone: Iterable<string> = []) {
    this.#around = around;
    this.#now = now;
    for (const claim of gone) this.#gone.add(claim);
  }

  admit(candidate: Candidate, displaced: readonly Claim[]): void {
    for (const claim of displaced) this.#gone.add(claim.claim);
    for (const leaf of candidate.leaves) {
      const placed = this.#admitted.get(leaf) ?? [];
      placed.push({ candidate, layer: candidate.type.layer(candidate.params, leaf, this.#around.facts) });
      this.#admitted.set(leaf, placed);
    }
  }

  /** The same board with some claims taken as gone; what is admitted is shared. */
  without(claims: readonly Claim[]): Board {
    const copy = new Board(this.#around, this.#now, [...this.#gone, ...claims.map((claim) => claim.claim)]);
    for (const [leaf, placed] of this.#admitted) copy.#admitted.set(leaf, placed);
    return copy;
  }

  withdraw(candidate: Candidate): void {
    for (const [leaf, placed] of this.#admitted) {
      this.#admitted.set(
        leaf,
        placed.filter((entry) => entry.candidate.id !== candidate.id),
      );
    }
  }

  claimsOn(leaf: ResourceKey): readonly Claim[] {
    return this.#around.claimsOn(leaf, this.#now).filter((claim) => !this.#gone.has(claim.claim));
  }

  admittedOn(leaf: ResourceKey): readonly Candidate[] {
    return (this.#admitted.get(leaf) ?? []).map((placed) => placed.candidate);
  }

  /** Layers that hold on a leaf during a window, a candidate's own older claims left out. */
  layersOn(
    leaf: ResourceKey,
    window: { from: Instant; to?: Instant },
  ): { layer: Layer; action: string; id: string; agent: string }[] {
    const claimed = this.claimsOn(leaf)
      .filter((claim) => overlap(claim, window))
      .map((claim) => ({ layer: claim.layer.layer, action: claim.layer.action, id: claim.claim, agent: claim.owner }));
    const admitted = (this.#admitted.get(leaf) ?? [])
      .filter((placed) => overlap(placed.candidate.window, window))
      .map((placed) => ({
        layer: placed.layer,
        action: placed.candidate.type.type,
        id: placed.candidate.id,
        agent: placed.candidate.agent,
      }));
    return [...claimed, ...admitted];
  }
}

/** Half-open windows; an absent end is open. */
export function overlap(a: { from: Instant; to?: Instant }, b: { from: Instant; to?: Instant }): boolean {
  return (a.to === undefined || b.from < a.to) && (b.to === undefined || a.from < b.to);
}
