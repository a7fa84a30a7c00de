import { byName } from '../reading.ts';
import { afterSaleTopics } from './after-sale.ts';
import { discountTopics } from './discounts.ts';
import { fetchedTopics } from './fetched.ts';
import { holdTopics } from './holds.ts';
import { orderTopics } from './orders.ts';
import { parcelTopics } from './parcels.ts';
import { customerTopics } from './people.ts';
import { productTopics } from './products.ts';
import { shopTopics } from './shop.ts';
import { stockTopics } from './stock.ts';
import { thinTopics } from './thin.ts';

/** Every topic of Shopify's that is understood. */
export const SHOPIFY_TOPICS = byName([
  ...orderTopics,
  ...parcelTopics,
  ...afterSaleTopics,
  ...productTopics,
  ...stockTopics,
  ...customerTopics,
  ...holdTopics,
  ...discountTopics,
  ...shopTopics,
  ...thinTopics,
  ...fetchedTopics,
]);
