import { z } from 'zod';
import { STANDARD_TYPES, type StandardType } from '#shared/contracts/standard-types.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { line } from '#shared/kernel/plain-text.ts';
import { present } from '../../mapping/fields.ts';
import { defineTopic, type Topic } from '../../mapping/topic.ts';

/** The envelope's own `timestamp` is the time of the event; reading passes it on as `toldAt`. */
const topicOf = ({ type, data, inShopCurrency, about, says }: StandardType): Topic =>
  defineTopic({
    topic: type,
    body: z.object({ data }),
    map: (body, { store, currency, toldAt }) => {
      if (inShopCurrency) sameCurrency(body.data.currency, currency);
      return { events: [{ type, subject: about(body.data, store), time: toldAt, data: present(says(body.data)) }] };
    },
  });

function sameCurrency(told: unknown, own: string): void {
  if (told === own) return;
  const position = 'data.currency';
  throw new PermanentError('unknown-shape', `${position}: ${line(String(told), 20)} is not the shop's ${own}`, {
    position,
  });
}

const topicsOf = (types: readonly StandardType[]): ReadonlyMap<string, Topic> =>
  new Map(types.map((type) => [type.type, topicOf(type)]));

const all = [...STANDARD_TYPES.values()];

/** What a sender may say to a store, by the store's clock. */
export const STANDARD_TOPICS: Readonly<Record<'live' | 'replay', ReadonlyMap<string, Topic>>> = {
  live: topicsOf(all.filter(({ inReplayOnly }) => !inReplayOnly)),
  replay: topicsOf(all),
};
