import { PermanentError } from '#shared/kernel/errors.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import type { Outcome, ReadBack, StoreAction, StoreConnector } from '../connector.ts';
import { keptInOwnBooks } from '../ends.ts';
import type { StoreReader } from '../reader.ts';
import { cancelReorder, placeReorder, type SupplierDesk } from '../supplier-desk.ts';
import { AdminClient, type Shop } from './admin-client.ts';
import { giveCoupon } from './code-discounts.ts';
import { holdOrder, releaseOrder, splitOrder } from './fulfilment.ts';
import { giveCredit, issueRefund } from './money.ts';
import type { Errand, Operation } from './operation.ts';
import { cancelOrder, tagOrder } from './orders.ts';
import { archiveProduct, setPrice } from './products.ts';
import { stopPromotion } from './promotion-stop.ts';
import { launchPromotion } from './promotions.ts';
import { ShopifyReader } from './shopify-reader.ts';
import { correctStock } from './stock.ts';

/** Every action type that goes to a store, and how. Mails are not here: they go by the mail driver. */
export const SHOPIFY_OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ['price.set', setPrice],
  ['promotion.launch', launchPromotion],
  ['promotion.pause', stopPromotion],
  ['promotion.end', stopPromotion],
  ['stock.correct', correctStock],
  ['stock.reserve', keptInOwnBooks],
  ['reorder.place', placeReorder],
  ['reorder.cancel', cancelReorder],
  ['product.archive', archiveProduct],
  ['order.hold', holdOrder],
  ['order.release', releaseOrder],
  ['order.split', splitOrder],
  ['order.cancel', cancelOrder],
  ['order.tag', tagOrder],
  ['refund.issue', issueRefund],
  ['credit.give', giveCredit],
  ['coupon.give', giveCoupon],
]);

/** A desk for purchase orders, where one is known, beside the shop itself. */
export interface ShopifyStore extends Shop {
  readonly suppliers?: SupplierDesk | undefined;
}

/** The driver for Shopify's Admin API, and for the sandbox store, which answers in its shape. */
export class ShopifyConnector implements StoreConnector {
  readonly #admin: AdminClient;
  readonly #suppliers: SupplierDesk | undefined;
  readonly #clocks: Clocks;

  constructor(shop: ShopifyStore, clocks: Clocks) {
    this.#admin = new AdminClient(shop, clocks);
    this.#suppliers = shop.suppliers;
    this.#clocks = clocks;
  }

  async execute(action: StoreAction, signal: AbortSignal): Promise<Outcome> {
    return operationOf(action).execute(this.#errand(action, signal));
  }

  async readBack(action: StoreAction, signal: AbortSignal): Promise<ReadBack> {
    return operationOf(action).readBack(this.#errand(action, signal));
  }

  /** Reads through the same client: whatever is asked of the store comes out of one bucket of points. */
  reader(): StoreReader {
    return new ShopifyReader(this.#admin, this.#clocks);
  }

  #errand(action: StoreAction, signal: AbortSignal): Errand {
    const { lane, beginByMs } = action;
    const call = { action: action.action, signal, lane, beginByMs };
    return { action, admin: this.#admin, suppliers: this.#suppliers, call, clocks: this.#clocks };
  }
}

function operationOf(action: StoreAction): Operation {
  const operation = SHOPIFY_OPERATIONS.get(action.type);
  if (!operation) throw new PermanentError('not-supported', `This store cannot carry out ${action.type}`);
  return operation;
}
