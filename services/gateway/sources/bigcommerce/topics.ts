import { goneTopics } from '../../mapping/gone.ts';
import type { Topic } from '../../mapping/topic.ts';
import { byName } from '../reading.ts';
import { hookTopics } from './hooks.ts';
import { orderTopic } from './orders.ts';
import { customerTopic } from './people.ts';
import { productTopic } from './products.ts';

const HOOKS = byName(hookTopics);

/** What the executor has read. */
export const READ_TOPICS = byName([orderTopic, productTopic, customerTopic, ...goneTopics()]);

/** `store/channel/1/order/updated` is about the same orders as `store/order/updated`. */
const CHANNEL = /^store\/channel\/[^/]+\//;

export function topicOfScope(scope: string): Topic | undefined {
  return HOOKS.get(scope.replace(CHANNEL, 'store/'));
}
