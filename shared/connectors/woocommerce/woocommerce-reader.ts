import type { ReadKind } from '#shared/contracts/sources.ts';
import { TransientError, toParleyError } from '#shared/kernel/errors.ts';
import { gmtInstant, type Instant, parseInstant } from '#shared/kernel/time.ts';
import type { Call } from '../call.ts';
import { byNumber } from '../pages.ts';
import { inOrderOfChange, type Listed, type ReadItem, type StoreReader } from '../reader.ts';
import { NoSuchThingError, PAGE, type WooClient } from './woo-client.ts';

interface Thing {
  readonly id: number;
  readonly type?: string;
  readonly status?: string;
  readonly date_created_gmt?: string | null;
  readonly date_modified_gmt?: string | null;
}

/** Small pages: a small host needs a second for a few products, and forgets its visitors meanwhile. */
const LISTED = 25;

const DONE: ReadonlySet<string> = new Set(['cancelled', 'completed', 'failed', 'refunded', 'trash']);
const PATHS: Readonly<Record<ReadKind, string>> = {
  order: '/orders',
  product: '/products',
  stock: '/products',
  customer: '/customers',
  coupon: '/coupons',
};

/** Reads REST v3. Variations are read with their product, because the list of products does not show them. */
export class WooCommerceReader implements StoreReader {
  readonly listed = ['product', 'order'] as const;
  readonly #woo: WooClient;

  constructor(woo: WooClient) {
    this.#woo = woo;
  }

  async read(kind: ReadKind, ref: string, signal: AbortSignal): Promise<ReadItem | undefined> {
    const thing = kind === 'coupon' ? await this.#coupon(ref, signal) : await this.#look(kind, ref, signal);
    return thing && (await this.#whole(kind, thing, signal));
  }

  async *changedSince(kind: ReadKind, since: Instant, signal: AbortSignal): AsyncIterable<ReadItem> {
    const page = async (from: Instant, number: number): Promise<(Listed & { thing: Thing })[]> => {
      const query = {
        // It takes what is after a second, and what is wanted begins with it.
        modified_after: parseInstant(new Date(Date.parse(from) - 1_000).toISOString()).slice(0, 19),
        dates_are_gmt: 'true',
        orderby: 'modified',
        order: 'asc',
        status: 'any',
        per_page: String(LISTED),
        page: String(number),
      };
      const things = await this.#ask<Thing[]>(PATHS[kind], query, signal);
      return things.map((thing) => ({ ref: String(thing.id), version: versionOf(thing), thing }));
    };
    for await (const { thing } of inOrderOfChange(page, since, LISTED)) yield await this.#whole(kind, thing, signal);
  }

  async #whole(kind: ReadKind, thing: Thing, signal: AbortSignal): Promise<ReadItem> {
    const item = { ref: String(thing.id), version: versionOf(thing) };
    if (kind === 'order') return { ...item, body: thing, isOpen: !DONE.has(thing.status ?? '') };
    if (kind === 'customer' || kind === 'coupon') return { ...item, body: thing, isOpen: true };
    const variations = thing.type?.startsWith('variable') ? await this.#variations(thing.id, signal) : [];
    return { ...item, body: { product: thing, variations }, isOpen: true };
  }

  #variations(product: number, signal: AbortSignal): Promise<Thing[]> {
    return byNumber((number) => {
      const query = { per_page: String(PAGE), page: String(number), orderby: 'id', order: 'asc' };
      return this.#ask<Thing[]>(`/products/${product}/variations`, query, signal);
    }, PAGE);
  }

  /**
   * A deleted coupon lies in the trash and is shown by its id as if nothing had happened, in older versions without its
   * status. Their list leaves it out; the list of newer ones says the status.
   */
  async #coupon(ref: string, signal: AbortSignal): Promise<Thing | undefined> {
    const found = await this.#ask<Thing[]>(PATHS.coupon, { include: ref, per_page: '1' }, signal);
    return found.find(({ id }) => String(id) === ref);
  }

  /** Undefined: the shop says that it has nothing there. */
  async #look(kind: ReadKind, ref: string, signal: AbortSignal): Promise<Thing | undefined> {
    try {
      return await this.#ask<Thing>(`${PATHS[kind]}/${encodeURIComponent(ref)}`, {}, signal);
    } catch (thrown) {
      if (thrown instanceof NoSuchThingError) return undefined;
      throw thrown;
    }
  }

  /**
   * Any other "not found" is of the API, not of what was asked for: the plugin is switched off, the permalinks are plain, a
   * server before the shop does not know the way. Nothing follows from it for the shop, and it may be mended.
   */
  async #ask<Answer>(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer> {
    try {
      return await this.#woo.get<Answer>(path, query, callOf(signal));
    } catch (thrown) {
      const { reason, message } = toParleyError(thrown);
      if (reason !== 'not-found' || thrown instanceof NoSuchThingError) throw thrown;
      throw new TransientError('store-unavailable', `The API of the store is not there. ${message}`, { cause: thrown });
    }
  }
}

const callOf = (signal: AbortSignal): Call => ({ action: 'read', signal, lane: 'background' });

const BEGINNING = '1970-01-01T00:00:00.000Z';

function versionOf(thing: Thing): Instant {
  return gmtInstant(thing.date_modified_gmt) ?? gmtInstant(thing.date_created_gmt) ?? BEGINNING;
}
