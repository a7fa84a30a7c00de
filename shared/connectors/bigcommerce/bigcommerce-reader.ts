import { z } from 'zod';
import type { ReadKind } from '#shared/contracts/sources.ts';
import { TransientError } from '#shared/kernel/errors.ts';
import { type Instant, toInstant } from '#shared/kernel/time.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import { faultOfStatus } from '../faults.ts';
import { type JsonAnswer, JsonDesk, shaped } from '../json-desk.ts';
import type { Http } from '../outbound.ts';
import { byNumber } from '../pages.ts';
import { inOrderOfChange, type Listed, notRead, type ReadItem, type StoreReader } from '../reader.ts';

const LISTED = 25;
/** Lines of an order, the most that the platform gives at once. */
const LINES = 250;
/** Names of categories and brands that are remembered. */
const NAMES_KEPT = 2_000;

const order = z.looseObject({
  id: z.number(),
  status_id: z.number(),
  date_modified: z.string(),
  is_deleted: z.boolean().nullish(),
});
const product = z.looseObject({
  id: z.number(),
  date_modified: z.string(),
  categories: z.array(z.number()).nullish(),
  brand_id: z.number().nullish(),
});
const customer = z.looseObject({ id: z.number(), date_modified: z.string().nullish() });
const part = z.looseObject({ id: z.number() });
const named = z.object({ name: z.string() });
const list = <Item extends z.ZodType>(item: Item) => z.object({ data: z.array(item) });
const one = <Item extends z.ZodType>(item: Item) => z.object({ data: item });
/** How the platform itself says that nothing is there: V3 as an object, V2 in a list. A server on the way says it otherwise. */
const said404 = z.object({ status: z.literal(404) });
const missing = z.union([said404, z.array(said404).min(1)]);

/** Orders that are sent, refunded, cancelled or declined. */
const OVER: ReadonlySet<number> = new Set([0, 2, 4, 5, 6, 10]);

interface Answered {
  readonly body: unknown;
  readonly readAt: Instant;
}

/** Reads V2 orders and V3 products and customers, and puts beside each what belongs to it and lies elsewhere. */
export class BigCommerceReader implements StoreReader {
  readonly listed = ['product', 'order'] as const;
  readonly #desk: JsonDesk;
  readonly #clocks: Clocks;
  readonly #names = new Map<string, string | null>();

  constructor(http: Http, { token }: { readonly token: string }, clocks: Clocks) {
    this.#desk = new JsonDesk(http, { 'x-auth-token': token });
    this.#clocks = clocks;
  }

  async read(kind: ReadKind, ref: string, signal: AbortSignal): Promise<ReadItem | undefined> {
    const name = encodeURIComponent(ref);
    if (kind === 'order') {
      const answer = await this.#look(`/v2/orders/${name}`, signal);
      return answer && this.#order(shaped(order, answer.body), signal);
    }
    if (kind === 'customer') {
      const answer = await this.#list(`/v3/customers?id:in=${name}&include=addresses`, signal);
      const found = answer && shaped(list(customer), answer.body).data[0];
      return found && { ref, version: instantOf(found.date_modified ?? answer.readAt), body: found, isOpen: true };
    }
    if (kind === 'coupon') return notRead(kind);
    const answer = await this.#look(`/v3/catalog/products/${name}?include=variants`, signal);
    return answer && this.#product(shaped(one(product), answer.body).data, answer.readAt, signal);
  }

  async *changedSince(kind: ReadKind, since: Instant, signal: AbortSignal): AsyncIterable<ReadItem> {
    if (kind === 'order') {
      const changed = inOrderOfChange((from, number) => this.#orders(from, number, signal), since, LISTED);
      for await (const { thing } of changed) yield await this.#order(thing, signal);
    }
    if (kind === 'product') {
      const changed = inOrderOfChange((from, number) => this.#products(from, number, signal), since, LISTED);
      for await (const { thing, readAt } of changed) yield await this.#product(thing, readAt, signal);
    }
  }

  async #orders(from: Instant, number: number, signal: AbortSignal) {
    const query = `min_date_modified=${encodeURIComponent(from)}&sort=date_modified:asc&limit=${LISTED}&page=${number}`;
    const answer = await this.#list(`/v2/orders?${query}`, signal);
    return shaped(z.array(order), answer?.body ?? []).map((thing) => listed(thing, thing.date_modified));
  }

  async #products(from: Instant, number: number, signal: AbortSignal) {
    const query = `date_modified:min=${encodeURIComponent(from)}&sort=date_modified&direction=asc&include=variants&limit=${LISTED}&page=${number}`;
    const answer = await this.#list(`/v3/catalog/products?${query}`, signal);
    const readAt = answer?.readAt ?? this.#now();
    const things = answer ? shaped(list(product), answer.body).data : [];
    return things.map((thing) => ({ ...listed(thing, thing.date_modified), readAt }));
  }

