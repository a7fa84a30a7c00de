import type { Topic } from '../topic.ts';
import { afterSaleTopics } from './after-sale.ts';
import { discountTopics } from './discounts.ts';
import { holdTopics } from './holds.ts';
import { orderTopics } from './orders.ts';
import { customerTopics } from './people.ts';
import { productTopics } from './products.ts';
import { stockTopics } from './stock.ts';
import { worldTopics } from './world.ts';

const byName = (topics: readonly Topic[]): ReadonlyMap<string, Topic> =>
  new Map(topics.map((topic) => [topic.topic, topic]));

/** Every topic that is understood, by the platform of the endpoint. */
export const SHOPIFY_TOPICS = byName([
  ...orderTopics,
  ...afterSaleTopics,
  ...productTopics,
  ...stockTopics,
  ...customerTopics,
  ...holdTopics,
  ...discountTopics,
]);

export const STANDARD_TYPES = byName(worldTopics);
