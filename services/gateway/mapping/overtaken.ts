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

/**
 * Takes out of what a delivery says how things stood before the newest version that is known: it would look like somebody
 * changing them back. Bodies of the same version pass, because within one tick of a platform's clock the later one to come
 * is the better guess; a poll settles it. Pure.
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
    said: said.filter((event) => !dropped.includes(event)),
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

function askFor({ resource }: Version): Asked[] {
  const at = resource.indexOf(':');
  const kind = resource.slice(0, at) as ReadKind;
  return READ_KINDS.includes(kind) ? [{ kind, ref: resource.slice(at + 1), cause: 'older' }] : [];
}
