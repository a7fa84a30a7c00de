import { unreachable } from '#shared/kernel/errors.ts';
import { customerBody, itemBody, levelBody, productBody } from '../bodies/catalogue.ts';
import type { Product, Variant } from '../catalogue/goods.ts';
import { presentSale } from './present-sale.ts';
import type { Delivery, Step } from './steps.ts';
import { shopifyWebhook, worldWebhook } from './webhook.ts';
import type { World } from './world.ts';

/** A step happens: the store changes, and these webhooks tell of it. The same step in the same store gives the same webhooks. */
export function present(world: World, step: Step): Delivery[] {
  world.clockMs = Math.max(world.clockMs, step.atMs);
  const { ref, atMs } = step;
  switch (step.kind) {
    case 'product':
      return [productWebhook(world, 'products/create', step.product, ref, atMs)];
    case 'item': {
      const { variant } = step;
      const keys = [`item:${variant.itemId}`, `product:${variant.productId}`];
      return [shopifyWebhook(world, 'inventory_items/update', ref, atMs, { keys }, () => itemBody(variant, atMs))];
    }
    case 'level':
      return [levelWebhook(world, step.variant, ref, atMs)];
    case 'supplier':
      return [worldWebhook(world, 'supplier.listed', ref, atMs, [`supplier:${step.supplier.supplier}`], step.supplier)];
    case 'customer': {
      const { customer } = step;
      world.customers.set(customer.id, customer);
      const keys = [`customer:${customer.id}`];
      return [
        shopifyWebhook(world, 'customers/create', ref, atMs, { keys }, () =>
          customerBody(customer, customer.subscribed, atMs),
        ),
      ];
    }
    case 'consent': {
      const { customer, subscribed } = step;
      world.consent.set(customer.id, subscribed);
      const keys = [`customer:${customer.id}`];
      return [
        shopifyWebhook(world, 'customers/update', ref, atMs, { keys }, () => customerBody(customer, subscribed, atMs)),
      ];
    }
    case 'order':
    case 'paid':
    case 'risk':
    case 'fulfil':
    case 'transit':
    case 'cancel':
    case 'refund':
    case 'dispute':
      return presentSale(world, step);
    case 'write-off':
    case 'found':
    case 'arrival':
      return presentStock(world, step);
    case 'restock-wanted': {
      if (world.level(step.variant.itemId) > 0) return [];
      const data = { sku: step.variant.sku, customer: String(step.customer.id) };
      return [worldWebhook(world, 'restock.requested', ref, atMs, [`customer:${step.customer.id}`], data)];
    }
    case 'world':
      if (step.order && world.cancelledAt(step.order) !== null) return [];
      return [worldWebhook(world, step.type, ref, atMs, [step.key], step.data)];
    case 'end':
      return [worldWebhook(world, 'replay.ended', ref, atMs, [], {})];
    default:
      return unreachable(step);
  }
}

type StockStep = Extract<Step, { kind: 'write-off' | 'found' | 'arrival' }>;

/** A movement of stock and the level after it. */
function presentStock(world: World, step: StockStep): Delivery[] {
  const { ref, atMs, variant, units } = step;
  world.move(variant.itemId, step.kind === 'write-off' ? -units : units);
  const keys = [`item:${variant.itemId}`];
  const level = levelWebhook(world, variant, ref, atMs);
  switch (step.kind) {
    case 'found':
      return [level];
    case 'write-off': {
      const data = { sku: variant.sku, units, cause: step.cause };
      return [worldWebhook(world, 'stock.written-off', ref, atMs, keys, data), level];
    }
    case 'arrival': {
      const data = { supplier: variant.supplier, sku: variant.sku, units, purchaseOrder: step.purchaseOrder };
      return [worldWebhook(world, 'stock.received', ref, atMs, keys, data), level];
    }
    default:
      return unreachable(step);
  }
}

export function levelWebhook(world: World, variant: Variant, ref: string, atMs: number): Delivery {
  const level = world.level(variant.itemId);
  const keys = [`item:${variant.itemId}`];
  return shopifyWebhook(world, 'inventory_levels/update', ref, atMs, { keys }, () =>
    levelBody(variant.itemId, level, atMs),
  );
}

export function productWebhook(world: World, topic: string, product: Product, ref: string, atMs: number): Delivery {
  const prices = new Map(product.variants.map((variant) => [variant, world.price(variant)]));
  const levels = new Map(product.variants.map((variant) => [variant, world.level(variant.itemId)]));
  const compared = new Map(product.variants.map((variant) => [variant, world.compareAt(variant)]));
  const view = {
    status: world.status(product),
    price: (variant: Variant) => prices.get(variant)!,
    compareAt: (variant: Variant) => compared.get(variant) ?? null,
    level: (variant: Variant) => levels.get(variant)!,
  };
  const keys = [`product:${product.id}`];
  return shopifyWebhook(world, topic, ref, atMs, { keys }, () => productBody(product, view, atMs));
}
