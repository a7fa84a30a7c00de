import { orderHold } from '#shared/contracts/actions/order-hold.ts';
import { orderRelease } from '#shared/contracts/actions/order-release.ts';
import { orderSplit } from '#shared/contracts/actions/order-split.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { agreed, done, failed, oneByOne } from '../ends.ts';
import type { Errand, Operation } from './operation.ts';
import { HOLD, READ_FULFILMENT, READ_FULFILMENT_LINES, RELEASE, SPLIT } from './order-documents.ts';
import { orderOf } from './orders.ts';

const HOLD_REASONS = {
  fraud: 'HIGH_RISK_OF_FRAUD',
  payment: 'AWAITING_PAYMENT',
  stock: 'INVENTORY_OUT_OF_STOCK',
  address: 'INCORRECT_ADDRESS',
  other: 'OTHER',
} as const;

/** A fulfilment order in one of these has work left that can be held or split. */
const OPEN = new Set(['OPEN', 'SCHEDULED', 'ON_HOLD', 'IN_PROGRESS']);

interface Part {
  readonly id: string;
  readonly status: string;
  readonly fulfillmentHolds: readonly { id: string; handle: string | null; heldByRequestingApp?: boolean }[];
}

interface PartWithLines {
  readonly id: string;
  readonly status: string;
  readonly lineItems: { readonly nodes: readonly { id: string; sku: string | null; remainingQuantity: number }[] };
}

async function openParts<Kind extends { status: string }>(errand: Errand, document: string): Promise<Kind[]> {
  const { order } = await errand.admin.read<{ order: { fulfillmentOrders: { nodes: Kind[] } } | null }>(
    document,
    { id: orderOf(errand) },
    errand.call,
  );
  if (!order) throw new PermanentError('not-found', 'The store has no such order');
  return order.fulfillmentOrders.nodes.filter((part) => OPEN.has(part.status));
}

const ownHolds = (part: Part, handle: string) =>
  part.fulfillmentHolds.filter((hold) => hold.handle === handle && hold.heldByRequestingApp !== false);

/** The handle is the idempotency key: the platform takes one handle of an app once on each fulfilment order. */
export const holdOrder: Operation = {
  async execute(errand) {
    const { handle, holdReason, note } = orderHold.params.parse(errand.action.params);
    const parts = await openParts<Part>(errand, READ_FULFILMENT);
    if (parts.length === 0) throw new PermanentError('store-conflict', 'Nothing of the order is left to hold');
    const free = parts.filter((part) => ownHolds(part, handle).length === 0);
    await oneByOne(free, async (part) => {
      const hold = { reason: HOLD_REASONS[holdReason], reasonNotes: note, handle, notifyMerchant: false };
      await errand.admin.write(HOLD, { id: part.id, hold }, errand.call, ['DUPLICATE_FULFILLMENT_HOLD_HANDLE']);
    });
    return { handle, held: parts.length };
  },
  async readBack(errand) {
    const { handle } = orderHold.params.parse(errand.action.params);
    const parts = await openParts<Part>(errand, READ_FULFILMENT);
    const shown = parts.map((part) => ownHolds(part, handle).length > 0);
    return agreed(shown, { handle }, failed('Nothing of the order is left to hold'));
  },
};

/** Releases the hold of this handle only: another's hold is another's reason. */
export const releaseOrder: Operation = {
  async execute(errand) {
    const { handle } = orderRelease.params.parse(errand.action.params);
    const parts = await openParts<Part>(errand, READ_FULFILMENT);
    const held = parts.filter((part) => ownHolds(part, handle).length > 0);
    await oneByOne(held, async (part) => {
      const holds = ownHolds(part, handle).map((hold) => hold.id);
      await errand.admin.write(RELEASE, { id: part.id, holds }, errand.call);
    });
    return { handle, released: held.length };
  },
  async readBack(errand) {
    const { handle } = orderRelease.params.parse(errand.action.params);
    const parts = await openParts<Part>(errand, READ_FULFILMENT);
    const shown = parts.map((part) => ownHolds(part, handle).length === 0);
    return agreed(shown, { handle }, done({ handle }));
  },
};

interface Split {
  readonly fulfillmentOrderId: string;
  readonly fulfillmentOrderLineItems: { id: string; quantity: number }[];
}

/** Takes the units that go later out of the parts that hold them; a part that would go whole needs no split. */
export function splitsOf(parts: readonly PartWithLines[], later: readonly { sku: string; units: number }[]): Split[] {
  const wanted = new Map<string, number>();
  for (const { sku, units } of later) wanted.set(sku, (wanted.get(sku) ?? 0) + units);
  const splits: Split[] = [];
  for (const part of parts) {
    const taken: { id: string; quantity: number }[] = [];
    let stays = 0;
    for (const line of part.lineItems.nodes) {
      const quantity = Math.min(line.remainingQuantity, wanted.get(line.sku ?? '') ?? 0);
      if (quantity > 0) taken.push({ id: line.id, quantity });
      wanted.set(line.sku ?? '', (wanted.get(line.sku ?? '') ?? 0) - quantity);
      stays += line.remainingQuantity - quantity;
    }
    if (taken.length > 0 && stays > 0) splits.push({ fulfillmentOrderId: part.id, fulfillmentOrderLineItems: taken });
  }
  return splits;
}

export const splitOrder: Operation = {
  async execute(errand) {
    const { later } = orderSplit.params.parse(errand.action.params);
    const splits = splitsOf(await openParts<PartWithLines>(errand, READ_FULFILMENT_LINES), later);
    if (splits.length === 0) throw new PermanentError('store-conflict', 'Nothing of the order is left to split');
    await errand.admin.write(SPLIT, { splits }, errand.call);
    return { splits: splits.length };
  },
  async readBack(errand) {
    const { later } = orderSplit.params.parse(errand.action.params);
    const parts = await openParts<PartWithLines>(errand, READ_FULFILMENT_LINES);
    const skus = new Set(later.map((line) => line.sku));
    const apart = parts.some((part) =>
      part.lineItems.nodes.every((line) => line.remainingQuantity === 0 || skus.has(line.sku ?? '')),
    );
    return parts.length > 1 && apart ? done({}) : failed('No part of the order holds only what goes later');
  },
};
