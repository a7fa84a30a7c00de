import { type ResourceKey, resource } from '#shared/contracts/resource.ts';
import type { OrderStep } from '#shared/store/deliveries/history.ts';
import type { Known } from '../../mapping/topic.ts';

/** What is known of an order that a body names by its number only. Pure. */

export const orderKey = (body: { readonly order_id: string }): ResourceKey => resource('order', body.order_id);

export const placedOf = (steps: readonly OrderStep[]): OrderStep | undefined =>
  steps.find((step) => step.type === 'order.placed');

/** What follows from a test order drives nothing either. */
export const isTest = (known: Known, body: { readonly order_id: string }): boolean =>
  placedOf(known.order(orderKey(body)))?.test === true;
