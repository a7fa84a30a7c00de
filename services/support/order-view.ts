import { disputeOf } from '#shared/contracts/disputed.ts';
import type { FactValues, FactView } from '#shared/contracts/facts.ts';
import { holdsOn } from '#shared/contracts/holds.ts';
import { type ResourceKey, resource } from '#shared/contracts/resource.ts';
import { cut } from '#shared/kernel/plain-text.ts';

/** One order as support sees it. */
export interface OrderView {
  readonly key: ResourceKey;
  readonly placed: FactValues['placed'];
  readonly customer: string | undefined;
  readonly cancelled: boolean;
  readonly refundedMinor: number;
  readonly disputed: boolean;
  readonly paid: boolean;
  readonly held: boolean;
  readonly shipped: boolean;
  readonly shipment: FactValues['shipment'] | undefined;
  readonly told: FactValues['told'];
}

/** The order, or undefined where nothing is known of it: an order from before Parley, or a mistyped one. */
export function orderOf(key: ResourceKey, facts: FactView): OrderView | undefined {
  const placed = facts.get(key, 'placed')?.value;
  if (!placed || placed.test) return undefined;
  return {
    key,
    // A name is part of subjects, which have room for 200 characters.
    placed: { ...placed, name: cut(placed.name, 100) },
    customer: placed.customer,
    cancelled: facts.get(key, 'cancelled') !== undefined,
    refundedMinor: facts.get(key, 'refunded')?.value ?? 0,
    // A dispute that the shop won is over; a lost one has given the money back already.
    disputed: (disputeOf(key, facts) ?? 'won') !== 'won',
    paid: facts.get(key, 'paid') !== undefined,
    held: holdsOn(key, facts).length > 0,
    shipped: facts.get(key, 'fulfilled') !== undefined,
    shipment: facts.get(key, 'shipment')?.value,
    told: facts.get(key, 'told')?.value ?? {},
  };
}

export function orderKey(order: string): ResourceKey {
  return resource('order', order);
}

/** The calendar day of a time, as a mail says it. */
export function day(instant: string): string {
  return instant.slice(0, 10);
}

/** The time of day, in UTC. */
export function clock(instant: string): string {
  return instant.slice(11, 16);
}
