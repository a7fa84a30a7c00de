import { compileRuleSet } from '#shared/policy/compile.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { type RuleError, ruleErrorText } from '#shared/policy/rule-error.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import { type RuleCandidate, RuleFolder } from '#shared/runtime/rule-folder.ts';

interface ValidSet {
  readonly hash: string;
  readonly files: Readonly<Record<string, string>>;
}

/** The rule folder as the coordinator sees it: the last valid set of each store, and what is wrong with what was saved since. */
export interface WatchedRules {
  candidate(store: string): ValidSet | undefined;
  /** Faults of the newest save, by store (`*` for all), as `file:line:column message`. */
  faults(): Readonly<Record<string, readonly string[]>>;
  stop(): Promise<void>;
}

const SHARED = '*';
/** How many faults of one save are told; the rest is found when these are mended. */
const FAULTS_TOLD = 10;

/** A bad file never takes the bus down: the last good set stays in force, and the fault is visible at once. */
export async function watchRules(
  directory: string,
  compiled: Map<string, Policy>,
  logger: Logger,
  onChange: () => void,
): Promise<WatchedRules> {
  const valid = new Map<string, ValidSet>();
  const faults = new Map<string, readonly string[]>();
  const take = (candidate: RuleCandidate) => {
    const store = candidate.store ?? SHARED;
    const errors = 'errors' in candidate ? candidate.errors : compile(candidate, compiled);
    if (errors.length > 0) {
      faults.set(
        store,
        errors.slice(0, FAULTS_TOLD).map((error) => ruleErrorText(error as RuleError)),
      );
      logger.error({ store, faults: faults.get(store) }, 'rule files refused; the last good set stays in force');
    } else if ('files' in candidate) {
      faults.delete(store);
      valid.set(store, { hash: candidate.hash, files: candidate.files });
    }
    onChange();
  };
  const folder = new RuleFolder({
    directory,
    onCandidate: take,
    onFault: (thrown) => logger.error({ err: thrown }, 'rule folder'),
  });
  await folder.start();
  return {
    candidate: (store) => valid.get(store) ?? valid.get(SHARED),
    faults: () => Object.fromEntries(faults),
    stop: () => folder.stop(),
  };
}

function compile(candidate: ValidSet, compiled: Map<string, Policy>): readonly RuleError[] {
  if (compiled.has(candidate.hash)) return [];
  const result = compileRuleSet(candidate.files, candidate.hash);
  if ('errors' in result) return result.errors;
  compiled.set(candidate.hash, result.policy);
  return [];
}
