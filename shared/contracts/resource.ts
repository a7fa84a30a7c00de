import { z } from 'zod';

/** Kinds of things that are acted on. `sku`, `order`, `customer` and `budget` are leaves; `category`, `bundle`, `product` and `supplier` are groups or bystanders. */
export const RESOURCE_KINDS = [
  'sku',
  'product',
  'category',
  'bundle',
  'order',
  'customer',
  'supplier',
  'budget',
  'campaign',
  'competitor',
  'schedule',
  'escalation',
  'store',
  'message',
] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];

/** A typed key: `sku:85123A`, `order:563185`, `category:candles`. */
export type ResourceKey = `${ResourceKind}:${string}`;

export const ASPECTS = [
  'price',
  'promotion',
  'stock',
  'reorder',
  'lifecycle',
  'contact',
  'fulfilment',
  'refund',
  'spend',
] as const;
export type Aspect = (typeof ASPECTS)[number];

const KEY = new RegExp(`^(?:${RESOURCE_KINDS.join('|')}):[\\w.+/# -]{1,80}$`, 'u');

export const resourceKey = z.custom<ResourceKey>(
  (value) => typeof value === 'string' && KEY.test(value),
  'not a resource key such as "sku:85123A"',
);

export function resource(kind: ResourceKind, name: string): ResourceKey {
  return `${kind}:${name}`;
}

export function kindOf(key: ResourceKey): ResourceKind {
  return key.slice(0, key.indexOf(':')) as ResourceKind;
}

export function nameOf(key: string): string {
  return key.slice(key.indexOf(':') + 1);
}
