import { PermanentError } from '#shared/kernel/errors.ts';
import { compileRuleSet } from '#shared/policy/compile.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { Transaction } from '#shared/store/connect.ts';
import { readRuleSet } from '#shared/store/coordinator/rule-sets.ts';

interface Activation {
  readonly seq: number;
  readonly hash: string;
}

/** Which rule set judges which round of one store: the one whose activation lies at or before its `seq`; before the first activation, the first. */
export class RulesInForce {
  readonly #activations: Activation[] = [];
  readonly #compiled: Map<string, Policy>;

  constructor(compiled: Map<string, Policy>) {
    this.#compiled = compiled;
  }

  get latest(): string | undefined {
    return this.#activations.at(-1)?.hash;
  }

  activate(seq: number, hash: string): void {
    if (this.#activations.some((entry) => entry.seq === seq)) return;
    this.#activations.push({ seq, hash });
    this.#activations.sort((a, b) => a.seq - b.seq);
  }

  hashAt(seq: number): string {
    const hash = this.#activations.findLast((entry) => entry.seq <= seq)?.hash ?? this.#activations[0]?.hash;
    if (!hash) throw new PermanentError('rule-file-invalid', 'No rule set is in force.');
    return hash;
  }

  /** The compiled set; one that this process has not compiled yet is read from where sets are kept by their hash. */
  async policy(tx: Transaction, hash: string): Promise<Policy> {
    const known = this.#compiled.get(hash);
    if (known) return known;
    const files = await readRuleSet(tx, hash);
    if (!files) throw new PermanentError('rule-file-invalid', `Rule set ${hash} is in force but not kept.`);
    const result = compileRuleSet(files, hash);
    if (!('policy' in result))
      throw new PermanentError(
        'rule-file-invalid',
        `Rule set ${hash} is in force but no longer compiles: ${result.errors[0]?.message}`,
      );
    this.#compiled.set(hash, result.policy);
    return result.policy;
  }
}
