import { type KeptPage, sourcesOf } from '#shared/judgement/record/again.ts';
import { traceAgain } from '#shared/judgement/record/traced.ts';
import { PermanentError, TransientError } from '#shared/kernel/errors.ts';
import type { RuleTrace } from '#shared/policy/policy.ts';
import type { Api } from './api.ts';
import { policyOf } from './kept-rounds.ts';

/** What the rules made of one intent, by the part that each played. */
export interface Traced {
  /** The rule that the decision names; undefined where it is none of the files (`no-op`, `claim`, `merge` …). */
  readonly winner: RuleTrace | undefined;
  /** Rules that spoke too and did not decide. */
  readonly losing: readonly RuleTrace[];
  /** Rules that concern it and were silent, with the first condition that failed. */
  readonly nearMisses: readonly RuleTrace[];
  readonly outside: readonly RuleTrace[];
}

/** Asks the rules that were in force again, on what the round was judged on; a text where that cannot be done. */
export async function traceOf(
  api: Api,
  {
    store,
    seq,
    intent,
    rule,
  }: { readonly store: string; readonly seq: number; readonly intent: string; readonly rule: string },
): Promise<Traced | string> {
  try {
    const page = await api.get<KeptPage>(`/api/rounds/${encodeURIComponent(store)}?after=${seq - 1}&to=${seq}`);
    const round = page.rounds.find((one) => one.seq === seq);
    if (!round) return 'what the round was judged on is not recorded';
    const traces = traceAgain(round, intent, await policyOf(api, round.ruleSet), sourcesOf(page));
    if (!traces) return 'it was refused before any rule was asked';
    return sorted(traces, rule);
  } catch (thrown) {
    // The decision is told all the same; only what the other rules said of it is missing.
    if (thrown instanceof PermanentError || thrown instanceof TransientError) return thrown.message;
    throw thrown;
  }
}

function sorted(traces: readonly RuleTrace[], decided: string): Traced {
  const others = traces.filter(({ rule }) => rule !== decided);
  const having = (outcome: RuleTrace['outcome']) => others.filter((trace) => trace.outcome === outcome);
  return {
    winner: traces.find(({ rule }) => rule === decided),
    losing: having('spoke'),
    nearMisses: having('silent'),
    outside: having('outside'),
  };
}
