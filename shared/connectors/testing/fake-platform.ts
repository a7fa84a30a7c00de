import { randomBytes } from 'node:crypto';
import type { ProductIds } from './contract.ts';

/**
 * A folder of this fake's own. The port of one that was closed may be another's a moment later, in this process or beside
 * it: whoever still asks there is to be told that nobody is, and must not use up the other's mishaps.
 */
export const ownFolder = (): string => `fake-${randomBytes(6).toString('hex')}`;

/** Success is said, in other words than those of the platform: instead of the effect, or after it. */
export interface Lie {
  readonly isAfter: boolean;
  /** What is answered in the place of the truth, which is `{}` where there was no effect. */
  says(truth: string): string;
}

/** What goes wrong with the next write: before it has its effect, or after. */
export type Mishap = 'drop-answer' | 'drop-request' | 'throttle' | 'unavailable' | 'server-error' | 'refuse' | Lie;

export const lieOf = (mishap: Mishap | undefined): Lie | undefined => (typeof mishap === 'object' ? mishap : undefined);

/** Where a case of the contract begins. Every fake has the SKUs A and B, the order 9 and the customer 5, who placed it. */
export type Given =
  /** A discount of ours runs on these SKUs; a Shopify store knows it as 61. `sells` are SKUs that it has besides. */
  | { readonly running: readonly string[]; readonly sells?: ProductIds }
  /** The order is held under this handle. */
  | { readonly held: string };

/** A fake of one platform's store, as far as the contract looks into it. */
export interface FakePlatform {
  readonly url: string;
  /** Of the writes to come, in order. Reads go well. */
  readonly mishaps: Mishap[];
  /** How long a request waits before it has its effect, and again before it is answered. */
  delayMs: number;
  /** Requests that came with a credential that fits, reads included. */
  readonly asked: number;
  open(): Promise<void>;
  close(): Promise<void>;
  given(state: Given): void;
  /** Names of the variants that sell at a discount now. */
  readonly onSale: readonly string[];
  /** How often an action has had an effect. */
  effectsOf(action: string): number;
  /** Price in minor units, and level, of the SKU A: as the store has them, and changed by a person behind our back. */
  priceMinor: number;
  level: number;
}
