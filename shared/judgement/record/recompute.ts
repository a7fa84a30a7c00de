import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
import { toParleyError } from '#shared/kernel/errors.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { judgeAgain, type KeptDecision, type KeptRound, textsOf } from './again.ts';
import { JUDGEMENT_VERSION } from './reads.ts';
import type { Sources } from './recalled.ts';

/** The first decision of a round that does not come out as it is kept. */
export interface Difference {
  readonly seq: number;
  /** Absent where it is the round that cannot be judged again. */
  readonly intent?: string;
  /** In words: which part differs, and how. */
  readonly differs: string;
  /** The version that judged it, where that is not this one: the judgement has changed, which says nothing about the record. */
  readonly judgement?: number;
}

/**
 * Judges a round again under the rule set that it was judged under, and compares every decision byte for byte. A round of
 * another version of the judgement is judged by this one too: what comes out the same was not changed.
 */
export function recompute(round: KeptRound, policy: Policy, sources: Sources): Difference | undefined {
  const { seq, inputs } = round;
  const found = differenceIn(round, policy, sources);
  if (!found || inputs.judgement === JUDGEMENT_VERSION) return found && { seq, ...found };
  const differs = `it was judged by version ${inputs.judgement} of the judgement, and this is version ${JUDGEMENT_VERSION}; ${found.differs}`;
  return { seq, ...found, differs, judgement: inputs.judgement };
}

function differenceIn(round: KeptRound, policy: Policy, sources: Sources): Omit<Difference, 'seq'> | undefined {
  const { ruleSet } = round;
  try {
    const { verdicts, effects, missed } = judgeAgain(round, policy, sources);
    const now = [...(effects?.decisions ?? []), ...verdicts.decisions].map((decision) => ({
      ...decision,
      inputs: { ...decision.inputs, ruleSet },
    }));
    const found = firstDifference(round.decisions, now);
    if (found) return found;
    const lost = missed[0];
    return lost === undefined ? undefined : { differs: `${lost} is not kept, or was not recorded` };
  } catch (thrown) {
    return { differs: `judging it again failed: ${toParleyError(thrown).message}` };
  }
}

function firstDifference(
  kept: readonly KeptDecision[],
  now: readonly KeptDecision[],
): { intent: string; differs: string } | undefined {
  const keptTexts = textsOf(kept);
  const nowTexts = textsOf(now);
  for (const intent of [...new Set([...keptTexts.keys(), ...nowTexts.keys()])].sort()) {
    const was = kept.find((decision) => decision.intent === intent);
    const is = now.find((decision) => decision.intent === intent);
    if (!was) return { intent, differs: `no decision is kept, and now it is ${is!.verdict} by ${is!.rule}` };
    if (!is) return { intent, differs: `${was.verdict} by ${was.rule} is kept, and now there is no decision` };
    if (keptTexts.get(intent) !== nowTexts.get(intent)) return { intent, differs: inWords(was, is) };
  }
  return undefined;
}

const PARTS = [
  'verdict',
  'rule',
  'agent',
  'actionType',
  'resource',
  'params',
  'reasons',
  'inputs',
  'replaces',
  'action',
  'wakesOn',
] as const;
const SHOWN = 160;

function inWords(was: KeptDecision, is: KeptDecision): string {
  const part = PARTS.find((name) => textOf(was[name]) !== textOf(is[name]));
  if (!part) return 'its text';
  return `${part}: kept ${shown(was[part])}, now ${shown(is[part])}`;
}

const shown = (value: unknown) => textOf(value).slice(0, SHOWN);
const textOf = (value: unknown) => canonicalJson((value ?? null) as Json);
