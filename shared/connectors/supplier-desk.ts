import { reorderPlace } from '#shared/contracts/actions/reorder-place.ts';
import { PermanentError, TransientError } from '#shared/kernel/errors.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import type { Call } from './call.ts';
import { done, failed, mustShow } from './ends.ts';
import { type CallKind, faultOfStatus, maybeHappened } from './faults.ts';
import type { HttpRequest } from './outbound.ts';
import { tryWithin } from './patience.ts';
import type { Shop } from './shopify/admin-client.ts';
import type { Errand, Operation } from './shopify/operation.ts';

/** An order as the desk shows it; null or without a key where something else has answered. */
type Shown = { readonly key?: unknown; readonly state?: unknown } | null;

type Method = HttpRequest['method'];

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
    const answer = await this.#ask('write', 'POST', '', call, key, { key, supplier, lines: [{ sku, units }] });
    mustShow(answer?.key === key);
  }

  async cancel(key: string, call: Call): Promise<void> {
    const answer = await this.#ask('write', 'DELETE', `/${encodeURIComponent(key)}`, call, call.action);
    mustShow(answer?.key === key && answer.state === 'cancelled');
  }

  /** The state of an order, or undefined where the desk has none of this key. */
  async look(key: string, call: Call): Promise<string | undefined> {
    try {
      const answer = await this.#ask('read', 'GET', `/${encodeURIComponent(key)}`, call);
      if (answer?.key !== key) throw new TransientError('unknown-shape', 'The desk answered without the order');
      return String(answer.state ?? 'open');
    } catch (thrown) {
      if (thrown instanceof PermanentError && thrown.reason === 'not-found') return undefined;
      throw thrown;
    }
  }

  #ask(kind: CallKind, method: Method, path: string, call: Call, key?: string, body?: object): Promise<Shown> {
    return tryWithin(() => this.#send(kind, method, path, call, key, body), call.signal, this.#clocks);
  }

  async #send(kind: CallKind, method: Method, path: string, call: Call, key?: string, body?: object): Promise<Shown> {
    const headers = {
      'x-shopify-access-token': await this.#shop.token.get(),
      'x-parley-action': call.action,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const { beginByMs } = call;
    const request = { method, path: `${ORDERS_PATH}${path}`, headers, body: body && JSON.stringify(body), beginByMs };
    const { status, text } = await this.#shop.http.ask(request, kind);
    if (status < 200 || status > 299) throw faultOfStatus(status, kind);
    try {
      return text === '' ? {} : JSON.parse(text);
    } catch (thrown) {
      throw maybeHappened(kind, 'unknown-shape', 'The desk answered with what is no JSON', thrown);
    }
  }
}

function deskOf({ suppliers }: Errand): SupplierDesk {
  if (suppliers) return suppliers;
  throw new PermanentError(
    'not-supported',
    'This store has no way to order from a supplier; the order is placed by hand',
  );
}

export const placeReorder: Operation = {
  async execute(errand) {
    const { action, call } = errand;
    const { supplier, sku, units } = reorderPlace.params.parse(action.params);
    await deskOf(errand).place({ key: action.action, supplier, sku, units }, call);
    return { purchaseOrder: action.action, units };
  },
  async readBack(errand) {
    const { action, call } = errand;
    const state = await deskOf(errand).look(action.action, call);
    return state === undefined ? failed('The supplier has no such order') : done({ purchaseOrder: action.action });
  },
};

export const cancelReorder: Operation = {
  async execute(errand) {
    const { action, call } = errand;
    const desk = deskOf(errand);
    if (action.purchaseOrder === undefined) throw new PermanentError('not-found', 'No order is open at this supplier');
    await desk.cancel(action.purchaseOrder, call);
    return { purchaseOrder: action.purchaseOrder };
  },
  async readBack(errand) {
    const { action, call } = errand;
    if (action.purchaseOrder === undefined) return failed('No order is open at this supplier');
    const state = await deskOf(errand).look(action.purchaseOrder, call);
    return state === undefined || state === 'cancelled'
      ? done({ purchaseOrder: action.purchaseOrder })
      : failed(`The supplier's order is ${state}`);
  },
};
