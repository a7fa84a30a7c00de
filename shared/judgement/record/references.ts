import type { ResourceKey } from '#shared/contracts/resource.ts';
import { claimOf, fromRuns, type Reads, type RoundInputs } from './reads.ts';

/** What records refer to, each once. */
export class References {
  readonly facts = new Map<string, readonly [resource: ResourceKey, attribute: string, version: number]>();
  readonly claims = new Set<string>();
  readonly escalations = new Set<string>();
  readonly actions = new Set<string>();

  get size(): number {
    return this.facts.size + this.claims.size + this.escalations.size + this.actions.size;
  }

  add(inputs: RoundInputs): void {
    for (const reads of [inputs.effects, inputs.verdicts]) if (reads) this.#addReads(reads);
  }

  #addReads(reads: Reads): void {
    for (const [attribute, [first, ...versions]] of Object.entries(reads.facts ?? {})) {
      for (const [index, version] of versions.entries()) {
        const resource = reads.resources[first! + index];
        if (version && resource)
          this.facts.set(`${resource}\n${attribute}\n${version}`, [resource, attribute, version]);
      }
    }
    const whole = new Set((reads.unwritten ?? []).map((claim) => claim.claim));
    for (const family of reads.claims ?? []) {
      for (const number of fromRuns(family.on)) {
        const id = claimOf(family, reads.resources[number]!);
        if (!whole.has(id)) this.claims.add(id);
      }
    }
    for (const id of Object.keys(reads.escalations ?? {})) this.escalations.add(id);
    for (const id of Object.keys(reads.actions ?? {})) this.actions.add(id);
  }
}
