import type { FactView } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Lane } from './call.ts';

/** An action as a store's connector receives it, with all that it needs to know of the rest of the house. */
export interface StoreAction {
  readonly store: string;
  /** The action's id: every call carries it, and every idempotency key is derived from it. */
  readonly action: string;
  readonly type: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** What it covers; the store is given this list, never a group. */
  readonly leaves: readonly ResourceKey[];
  /** Since when, on the store clock, it may have been called. */
  readonly notBefore: Instant;
  /** `product` and `promotions` of the leaves. */
  readonly facts: FactView;
  /** The price on which the decision rested; a store that shows another one has been changed by somebody. */
  readonly expectedMinor?: number | undefined;
  readonly currency: string;
  /** Discounts that earlier actions of ours put on these leaves and that no fact shows yet. */
  readonly discounts: readonly string[];
  /** For `reorder.cancel`: the key of the order that it cancels. */
  readonly purchaseOrder?: string | undefined;
  /** For `credit.give`: another action may have given this customer the same amount since, and a credit has no mark. */
  readonly hasDouble?: boolean | undefined;
  /** Where the platform is short of points, who goes first; bulk where nothing is said. */
  readonly lane?: Lane | undefined;
  /** By the wall clock: after this nothing is sent any more. Absent for a look. */
  readonly beginByMs?: number | undefined;
}

/** What the store said, small and without personal data; it goes into the outcome of the action. */
export type Outcome = Readonly<Record<string, unknown>>;

export type ReadBack =
  | { readonly end: 'done'; readonly outcome: Outcome }
  | { readonly end: 'failed'; readonly detail: string }
  | { readonly end: 'unknown'; readonly detail: string };

/**
 * A store that can be written to. The class of what `execute` throws is the answer to the only question that matters:
 * PermanentError (it did not happen and will not), TransientError (it did not happen, and may be tried again),
 * UnknownOutcomeError (it may have happened: read back, never send again).
 */
export interface StoreConnector {
  /** After `signal` no further call begins; one that has begun ends by the HTTP timeout. */
  execute(action: StoreAction, signal: AbortSignal): Promise<Outcome>;
  /** Looks whether the action has had its effect. Never writes. */
  readBack(action: StoreAction, signal: AbortSignal): Promise<ReadBack>;
}
