import { citing, pass, propose } from '#shared/agent/propose.ts';
import type { Intent, Proposal } from '#shared/contracts/answer.ts';
import type { Attribute, FactView } from '#shared/contracts/facts.ts';
import { formatMoney } from '#shared/kernel/money.ts';
import { cut } from '#shared/kernel/plain-text.ts';
import { charmBelow, type Position, smallestMove } from './position.ts';

type Method = 'competitor' | 'cost' | 'scarcity' | 'restore' | 'markdown';

const OBJECTIVE = {
  competitor: 'growth',
  cost: 'margin',
  scarcity: 'availability',
  restore: 'margin',
  markdown: 'clearance',
} as const satisfies Record<Method, string>;

export interface Move {
  readonly method: Method;
  readonly toMinor: number;
  readonly why: string;
  readonly rests: readonly Attribute[];
  /** Days of cover, for a markdown. */
  readonly coverDays?: number;
  readonly replaces?: string;
}

/** The one place where a price becomes an intent: bounds and the smallest move hold here, whatever a method computed. */
export function reprice(position: Position, move: Move, facts: FactView): Proposal {
  const { priceMinor, lowestMinor, highestMinor, referenceMinor, currency, sku, key } = position;
  const { toMinor } = move;
  if (!Number.isSafeInteger(toMinor) || toMinor < lowestMinor || toMinor > highestMinor) {
    return pass(`${move.method}: ${toMinor} lies outside ${lowestMinor} to ${highestMinor}`);
  }
  // Back to the price that people set is always worth it, even where the way is short.
  const backToReference = toMinor === referenceMinor && toMinor !== priceMinor;
  if (!backToReference && Math.abs(toMinor - priceMinor) < smallestMove(position)) {
    return pass(`${move.method}: less than 2 % from the present price`);
  }
  const flex = flexOf(position, toMinor);
  const intent: Intent = {
    action: 'price.set',
    objective: OBJECTIVE[move.method],
    params: { sku, priceMinor: toMinor, currency },
    ...(flex ? { flex: { param: 'priceMinor', ...flex } } : {}),
    reason: cut(`${formatMoney(priceMinor, currency)} to ${formatMoney(toMinor, currency)}: ${move.why}`, 500),
    cites: citing(facts, key, 'price', 'cost', ...move.rests),
    ...(move.replaces ? { replaces: move.replaces } : {}),
  };
  const range = { lowMinor: flex?.min ?? toMinor, highMinor: flex?.max ?? toMinor };
  const plan = { fromMinor: priceMinor, toMinor, referenceMinor, ...range };
  const announcement =
    move.method === 'markdown'
      ? { type: 'markdown.planned', subject: key, data: { ...plan, coverDays: Math.round(move.coverDays ?? 0) } }
      : { type: 'price.planned', subject: key, data: { method: move.method, ...plan } };
  return propose([intent], [announcement]);
}

/**
 * The coordinator may shorten the way, by as much as still leaves a move worth making; it never makes it longer. A cut
 * may therefore be raised towards the present price, and a rise lowered towards it.
 */
function flexOf(position: Position, toMinor: number): { min: number; max: number } | undefined {
  const { priceMinor, lowestMinor } = position;
  const step = smallestMove(position);
  const range =
    toMinor < priceMinor
      ? { min: toMinor, max: priceMinor - step }
      : { min: Math.max(lowestMinor, priceMinor + step), max: toMinor };
  return range.min < range.max ? range : undefined;
}

/** Half the way to a refused price, as a counter-offer; charm endings are kept where they fit. */
export function halfway(position: Position, refusedMinor: number): number {
  const middle = Math.round((position.priceMinor + refusedMinor) / 2);
  const charm = charmBelow(middle);
  return charm >= Math.min(refusedMinor, position.priceMinor) && charm >= position.lowestMinor ? charm : middle;
}
