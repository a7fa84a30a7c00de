import { z } from 'zod';
import { PermanentError } from '#shared/kernel/errors.ts';
import { id, text } from '../../mapping/fields.ts';
import { defineTopic } from '../../mapping/topic.ts';

/**
 * The app is gone from the shop: its token is void, and after this no webhook comes. It is no event, because nothing in the
 * shop has changed; it is a dead letter, because a person has to see it and connect the store again.
 */
export const shopTopics = [
  defineTopic({
    topic: 'app/uninstalled',
    body: z.object({ id, myshopify_domain: text.nullable() }),
    map: () => {
      throw new PermanentError(
        'app-uninstalled',
        'The shop has removed the app: no webhook comes any more, and nothing can be written to the store. Connect it again with "parley store add".',
      );
    },
  }),
];
