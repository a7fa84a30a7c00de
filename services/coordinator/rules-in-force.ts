import { PermanentError } from '#shared/kernel/errors.ts';
import { compileRuleSet } from '#shared/policy/compile.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { ruleErrorText } from '#shared/policy/rule-error.ts';
import type { Transaction } from '#shared/store/connect.ts';
import { readRuleSet } from '#shared/store/coordinator/rule-sets.ts';
import type { CompiledSets } from './compiled-sets.ts';

interface Activation {
  readonly seq: number;
  readonly hash: string;
  readonly how: string;
}

/** Which rule set judges which round of one store: the one whose activation lies at or before its `seq`; before the first activation, the first. */
export class RulesInForce {
  readonly #activations: Activation[] = [];
  readonly #compiled: CompiledSets;
  /** The set that stays in force whatever the folder says. */
  pinned: string | undefined;

  constructor(compiled: CompiledSets) {
    this.#compiled = compiled;
  }

  get latest(): string | undefined {
    return this.#activations.at(-1)?.hash;
  }

  /** The set that a rollback without a name goes back to: rolling back twice goes back by two, not to and fro. */
  get before(): string | undefined {
    const standing: string[] = [];
    for (const { hash, how } of this.#activations) {
      const back = how === 'rollback' ? standing.lastIndexOf(hash) : -1;
      if (back >= 0) standing.length = back + 1;
      else if (standing.at(-1) !== hash) standing.push(hash);
    }
    return standing.at(-2);
  }

  /** False where it was known already. */
  activate(seq: number, hash: string, how = ''): boolean {
    if (this.#activations.some((entry) => entry.seq === seq)) return false;
    this.#activations.push({ seq, hash, how });
    this.#activations.sort((a, b) => a.seq - b.seq);
    return true;
  }

  hashAt(seq: number): string {
    const found = this.#activations.findLastIndex((entry) => entry.seq <= seq);
    const entry = this.#activations[Math.max(0, found)];
    if (!entry) throw new PermanentError('rule-file-invalid', 'No rule set is in force.');
    // A set that this version cannot read judges nobody any more: its open rounds go to the one that took its place.
    const next = this.#activations[Math.max(0, found) + 1];
    return next?.how === 'repair' ? next.hash : entry.hash;
  }

  /** The compiled set; one that this process has not compiled yet is read from where sets are kept by their hash. */
  async policy(tx: Transaction, hash: string): Promise<Policy> {
    const known = this.#compiled.get(hash);
    if (known) return known;
    const short = hash.slice(0, 12);
    const files = await readRuleSet(tx, hash);
    if (!files) throw new PermanentError('rule-file-invalid', `No rule set ${short} is kept here.`);
    const result = compileRuleSet(files, hash);
    if (!('policy' in result))
      throw new PermanentError(
        'rule-file-invalid',
        `Rule set ${short} cannot be read: ${result.errors[0] && ruleErrorText(result.errors[0])}`,
      );
    this.#compiled.set(hash, result.policy);
    return result.policy;
  }
}