  async #order(about: z.infer<typeof order>, signal: AbortSignal): Promise<ReadItem> {
    const products = await this.#all(`/v2/orders/${about.id}/products`, signal);
    const shipments = await this.#all(`/v2/orders/${about.id}/shipments`, signal);
    const refunds = await this.#list(`/v3/orders/${about.id}/payment_actions/refunds`, signal);
    const isOpen = !OVER.has(about.status_id) && about.is_deleted !== true;
    const given = refunds ? shaped(list(z.unknown()), refunds.body).data : [];
    const body = { order: about, products, shipments, refunds: given };
    return { ref: String(about.id), version: instantOf(about.date_modified), body, isOpen };
  }

  #all(path: string, signal: AbortSignal): Promise<unknown[]> {
    return byNumber(async (page) => {
      const answer = await this.#list(`${path}?limit=${LINES}&page=${page}`, signal);
      return shaped(z.array(part), answer?.body ?? []);
    }, LINES);
  }

  async #product(about: z.infer<typeof product>, readAt: Instant, signal: AbortSignal): Promise<ReadItem> {
    const [first] = about.categories ?? [];
    const category = first ? await this.#name(`/v3/catalog/categories/${first}`, signal) : null;
    const brand = about.brand_id ? await this.#name(`/v3/catalog/brands/${about.brand_id}`, signal) : null;
    const body = { product: about, category, brand, readAt };
    return { ref: String(about.id), version: instantOf(about.date_modified), body, isOpen: true };
  }

  async #name(path: string, signal: AbortSignal): Promise<string | null> {
    const known = this.#names.get(path);
    if (known !== undefined) return known;
    const answer = await this.#look(path, signal);
    const name = answer ? shaped(one(named), answer.body).data.name : null;
    if (this.#names.size >= NAMES_KEPT) this.#names.clear();
    this.#names.set(path, name);
    return name;
  }

  /** Undefined: the platform itself says that nothing is there. */
  async #look(path: string, signal: AbortSignal): Promise<Answered | undefined> {
    const answer = await this.#ask(path, signal);
    return answer.status === 404 && missing.safeParse(answer.body).success ? undefined : answered(answer);
  }

  /** Undefined: it is empty, which is an answer without a body. A list is always there, as long as what it belongs to is. */
  async #list(path: string, signal: AbortSignal): Promise<Answered | undefined> {
    const answer = await this.#ask(path, signal);
    return answer.status === 204 ? undefined : answered(answer);
  }

  /** What the state was as of, the platform's own clock says. */
  async #ask(path: string, signal: AbortSignal): Promise<JsonAnswer & Answered> {
    if (signal.aborted) throw new TransientError('timeout', 'No time was left to read');
    const before = this.#now();
    const answer = await this.#desk.look('GET', path);
    return { ...answer, readAt: answer.date ? instantOf(answer.date) : before };
  }

  #now(): Instant {
    return toInstant(this.#clocks.nowMs());
  }
}

/** `Tue, 20 Nov 2012 00:00:00 +0000` and ISO 8601 alike. */
const instantOf = (text: string): Instant => toInstant(Date.parse(text));

/** A 404 that is not about the thing that was asked for is of the API, or of a server before it: nothing follows from it. */
function answered(answer: JsonAnswer & Answered): Answered {
  if (answer.status === 404) throw new TransientError('store-unavailable', 'The API of the store is not there');
  if (answer.status !== 200) throw faultOfStatus(answer.status, 'read');
  return answer;
}

const listed = <Thing extends { readonly id: number }>(thing: Thing, modified: string): Listed & { thing: Thing } => ({
  ref: String(thing.id),
  version: instantOf(modified),
  thing,
});
