import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Change, LimitScope } from '#shared/policy/policy.ts';
import type { Claim, StandingAction } from '../types.ts';

/**
 * Raised when the same inputs may give another verdict than before, so that recomputing an old round says that the
 * judgement has changed and not that somebody has changed the record.
 */
export const JUDGEMENT_VERSION = 2;

/** Numbers in order, as [first, count] pairs: a group of two thousand leaves is two numbers. */
export type Runs = readonly number[];

/**
 * Claims that differ in their resource alone: the claim's id is `<of>/<resource>/<aspect>` (with an empty aspect, `of` is the
 * whole id), with what may change of a claim after it is written.
 */
export interface ClaimFamily {
  readonly of: string;
  readonly aspect: string;
  readonly to?: Instant;
  readonly state?: NonNullable<Claim['actionState']>;
  readonly ended?: NonNullable<Claim['endedAs']>;
  /** On which resources. */
  readonly on: Runs;
}

/** A family and a resource, by number. */
type ClaimRef = number;

export type ActionNote = StandingAction['state'] | `${StandingAction['state']} undone`;

/**
 * What one step of judging a round has read, by reference. Resources are numbered by their place in `resources`, in the
 * order of first sight; everything else speaks of them by number. What is left out was not asked for.
 */
export interface Reads {
  readonly resources: readonly ResourceKey[];
  /** By attribute: the number of the first resource, then its version and those of the following ones. 0: there is none; null: not asked for. */
  readonly facts?: Readonly<Record<string, readonly (number | null)[]>>;
  readonly claims?: readonly ClaimFamily[];
  /** Resources whose claims were asked for. */
  readonly claimsOn?: Runs;
  /** The order of the claims on a resource, where it is not that of the families. */
  readonly orders?: Readonly<Record<number, readonly number[]>>;
  /** Claims of an action or an escalation: family, resource, family, resource … */
  readonly claimsOf?: Readonly<Record<string, readonly ClaimRef[]>>;
  /** The claim that was found under a key of sameness: family and resource. */
  readonly same?: Readonly<Record<string, readonly [ClaimRef, number]>>;
  /** Changes of a level that were found, with the resources of which they are told. */
  readonly changes?: readonly { readonly aspect: string; readonly were: readonly Change[]; readonly on: Runs }[];
  /** Actions with their state then; `undone` where their undoing had been ordered. */
  readonly actions?: Readonly<Record<string, ActionNote>>;
  readonly actionsOf?: Readonly<Record<string, readonly string[]>>;
  /** Claims that were given and ended within one batch, and so are in no table. */
  readonly unwritten?: readonly Claim[];
  readonly groups?: Readonly<Record<string, Runs>>;
  readonly escalations?: Readonly<Record<string, 'open' | 'answered'>>;
  readonly voided?: Readonly<Record<string, number>>;
  readonly counted?: readonly (LimitScope & { readonly amount: number })[];
  /** What agents may propose: `agent action objective`. */
  readonly permitted?: readonly string[];
  /** What was asked and is not permitted. */
  readonly forbidden?: readonly string[];
  readonly refused?: Readonly<Record<string, string>>;
  readonly likeCases?: Readonly<Record<string, readonly LikeCase[]>>;
}

/** A case like this one, as the question shows it. */
type LikeCase = ReturnType<import('../types.ts').Surroundings['likeCases']>[number];

/** One row of `round_inputs`: what a round was judged on. */
export interface RoundInputs {
  readonly judgement: number;
  /** Which answers took part: agent and part. */
  readonly answers: readonly (readonly [agent: string, part: number])[];
  /** The event whose answers they are, where it is not the round's own. */
  readonly answered?: string;
  /** The event on which a re-proposal rests, by its `seq`. */
  readonly origin?: number;
  /** Intents that stand for earlier ones, with how many. */
  readonly replacements?: Readonly<Record<string, number>>;
  /** What a person's change was before, and is now. */
  readonly before?: { readonly attribute: string; readonly was: unknown; readonly is: unknown };
  /** Judging it had thrown twice: its intents were denied unjudged. */
  readonly givenUp?: true;
  /** What the event itself read, before any intent was judged. */
  readonly effects?: Reads;
  readonly verdicts?: Reads;
}

export function toRuns(numbers: readonly number[]): number[] {
  const runs: number[] = [];
  for (const number of numbers) {
    const last = runs.length - 2;
    if (last >= 0 && runs[last]! + runs[last + 1]! === number) runs[last + 1]! += 1;
    else runs.push(number, 1);
  }
  return runs;
}

export function fromRuns(runs: Runs): number[] {
  const numbers: number[] = [];
  for (let index = 0; index < runs.length; index += 2)
    for (let n = 0; n < runs[index + 1]!; n++) numbers.push(runs[index]! + n);
  return numbers;
}

export function inRuns(runs: Runs, number: number): boolean {
  for (let index = 0; index < runs.length; index += 2)
    if (number >= runs[index]! && number < runs[index]! + runs[index + 1]!) return true;
  return false;
}

/** The id of a member of a family. */
export function claimOf(family: ClaimFamily, resource: ResourceKey): string {
  return family.aspect === '' ? family.of : `${family.of}/${resource}/${family.aspect}`;
}
