import { z } from 'zod';
import { sku as skuName } from '#shared/contracts/fields.ts';
import { nearestMinor, parseMinor } from '#shared/kernel/money.ts';
import { clean } from '#shared/kernel/plain-text.ts';
import { type Instant, parseInstant } from '#shared/kernel/time.ts';

/** Fields of platform bodies. Only what is read is described; anything else may come and go with API versions. */

/** A numeric id, as text: beyond 2^53 a number has lost digits, so such ids arrive here as text already (`json.ts`). */
export const id = z.union([z.number().int(), z.string().regex(/^\d{1,24}$/)]).transform(String);
export const gid = z.string().regex(/^gid:\/\/shopify\/[A-Za-z]+\/\d+/);
/** Of a body's own resource: the topic that says what it is stands in a header that is not signed, and this does not. */
export const gidOf = (kind: string) => z.string().regex(new RegExp(`^gid://shopify/${kind}/\\d+`));
export const time = z.string().transform((text, context): Instant => {
  try {
    return parseInstant(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'not a time with an offset' });
    return z.NEVER;
  }
});
/** An amount as platforms write it: decimal text, in old bodies a number. */
export const amount = z.union([z.string().max(30), z.number()]).transform(String);
export const currency = z.string().regex(/^[A-Z]{3}$/);
export const text = z.string();
/**
 * Shops write what they like where a SKU belongs. What cannot be the name of an article is none, as if the field were empty:
 * the rest of an order, and the other variants of a product, are not lost with it.
 */
export const sku = text.nullish().transform((value) => {
  const name = skuName.safeParse(value);
  return name.success ? name.data : undefined;
});

export { clean, nearestMinor, parseMinor };

/** `gid://shopify/Order/12?x=y` to `12`. */
export function idOfGid(value: string): string {
  return value.slice(value.lastIndexOf('/') + 1).replace(/\D.*$/, '');
}

/** The id that the gid carries is exact; the number beside it may not be. */
export function exactId(body: {
  id?: string | null | undefined;
  admin_graphql_api_id?: string | null | undefined;
}): string {
  return body.admin_graphql_api_id ? idOfGid(body.admin_graphql_api_id) : String(body.id);
}

/** `Home & Garden` to `home-garden`; undefined when nothing is left. */
export function slugOf(value: string | null | undefined): string | undefined {
  const slug = (value ?? '')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '');
  return slug === '' ? undefined : slug;
}

/** Shopify writes tags as one text, with commas. */
export function tagsOf(value: string | readonly string[] | null | undefined): string[] {
  const parts = typeof value === 'string' ? value.split(',') : (value ?? []);
  const tags = parts.map((tag) => clean(tag)).filter((tag) => tag !== '');
  return [...new Set(tags)].sort().slice(0, 250);
}

/** Leaves out what is not known, so that an event has no empty fields. */
export function present<Data extends Record<string, unknown>>(data: Data): Data {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined && value !== null)) as Data;
}
