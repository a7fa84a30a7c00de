import { reorderPlace } from '#shared/contracts/actions/reorder-place.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { type CallKind, faultOfStatus, faultOfThrown } from './faults.ts';
import { tryWithin } from './patience.ts';
import type { Call, Shop } from './shopify/admin-client.ts';
import { done, type Errand, failed, type Operation } from './shopify/operation.ts';

const ORDERS_PATH = '/suppliers/purchase-orders';

/** Where purchase orders go: a small REST desk that honours an idempotency key. The key of an order is its action's id. */
export class SupplierDesk {
  readonly #shop: Shop;
  readonly #clocks: Clocks;

  constructor(shop: Shop, clocks: Clocks) {
    this.#shop = shop;
    this.#clocks = clocks;
  }

  async place(order: { key: string; supplier: string; sku: string; units: number }, call: Call): Promise<void> {
    const { key, supplier, sku, units } = order;
    await this.#ask('write', 'POST', '', call, key, { key, supplier, lines: [{ sku, units }] });
  }

  async cancel(key: string, call: Call): Promise<void> {
    await this.#ask('write', 'DELETE', `/${encodeURIComponent(key)}`, call, call.action);
  }

  /** The state of an order, or undefined where the desk has none of this key. */
  async look(key: string, call: Call): Promise<string | undefined> {
    try {
      const answer = await this.#ask('read', 'GET', `/${encodeURIComponent(key)}`, call);
      return String((answer as { state?: unknown }).state ?? 'open');
    } catch (thrown) {
      if (thrown instanceof PermanentError && thrown.reason === 'not-found') return undefined;
      throw thrown;
    }
  }

  #ask(kind: CallKind, method: string, path: string, call: Call, key?: string, body?: object): Promise<unknown> {
    return tryWithin(() => this.#send(kind, method, path, call, key, body), call.signal, this.#clocks);
  }

  async #send(kind: CallKind, method: string, path: string, call: Call, key?: string, body?: object): Promise<unknown> {
    let response: Response;
    try {
      response = await fetch(`${this.#shop.url}${ORDERS_PATH}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          'x-shopify-access-token': this.#shop.token,
          'x-parley-action': call.action,
          ...(key === undefined ? {} : { 'idempotency-key': key }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(LIMITS.storeHttpMs),
      });
      const text = await response.text();
      if (response.ok) return text === '' ? {} : JSON.parse(text);
    } catch (thrown) {
      throw faultOfThrown(thrown, kind);
    }
    throw faultOfStatus(response.status, kind);
  }
}

export const placeReorder: Operation = {
  async execute({ action, suppliers, call }) {
    const { supplier, sku, units } = reorderPlace.params.parse(action.params);
    await suppliers.place({ key: action.action, supplier, sku, units }, call);
    return { purchaseOrder: action.action, units };
  },
  async readBack({ action, suppliers, call }) {
    const state = await suppliers.look(action.action, call);
    return state === undefined ? failed('The supplier has no such order') : done({ purchaseOrder: action.action });
  },
};

export const cancelReorder: Operation = {
  async execute({ action, suppliers, call }: Errand) {
    if (action.purchaseOrder === undefined) throw new PermanentError('not-found', 'No order is open at this supplier');
    await suppliers.cancel(action.purchaseOrder, call);
    return { purchaseOrder: action.purchaseOrder };
  },
  async readBack({ action, suppliers, call }) {
    if (action.purchaseOrder === undefined) return failed('No order is open at this supplier');
    const state = await suppliers.look(action.purchaseOrder, call);
    return state === undefined || state === 'cancelled'
      ? done({ purchaseOrder: action.purchaseOrder })
      : failed(`The supplier's order is ${state}`);
  },
};
