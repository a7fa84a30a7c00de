import type { Precedent } from './features.ts';

/** So many alike rulings are needed, so large a share of them one way, and so many of the latest without one against. */
export const PRECEDENTS_LEAST = 3;
const SHARE_LEAST = 0.8;
const LATEST = 2;

/** Alike rulings that nearly all went one way. */
export interface Consistent {
  readonly way: string;
  /** The newest first. */
  readonly rulings: readonly Precedent[];
  readonly against: readonly Precedent[];
}

/** The way that these rulings went, where they are enough and agree; `wayOf` undefined: the ruling says nothing about it. */
export function consistent(
  precedents: readonly Precedent[],
  wayOf: (precedent: Precedent) => string | undefined,
): Consistent | undefined {
  const telling = precedents
    .filter((precedent) => wayOf(precedent) !== undefined)
    .toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : a.escalation < b.escalation ? -1 : 1));
  const latest = telling[0];
  if (!latest || telling.length < PRECEDENTS_LEAST) return undefined;
  const way = wayOf(latest)!;
  const rulings = telling.filter((precedent) => wayOf(precedent) === way);
  const against = telling.filter((precedent) => wayOf(precedent) !== way);
  if (rulings.length < PRECEDENTS_LEAST || rulings.length < SHARE_LEAST * telling.length) return undefined;
  if (telling.slice(0, LATEST).some((precedent) => wayOf(precedent) !== way)) return undefined;
  return { way, rulings, against };
}
