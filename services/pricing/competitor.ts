import { pass } from '#shared/agent/propose.ts';
import type { Proposal } from '#shared/contracts/answer.ts';
import type { FactView } from '#shared/contracts/facts.ts';
import { formatMoney } from '#shared/kernel/money.ts';
import { DAY_MS, type Instant, plus } from '#shared/kernel/time.ts';
import { charmWithin, type Position, smallestMove } from './position.ts';
import { reprice } from './reprice.ts';

const FRESH_MS = 14 * DAY_MS;
/** Beyond twice or below half of our own list price it is another pack size, another article or a slip. */
const PLAUSIBLE_FACTOR = 2;
/** Among three or more, a lowest price this far below the next is one shop's clearance and not the market. */
const LONELY_SHARE = 0.85;

/**
 * Follows the lowest credible competitor price down, and back up again as far as the list price that people set; never
 * below the lower bound. A price seen in an order is never looked at: a wholesale tier is no market price.
 */
export function matchCompetitor(position: Position, facts: FactView, now: Instant): Proposal {
  const market = lowestCredible(position, facts, now);
  if (!market) return pass('no fresh and credible competitor price');
  const units = facts.get(position.key, 'available')?.value.units;
  if (units !== undefined && units <= 0) return pass('nothing in stock to sell at a better price');
  const { priceMinor, referenceMinor, lowestMinor } = position;
  const toMinor =
    market.minor >= referenceMinor ? referenceMinor : charmWithin(market.minor, lowestMinor, referenceMinor);
  if (toMinor > priceMinor && position.plan?.method !== 'competitor') {
    return pass('the price is not low because of a competitor');
  }
  // Upwards it takes twice the move, so that two shops which follow each other do not make the price flutter.
  if (toMinor > priceMinor && toMinor - priceMinor < 2 * smallestMove(position)) {
    return pass('too little above the present price');
  }
  if (toMinor < priceMinor && priceMinor <= market.minor) return pass('already at or below the market');
  const floored = market.minor < lowestMinor ? ', held at the lower bound' : '';
  const why = `${market.name} asks ${formatMoney(market.minor, position.currency)}${floored}`;
  return reprice(position, { method: 'competitor', toMinor, why, rests: ['competitor-prices'] }, facts);
}

function lowestCredible(
  position: Position,
  facts: FactView,
  now: Instant,
): { name: string; minor: number } | undefined {
  const oldest = plus(now, -FRESH_MS);
  const { referenceMinor, currency } = position;
  const seen = Object.entries(facts.get(position.key, 'competitor-prices')?.value ?? {})
    .filter(([, price]) => price.currency === currency && price.at >= oldest)
    .filter(
      ([, price]) =>
        price.minor * PLAUSIBLE_FACTOR >= referenceMinor && price.minor <= referenceMinor * PLAUSIBLE_FACTOR,
    )
    .map(([name, price]) => ({ name, minor: price.minor }))
    .sort((a, b) => a.minor - b.minor || (a.name < b.name ? -1 : 1));
  const [first, second] = seen;
  return seen.length >= 3 && first!.minor < second!.minor * LONELY_SHARE ? second : first;
}
