import type { RuleError } from '#shared/policy/rule-error.ts';

/** One expectation that a case does not meet: which one, what the file says, what the rules do. */
export interface Difference {
  /** `pricing price.set sku:85123A`, `conflict`, `effects`; with the step where a case has several. */
  readonly about: string;
  readonly expected: string;
  readonly got: string;
}

export interface CaseResult {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  /** What the case is an instance of: a number of the conflict catalogue, or a name of the shop's own. */
  readonly number: string;
  readonly passed: boolean;
  readonly differences: readonly Difference[];
  /** The rules that decided in it, as they were found. */
  readonly deciders: readonly string[];
}

/**
 * What running all cases came to. With `errors` nothing was run (the rules do not load), or the cases at fault were not: the
 * command ends with 3 then, with 4 where `failed` is not 0, and with 0 otherwise.
 */
export interface CaseReport {
  readonly passed: number;
  readonly failed: number;
  readonly cases: number;
  /** How many rules at least one case names as the one that decides. */
  readonly rules: number;
  /** Rules of the set that no case names. */
  readonly unnamed: readonly string[];
  readonly errors: readonly RuleError[];
  readonly results: readonly CaseResult[];
}

/** Rule files and case files by name, as `compileRuleSet` takes them plus the `*.cases.yaml` beside them. */
export type RunCases = (files: Readonly<Record<string, string>>) => CaseReport;
