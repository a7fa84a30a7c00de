import { z } from 'zod';
import type { ReadKind } from '#shared/contracts/sources.ts';
import { id, text } from '../../mapping/fields.ts';
import { defineTopic } from '../../mapping/topic.ts';

/** Webhooks that say which resource changed and not how it is now: the platform is asked. Pure. */

/** The topic is not signed, the body is: a deletion holds an id and nothing else. Whether it is gone, the platform says. */
const deleted = z.strictObject({ id });

const deletedTopic = (topic: string, kind: ReadKind) =>
  defineTopic({ topic, body: deleted, map: (body) => ({ asks: [{ kind, ref: body.id, cause: 'thin' }] }) });

/** The next generation's topics are resources, and its body holds what the subscription's own query asked for: any shape. */
const KINDS: Readonly<Record<string, ReadKind>> = {
  Product: 'product',
  Order: 'order',
  Customer: 'customer',
  InventoryItem: 'stock',
};

const event = z.object({
  topic: text,
  action: text,
  query_variables: z.unknown().optional(),
  fields_changed: z.unknown().optional(),
  data: z.unknown().optional(),
});

/** The resource's own id: in the query's variables, else in the paths of what changed, else in what the query gave. */
function refIn(body: z.infer<typeof event>): string | undefined {
  const own = new RegExp(`gid://shopify/${body.topic}/(\\d{1,24})`);
  const parts = [body.query_variables, body.fields_changed, body.data];
  return parts.flatMap((part) => own.exec(JSON.stringify(part) ?? '')?.[1] ?? [])[0];
}

const eventTopic = (resource: string, action: string) =>
  defineTopic({
    topic: `${resource}/${action}`,
    body: event,
    map: (body) => {
      // Its header is not signed, what it says of itself is.
      const kind = Object.hasOwn(KINDS, body.topic) ? KINDS[body.topic] : undefined;
      const ref = kind && refIn(body);
      return ref ? { asks: [{ kind, ref, cause: 'thin' }] } : { ignored: 'unknown-item' };
    },
  });

export const thinTopics = [
  deletedTopic('orders/delete', 'order'),
  deletedTopic('products/delete', 'product'),
  ...Object.keys(KINDS).flatMap((resource) =>
    ['create', 'update', 'delete'].map((action) => eventTopic(resource, action)),
  ),
];
