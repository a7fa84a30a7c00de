import { READ_KINDS, type ReadKind } from '#shared/contracts/sources.ts';
import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
import type { Asked, Introduced, Known, Said, Version } from './topic.ts';

/** Types that say how things stand. Every other type says that something happened, which is true however late it is told. */
const LEVELS: ReadonlySet<string> = new Set([
  'price.changed',
  'cost.changed',
  'stock.changed',
  'product.changed',
  'category.changed',
  'promotion.changed',
  'customer.changed',
  'consent.changed',
  'order.changed',
  'order.held',
  'payment.disputed',
]);

export interface Sifted {
  readonly said: readonly Said[];
  readonly people: readonly Introduced[];
  /** What an overtaken body said otherwise than it is known; the platform is asked how it is. */
  readonly asks: readonly Asked[];
}

/** A body repeats everything at every save, and only what was not known is an event. Pure. */
export function isNews(event: Said, known: Known): boolean {
  const last = known.last(event.subject, event.type);
  // A price that is told late is no news of today, even where it is the same again; it is one of the past.
  return isOtherwise(event, known) || (event.type === 'price.changed' && event.time < last!.time);
}

/**
 * Takes out of what a delivery says how things stood before the newest version that is known: it would look like somebody
 * changing them back. A price of the past is kept as such: a reduction is measured by the lowest of 30 days. Bodies of the
 * same version pass, because within one tick of a platform's clock the later one to come is the better guess; a poll settles
 * it. Pure.
 */
export function sift(
  said: readonly Said[],
  people: readonly Introduced[],
  versions: readonly Version[],
  known: Known,
): Sifted {
  const overtaken = new Set(versions.filter((version) => isOvertaken(version, known)));
  if (overtaken.size === 0) return { said, people, asks: [] };
  const versionOf = (event: Said) => versions.find((version) => version.resource === event.of) ?? versions[0]!;
  const dropped = said.filter((event) => LEVELS.has(event.type) && overtaken.has(versionOf(event)));
  return {
    said: [
      ...said.filter((event) => !dropped.includes(event)),
      ...dropped.flatMap((event) => pastPrices(event, versionOf(event), known)),
    ],
    people: overtaken.has(versions[0]!) ? people.filter((person) => !person.replaces) : people,
    asks: [...new Set(dropped.filter((event) => isOtherwise(event, known)).map(versionOf))].flatMap(askFor),
  };
}

function isOvertaken({ resource, at }: Version, known: Known): boolean {
  const newest = known.version(resource);
  return newest !== undefined && at < newest;
}

/** Whether it was said otherwise since; what is as it was has been told already. */
function isOtherwise({ subject, type, data }: Said, known: Known): boolean {
  const last = known.last(subject, type);
  return !last || canonicalJson(last.data as Json) !== canonicalJson(data as Json);
}

/**
 * The price that a body tells of its time, and where the known one is older, that too as of the newest version: that one
 * said the same as before, which was no news until something was found in between.
 */
function pastPrices(event: Said, { resource }: Version, known: Known): Said[] {
  if (event.type !== 'price.changed') return [];
  const last = known.last(event.subject, event.type);
  if (last?.time === event.time) return [];
  const past = { ...event, type: 'price.recorded' };
  const now = known.version(resource);
  return last && now && last.time < event.time ? [past, { ...past, time: now, data: last.data }] : [past];
}

function askFor({ resource }: Version): Asked[] {
  const at = resource.indexOf(':');
  const kind = resource.slice(0, at) as ReadKind;
  return READ_KINDS.includes(kind) ? [{ kind, ref: resource.slice(at + 1), cause: 'older' }] : [];
}
