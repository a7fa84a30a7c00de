import type { z } from 'zod';
import type { Instant } from '#shared/kernel/time.ts';
import type { Attribute, FactView } from '../facts.ts';
import type { Aspect, ResourceKey } from '../resource.ts';
import type { Resolver } from './resolve.ts';

/**
 * What a granted intent adds to the projected state of one leaf. Layers of one leaf are combined by the formulas of
 * `shared/contracts/projection.ts` into net price, margin, units available to promise, contacts and spend.
 */
export interface Layer {
  /** Sets the list price. */
  readonly priceMinor?: number;
  /** Compounds with every other discount, unless one of them stands alone. */
  readonly discountBasisPoints?: number;
  /** A discount that does not combine: of it and all others together only the better counts. */
  readonly alone?: boolean;
  /** The discount needs a code: the price that is advertised stays as it is. */
  readonly byCode?: boolean;
  /** Units that it is expected to sell; they are forecast, not promised. */
  readonly demandUnits?: number;
  /** Shipping that the shop pays, per unit. */
  readonly subsidyMinor?: number;
  /** Units taken from what is available to promise. */
  readonly units?: number;
  /** The level that stock was counted to be, and what it was believed to be. */
  readonly counted?: { readonly level: number; readonly expected: number };
  /** The price that a marketplace shows for it. */
  readonly feedMinor?: number;
  readonly contacts?: number;
  /** Units that there are for this one customer, of what a mail is about. */
  readonly offeredUnits?: number;
  /** It tells the customer something that is no longer so. */
  readonly outdated?: boolean;
  /** It promises a delivery sooner than carrier or supplier now say. */
  readonly overpromised?: boolean;
  readonly coupons?: number;
  readonly spendMinor?: number;
  readonly refundMinor?: number;
  /** Goods come back on the shelf with it. */
  readonly restocks?: boolean;
  /** The handle of the hold that it releases. */
  readonly releases?: string;
  readonly reorderUnits?: number;
  readonly lifecycle?: string;
  /** Names a state that two layers cannot share (`held`, `cancelled`), so that opposites are seen. */
  readonly state?: string;
}

/** Derived quantities that layers of different aspects move together: where indirect conflicts live. */
export type Derived =
  | 'net-price'
  | 'available-to-promise'
  | 'contacts'
  | 'coupons'
  | 'spend'
  | 'refundable'
  | 'cover'
  | 'delivery';

export interface Hold {
  readonly aspect: Aspect;
  readonly exclusive: boolean;
}

/** What is at stake, from facts and never from the agent's own figures, over the action's window, for one leaf. */
export interface Impact {
  readonly revenueMinor: number;
  readonly marginMinor: number;
  readonly cashMinor: number;
  readonly units: number;
  readonly customers: number;
}

export const NO_IMPACT: Impact = { revenueMinor: 0, marginMinor: 0, cashMinor: 0, units: 0, customers: 0 };

export interface Window {
  readonly from: Instant;
  /** Absent: a level without a window; its claim ends when its dwell time after the outcome is over. */
  readonly to?: Instant;
}

/** What the store will show afterwards; recorded before the call, compared with what the store then tells us. */
export interface PlannedWrite {
  readonly resource: ResourceKey;
  readonly attribute: string;
  readonly value: unknown;
}

export interface Inverse {
  readonly action: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface ActionType<Type extends string = string, Params extends z.ZodObject = z.ZodObject> {
  readonly type: Type;
  readonly about: string;
  readonly params: Params;
  /** Takes nothing from anybody and prevents harm: hold, pause, stock correction, notice. Not blocked by an open escalation. */
  readonly protective: boolean;
  readonly customerVisible: boolean;
  /** The aspect that it takes, and how; absent where it takes none (`order.tag`). */
  readonly hold?: Hold;
  /** Quantities that it moves through the formulas of the projection. */
  readonly moves: readonly Derived[];
  /** An agent has at most one of it in force on a leaf: a second one would do the same again, whatever its figures. */
  readonly single?: boolean;
  /** Action types that cannot be in force with it on one leaf, beyond what the holds say; it is enough that one of the two names the other. */
  readonly opposes?: readonly string[];
  /** Attributes of the leaf that impact, projection and guardrails of this action read. */
  readonly reads: readonly Attribute[];
  /** Other resources of which it reads the same attributes: the SKU that a mail to a customer is about. */
  looksAt?(params: z.infer<Params>): readonly ResourceKey[];
  /** What it is about; a group (`category:…`, `bundle:…`) is expanded into its leaves when it is judged. */
  target(params: z.infer<Params>): ResourceKey;
  window(params: z.infer<Params>, now: Instant): Window;
  layer(params: z.infer<Params>, leaf: ResourceKey, facts: FactView): Layer;
  impact(params: z.infer<Params>, leaf: ResourceKey, facts: FactView): Impact;
  /** What the store will show; empty where nothing comes back. */
  writes(params: z.infer<Params>, leaf: ResourceKey): readonly PlannedWrite[];
  /** How to undo it on one leaf, given the facts before; absent where it cannot be undone. */
  inverse?(params: z.infer<Params>, leaf: ResourceKey, before: FactView): Inverse | undefined;
  /** How two of one target become one action that does what both ask for, by parameter; one that is not named is held. */
  readonly resolve?: Readonly<Partial<Record<keyof z.infer<Params> & string, Resolver>>>;
  /** True when the facts already show what it asks for. */
  noop?(params: z.infer<Params>, leaf: ResourceKey, facts: FactView): boolean;
}

/** Keeps the types of one action type's declaration tied together. */
export function defineAction<Type extends string, Params extends z.ZodObject>(
  declaration: ActionType<Type, Params>,
): ActionType<Type, Params> {
  return declaration;
}
