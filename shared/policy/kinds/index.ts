import type { RuleKind } from './define.ts';
import { guardrail } from './guardrail.ts';
import { priority } from './priority.ts';
import { temporal } from './temporal.ts';
import { threshold } from './threshold.ts';

/** Every kind of rule there is, by the name that a rule file writes under `kind`. */
export const KINDS: ReadonlyMap<string, RuleKind> = new Map(
  [priority, temporal, threshold, guardrail].map((kind) => [kind.kind, kind as unknown as RuleKind]),
);
