import type { StorePlatform } from '#shared/contracts/sources.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import { BigCommerceConcierge } from './bigcommerce/bigcommerce-concierge.ts';
import type { StoreConcierge } from './concierge.ts';
import { bigCommerceCredential, wooCredential } from './credentials.ts';
import type { Http } from './outbound.ts';
import { ShopifyConcierge } from './shopify/shopify-concierge.ts';
import { WooCommerceConcierge } from './woocommerce/woocommerce-concierge.ts';

/** The concierge of a platform. `credential` is the opened text of the row of `credentials`. */
export function openConcierge(platform: StorePlatform, http: Http, credential: string, clocks: Clocks): StoreConcierge {
  switch (platform) {
    case 'shopify':
      return new ShopifyConcierge(http, credential, clocks);
    case 'woocommerce':
      return new WooCommerceConcierge(http, wooCredential(credential), clocks);
    case 'bigcommerce':
      return new BigCommerceConcierge(http, bigCommerceCredential(credential), clocks);
    case 'sandbox':
      throw new PermanentError('not-supported', 'The sandbox is connected by "npm start" itself');
  }
}
