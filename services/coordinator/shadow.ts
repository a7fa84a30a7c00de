import { type Impact, NO_IMPACT } from '#shared/contracts/actions/define.ts';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { addImpacts, prepare } from '#shared/judgement/prepare.ts';
import { inOrder, judge } from '#shared/judgement/resolve.ts';
import type { Action, Decision, Outcome, Proposed, Surroundings } from '#shared/judgement/types.ts';
import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { LimitScope, Policy } from '#shared/policy/policy.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Transaction } from '#shared/store/connect.ts';
import { addToShadowRun, type ShadowGain } from '#shared/store/coordinator/shadow.ts';
import type { Desk } from './desk.ts';

const DO_SOMETHING = new Set(['granted', 'adjusted', 'merged']);
const FAULT_MAX = 500;

interface LooksBackAt {
  readonly limits: readonly LimitScope[];
  readonly same: readonly { readonly key: string; readonly withinMs: number }[];
  readonly dampingMs: number;
}

/**
 * Judges each round a second time, under a rule set that is only tried, on the surroundings on which it was judged. It
 * gives no outcome to anybody: it notes what would have been different. Whatever goes wrong in it is counted and logged.
 */
export class ShadowBench {
  readonly #policy: Policy;
  readonly #logger: Logger;
  #gain = emptyGain();

  constructor(policy: Policy, logger: Logger) {
    this.#policy = policy;
    this.#logger = logger;
  }

  get gain(): ShadowGain {
    return this.#gain;
  }

  /** A batch that is judged again is noted again from its beginning. */
  begin(): void {
    this.#gain = emptyGain();
  }

  /** What the rules that are tried look back at. */
  looksBackAt(proposed: readonly Proposed[], now: Instant, around: Surroundings): LooksBackAt {
    const policy = this.#policy;
    try {
      const candidates = proposed.flatMap((entry) => {
        const prepared = prepare(entry, now, around, policy);
        return 'candidate' in prepared ? [prepared.candidate] : [];
      });
      return {
        limits: candidates.flatMap(({ ruled }) => policy.limits(ruled)),
        same: candidates.flatMap(({ same }) => same),
        dampingMs: policy.dampingMs,
      };
    } catch {
      // The same fault comes again when the round is judged, and is told there.
      return { limits: [], same: [], dampingMs: 0 };
    }
  }

  judge(event: Envelope, proposed: readonly Proposed[], around: Surroundings, live: Outcome): void {
    this.#gain.rounds++;
    if (proposed.length === 0) return;
    try {
      const tried = judge(event, inOrder(proposed), around, this.#policy);
      const differences = differencesOf(event, around, live, tried);
      this.#gain.decisions += tried.decisions.length;
      this.#gain.differences.push(...differences);
    } catch (thrown) {
      this.#gain.faults++;
      this.#gain.lastFault = `round ${event.seq}: ${thrown instanceof Error ? thrown.message : thrown}`.slice(
        0,
        FAULT_MAX,
      );
      this.#logger.error(
        { err: thrown, store: event.store, seq: event.seq },
        'the rule set that is tried failed on a round',
      );
    }
  }
}

function emptyGain() {
  return {
    rounds: 0,
    decisions: 0,
    faults: 0,
    lastFault: undefined as string | undefined,
    differences: [] as Difference[],
  };
}

type Difference = Readonly<Record<string, unknown>>;

/** Intents whose verdict, parameters or deciding rule would have been another. */
function differencesOf(event: Envelope, around: Surroundings, live: Outcome, tried: Outcome): Difference[] {
  const was = new Map(live.decisions.map((decision) => [decision.intent, decision]));
  const done = actionsByIntent(live);
  const would = actionsByIntent(tried);
  return tried.decisions.flatMap((decision): Difference[] => {
    const before = was.get(decision.intent);
    if (!before || isSame(before, decision)) return [];
    const { intent, verdict, rule, reasons, params } = decision;
    return [
      {
        seq: event.seq,
        intent,
        verdict,
        rule,
        reasons,
        params: DO_SOMETHING.has(verdict) ? params : null,
        liveVerdict: before.verdict,
        liveRule: before.rule,
        impact: impactOf(would.get(intent), around),
        liveImpact: impactOf(done.get(intent), around),
      },
    ];
  });
}

function isSame(live: Decision, tried: Decision): boolean {
  if (live.verdict !== tried.verdict || live.rule !== tried.rule) return false;
  return !DO_SOMETHING.has(live.verdict) || canonicalJson(live.params as Json) === canonicalJson(tried.params as Json);
}

/** An action has the id of the intent that it is done for; of merged intents only the leader has one, so nothing counts twice. */
function actionsByIntent(outcome: Outcome): Map<string, Action> {
  return new Map(outcome.actions.map((action) => [action.action, action]));
}

function impactOf(action: Action | undefined, around: Surroundings): Impact {
  const type = action && ACTION_TYPES.get(action.type);
  if (!type) return NO_IMPACT;
  return addImpacts(action.leaves.map((leaf) => type.impact(action.params as never, leaf as never, around.facts)));
}

/** The bench for a batch that begins at `seq`, where a set is tried there; one that cannot be read tries nothing. */
export async function shadowBench(desk: Desk, tx: Transaction, seq: number): Promise<ShadowBench | undefined> {
  const { shadow, deps } = desk;
  if (!shadow || seq <= shadow.seq) return undefined;
  try {
    return await tx.savepoint(
      async (nested) => new ShadowBench(await desk.rules.policy(nested, shadow.hash), deps.logger),
    );
  } catch (thrown) {
    deps.logger.error({ err: thrown, store: desk.store }, 'the rule set that is to be tried cannot be read');
    return undefined;
  }
}

/** Writes down what was noted. Should that fail, the round is decided all the same. */
export async function keepShadow(desk: Desk, tx: Transaction, bench: ShadowBench | undefined): Promise<void> {
  const { shadow, deps } = desk;
  if (!bench || !shadow || bench.gain.rounds === 0) return;
  try {
    await tx.savepoint((nested) => addToShadowRun(nested, desk.store, shadow, bench.gain));
  } catch (thrown) {
    deps.logger.error(
      { err: thrown, store: desk.store },
      'what the tried rule set would have decided was not written down',
    );
  }
}
