import { autonomy } from './autonomy.ts';
import { damping } from './damping.ts';
import type { RuleKind } from './define.ts';
import { guardrail } from './guardrail.ts';
import { priority } from './priority.ts';
import { redundancy } from './redundancy.ts';
import { sequence } from './sequence.ts';
import { temporal } from './temporal.ts';
import { threshold } from './threshold.ts';

/** Every kind of rule there is, by the name that a rule file writes under `kind`. */
export const KINDS: ReadonlyMap<string, RuleKind> = new Map(
  [priority, temporal, threshold, guardrail, redundancy, sequence, autonomy, damping].map((kind) => [
    kind.kind,
    kind as unknown as RuleKind,
  ]),
);
