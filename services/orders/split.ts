import { citing, propose } from '#shared/agent/propose.ts';
import type { Proposal } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { nameOf, resource } from '#shared/contracts/resource.ts';
import type { Briefing } from './briefing.ts';

/** Lines that may stay behind in one split; a store takes no more in one call. */
const LATER_MAX = 250;
/** A split is worth a second parcel when at least this share of the lines can leave. */
const SHARE_NOW = 0.7;

/**
 * What is missing after this order was counted: `available` is already net of it, so a negative figure is exactly what
 * this and earlier orders lack. A split is proposed when most of the order can leave and little of it must wait.
 */
export function splitOf(event: Envelope, { facts }: Briefing): Proposal | undefined {
  const lines = event.data.lines as readonly { sku: string; units: number }[];
  const later: { sku: string; units: number }[] = [];
  for (const line of lines) {
    const available = facts.get(resource('sku', line.sku), 'available')?.value;
    if (!available || available.levelTime === '' || available.units >= 0 || line.units === 0) continue;
    later.push({ sku: line.sku, units: Math.min(line.units, -available.units) });
  }
  const merged = [...Map.groupBy(later, (line) => line.sku)].map(([sku, parts]) => ({
    sku,
    units: Math.max(...parts.map((part) => part.units)),
  }));
  if (merged.length === 0 || merged.length > LATER_MAX || merged.length > lines.length * (1 - SHARE_NOW))
    return undefined;
  return propose([
    {
      action: 'order.split',
      objective: 'promise-keeping',
      params: { order: nameOf(event.subject), later: merged },
      reason: `${merged.length} of ${lines.length} lines are not on the shelf; the rest can leave now.`,
      cites: citing(facts, event.subject, 'placed'),
    },
  ]);
}
