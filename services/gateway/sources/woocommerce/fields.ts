import { z } from 'zod';
import { gmtInstant, type Instant } from '#shared/kernel/time.ts';
import { id, text } from '../../mapping/fields.ts';

/** Times in `…_gmt` fields are UTC and carry no offset; the fields beside them are in the shop's own time and are not read. */
export const gmt = text.transform((value, context): Instant => {
  const at = gmtInstant(value);
  if (at !== undefined) return at;
  context.addIssue({ code: 'custom', message: 'not a time' });
  return z.NEVER;
});

/** The topic is not signed, the body is: a deletion holds an id and nothing else. */
export const deletion = z.strictObject({ id });

/** Only what has the shape that is expected; plugins keep anything under their keys. */
export const meta = z
  .array(z.object({ key: text, value: z.unknown() }))
  .nullish()
  .catch(undefined);
