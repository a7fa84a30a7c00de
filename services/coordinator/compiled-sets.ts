import type { Policy } from '#shared/policy/policy.ts';
import { LIMITS } from '#shared/runtime/limits.ts';

/** Rule sets that this process has compiled, by hash: those used last, so that a thousand saves do not stay in memory. */
export class CompiledSets {
  readonly #sets = new Map<string, Policy>();

  get(hash: string): Policy | undefined {
    const found = this.#sets.get(hash);
    if (found) this.set(hash, found);
    return found;
  }

  set(hash: string, policy: Policy): void {
    this.#sets.delete(hash);
    this.#sets.set(hash, policy);
    for (const oldest of this.#sets.keys()) {
      if (this.#sets.size <= LIMITS.compiledRuleSets) return;
      this.#sets.delete(oldest);
    }
  }
}
