import { compileRuleSet } from '#shared/policy/compile.ts';
import { type RuleError, ruleErrorText } from '#shared/policy/rule-error.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { RuleFiles } from '#shared/runtime/rule-files.ts';
import { type RuleCandidate, RuleFolder } from '#shared/runtime/rule-folder.ts';
import type { CompiledSets } from './compiled-sets.ts';

/** What the folder holds for a store: a set that could be put in force, or what is wrong with it. */
export type FolderState =
  | { readonly hash: string; readonly files: RuleFiles; readonly faults?: undefined }
  /** Each fault as `file:line:column: message`; without a hash where a file cannot be read. */
  | { readonly hash?: string; readonly faults: readonly string[] };

/** The rule folder as the coordinator sees it. */
interface WatchedRules {
  /** A store's own folder, also where it is faulty: the shared rules never slip in for it. */
  of(store: string): FolderState | undefined;
  /** The folder has been read once, and what it holds is compiled. */
  readonly read: Promise<void>;
  stop(): Promise<void>;
}

const SHARED = '*';
/** How many faults of one save are told; the rest is found when these are mended. */
const FAULTS_TOLD = 10;

/** A bad file never takes the bus down: the last good set stays in force, and the fault is visible at once. */
export function watchRules(
  directory: string,
  compiled: CompiledSets,
  logger: Logger,
  onChange: () => void,
): WatchedRules {
  const states = new Map<string, FolderState>();
  const take = (candidate: RuleCandidate) => {
    const store = candidate.store ?? SHARED;
    const state = stateOf(candidate, compiled);
    states.set(store, state);
    if (state.faults)
      logger.error({ store, faults: state.faults }, 'rule files refused; the last good set stays in force');
    onChange();
    return state.faults === undefined;
  };
  const folder = new RuleFolder({
    directory,
    onCandidate: take,
    onFault: (thrown) => logger.error({ err: thrown }, 'rule folder'),
  });
  const read = folder.start();
  return {
    of: (store) => states.get(store) ?? states.get(SHARED),
    read,
    stop: async () => {
      await read;
      await folder.stop();
    },
  };
}

function stateOf(candidate: RuleCandidate, compiled: CompiledSets): FolderState {
  if ('errors' in candidate) return { faults: told(candidate.errors) };
  const { hash, files } = candidate;
  if (compiled.get(hash)) return { hash, files };
  const result = compileRuleSet(files, hash);
  if ('errors' in result) return { hash, faults: told(result.errors) };
  compiled.set(hash, result.policy);
  return { hash, files };
}

function told(errors: readonly RuleError[]): string[] {
  return errors.slice(0, FAULTS_TOLD).map(ruleErrorText);
}
