import type { Layer } from './actions/define.ts';

/** States in which nothing runs, as layers name them. */
const OFF: ReadonlySet<string> = new Set(['ended', 'paused']);

/**
 * The level that a layer sets, as one number, so that successive changes have a direction: a list price in minor units; 1 and 0
 * for a promotion that runs or does not, and for a product that is sold or archived. Undefined where it sets none.
 */
export function levelOf(layer: Layer): number | undefined {
  if (layer.priceMinor !== undefined) return layer.priceMinor;
  if (layer.discountBasisPoints !== undefined) return layer.discountBasisPoints > 0 ? 1 : 0;
  if (layer.lifecycle !== undefined) return layer.lifecycle === 'archived' ? 0 : 1;
  return layer.state !== undefined && OFF.has(layer.state) ? 0 : undefined;
}
