import { PermanentError } from '#shared/kernel/errors.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import type { Outcome, ReadBack, StoreAction, StoreConnector } from '../connector.ts';
import { keptInOwnBooks } from '../ends.ts';
import type { Http } from '../outbound.ts';
import type { StoreReader } from '../reader.ts';
import { giveCoupon, giveCredit } from './coupons.ts';
import type { Operation } from './operation.ts';
import { cancelOrder, holdOrder, releaseOrder, tagOrder } from './orders.ts';
import { archiveProduct, setPrice } from './products.ts';
import { launchPromotion, stopPromotion } from './promotions.ts';
import { issueRefund } from './refunds.ts';
import { correctStock } from './stock.ts';
import { WooClient, type WooCredential } from './woo-client.ts';
import { WooCommerceReader } from './woocommerce-reader.ts';

/** Every action type that goes to a store, and how. Mails are not here: they go by the mail driver. */
export const WOOCOMMERCE_OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ['price.set', setPrice],
  ['promotion.launch', launchPromotion],
  ['promotion.pause', stopPromotion],
  ['promotion.end', stopPromotion],
  ['stock.correct', correctStock],
  ['stock.reserve', keptInOwnBooks],
  ['product.archive', archiveProduct],
  ['order.hold', holdOrder],
  ['order.release', releaseOrder],
  ['order.cancel', cancelOrder],
  ['order.tag', tagOrder],
  ['refund.issue', issueRefund],
  ['credit.give', giveCredit],
  ['coupon.give', giveCoupon],
]);

/** What the platform has no place for, in the words that people are told. */
const MISSING: Readonly<Record<string, string>> = {
  'order.split': 'WooCommerce sends an order in one piece: it has no parts that could leave later',
  'order.upgrade': 'WooCommerce books no shipping: another service is chosen where the label is bought',
  'shipping.offer': 'WooCommerce has no shipping offer for one customer',
  'feed.push': 'WooCommerce has no marketplace feed of its own',
  'reorder.place': 'WooCommerce knows no suppliers: the order is placed by hand',
  'reorder.cancel': 'WooCommerce knows no suppliers: the order is cancelled by hand',
};

/** The driver for WooCommerce's REST API v3: no keys, no locks, so that every write is read before and found again by its mark. */
export class WooCommerceConnector implements StoreConnector {
  readonly #woo: WooClient;
  readonly #clocks: Clocks;

  constructor(http: Http, credential: WooCredential, clocks: Clocks) {
    this.#woo = new WooClient(http, credential, clocks);
    this.#clocks = clocks;
  }

  async execute(action: StoreAction, signal: AbortSignal): Promise<Outcome> {
    return operationOf(action).execute(this.#errand(action, signal));
  }

  async readBack(action: StoreAction, signal: AbortSignal): Promise<ReadBack> {
    return operationOf(action).readBack(this.#errand(action, signal));
  }

  /** Reads through the same client, which knows when the store wants to be left alone. */
  reader(): StoreReader {
    return new WooCommerceReader(this.#woo);
  }

  #errand(action: StoreAction, signal: AbortSignal) {
    return {
      action,
      woo: this.#woo,
      call: { action: action.action, signal, lane: action.lane, beginByMs: action.beginByMs },
      clocks: this.#clocks,
    };
  }
}

function operationOf({ type }: StoreAction): Operation {
  const operation = WOOCOMMERCE_OPERATIONS.get(type);
  if (!operation) throw new PermanentError('not-supported', MISSING[type] ?? `WooCommerce cannot carry out ${type}`);
  return operation;
}
