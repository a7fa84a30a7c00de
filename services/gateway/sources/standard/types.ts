import { z } from 'zod';
import { STANDARD_TYPES, type StandardType } from '#shared/contracts/standard-types.ts';
import { present } from '../../mapping/fields.ts';
import { defineTopic, type Topic } from '../../mapping/topic.ts';

/** The envelope's own `timestamp` is the time of the event; reading passes it on as `toldAt`. */
const topicOf = ({ type, data, about, says }: StandardType): Topic =>
  defineTopic({
    topic: type,
    body: z.object({ data }),
    map: (body, { store, toldAt }) => ({
      events: [{ type, subject: about(body.data, store), time: toldAt, data: present(says(body.data)) }],
    }),
  });

export const STANDARD_TOPICS: ReadonlyMap<string, Topic> = new Map(
  [...STANDARD_TYPES].map(([name, type]) => [name, topicOf(type)]),
);
