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

const topicsOf = (types: readonly StandardType[]): ReadonlyMap<string, Topic> =>
  new Map(types.map((type) => [type.type, topicOf(type)]));

const all = [...STANDARD_TYPES.values()];

/** What a sender may say to a store, by the store's clock. */
export const STANDARD_TOPICS: Readonly<Record<'live' | 'replay', ReadonlyMap<string, Topic>>> = {
  live: topicsOf(all.filter(({ inReplayOnly }) => !inReplayOnly)),
  replay: topicsOf(all),
};
