import {
  type ParleyError,
  PermanentError,
  type Reason,
  TransientError,
  toParleyError,
  UnknownOutcomeError,
} from '#shared/kernel/errors.ts';
import { cut } from '#shared/kernel/plain-text.ts';
import { SECOND_MS } from '#shared/kernel/time.ts';
import { type Clocks, sleep } from '#shared/runtime/clocks.ts';
import type { Call } from '../call.ts';
import { type CallKind, faultOfStatus, maybeHappened } from '../faults.ts';
import type { Http, HttpAnswer, HttpRequest } from '../outbound.ts';
import { LeftAloneError, tryWithin } from '../patience.ts';

const API = '/wp-json/wc/v3';

/** The longest list that the platform gives at once, and takes in one batch. */
export const PAGE = 100;

/** A store that asks for more patience than this is left in peace: the action is tried again later, its place is free. */
const PATIENCE_MS = 5 * SECOND_MS;

/** A key of the REST API, as WooCommerce shows it once. */
export interface WooCredential {
  readonly key: string;
  readonly secret: string;
}

type Query = Readonly<Record<string, string>>;

/** What the platform says of one thing in a batch: the thing, or why it refuses it. */
export type BatchEntry<Thing> = Thing & { readonly id: number; readonly error?: BatchError };

export interface BatchError {
  readonly code: string;
  readonly message: string;
  readonly data?: { readonly status?: number };
}

/**
 * Whether an answer of success is the platform's. A cache, a firewall or a plugin before the shop may say 200 to anything,
 * with JSON of its own or with an error in it.
 */
type IsTold = (answer: unknown) => boolean;

const ID_AT_END = /\/(\d+)$/;

/** A thing that the platform keeps: of this id where it is known. */
const isThing =
  (id?: string): IsTold =>
  (answer) => {
    const shown = String((answer as { id?: unknown } | null)?.id);
    return id === undefined ? /^\d+$/.test(shown) : shown === id;
  };

/**
 * REST v3 with a key over HTTPS. The key goes in the header and never into the address, where it would be written into
 * the logs of every server on the way.
 */
export class WooClient {
  readonly #http: Http;
  readonly #authorization: string;
  readonly #clocks: Clocks;
  /** Until then the store has asked everybody to wait. */
  #waitUntilMs = 0;

  constructor(http: Http, { key, secret }: WooCredential, clocks: Clocks) {
    this.#http = http;
    this.#authorization = `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`;
    this.#clocks = clocks;
  }

  /** A list, or where the path ends in an id, the thing of this id; anything else is no answer of the platform. */
  get<Answer>(path: string, query: Query, call: Call): Promise<Answer> {
    const search = new URLSearchParams(query).toString();
    const request: HttpRequest = { method: 'GET', path: `${API}${path}${search && `?${search}`}` };
    const id = ID_AT_END.exec(path)?.[1];
    return this.#ask('read', request, call, id === undefined ? Array.isArray : isThing(id));
  }

  put<Answer>(path: string, body: object, call: Call): Promise<Answer> {
    const request: HttpRequest = { method: 'PUT', path: `${API}${path}`, body: JSON.stringify(body) };
    return this.#ask('write', request, call, isThing(ID_AT_END.exec(path)?.[1]));
  }

  post<Answer>(path: string, body: object, call: Call): Promise<Answer> {
    const request: HttpRequest = { method: 'POST', path: `${API}${path}`, body: JSON.stringify(body) };
    return this.#ask('write', request, call, isThing());
  }

  /** One call for many things of a list; each is answered for in its own entry. */
  async batch<Thing>(path: string, update: readonly { id: number }[], call: Call): Promise<BatchEntry<Thing>[]> {
    const body = JSON.stringify({ update });
    const request: HttpRequest = { method: 'POST', path: `${API}${path}/batch`, body };
    const isWhole = (answer: unknown) => {
      const entries = (answer as { update?: unknown } | null)?.update;
      return Array.isArray(entries) && update.every(({ id }) => entries.some(isThing(String(id))));
    };
    return (await this.#ask<{ update: BatchEntry<Thing>[] }>('write', request, call, isWhole)).update;
  }

  #ask<Answer>(kind: CallKind, request: HttpRequest, call: Call, isTold: IsTold): Promise<Answer> {
    const attempt = async () => {
      const answer = await this.#send(kind, request, call);
      if (isTold(answer)) return answer as Answer;
      throw maybeHappened(kind, 'unknown-shape', 'The store answered without what was asked for');
    };
    return tryWithin(attempt, call.signal, this.#clocks);
  }

  async #send(kind: CallKind, request: HttpRequest, call: Call): Promise<unknown> {
    await this.#patience(call.signal);
    const answer = await this.#http.ask(
      {
        ...request,
        path: kind === 'read' ? fresh(request.path, this.#clocks.nowMs()) : request.path,
        beginByMs: call.beginByMs,
        headers: {
          authorization: this.#authorization,
          accept: 'application/json',
          'x-parley-action': call.action,
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
      },
      kind,
    );
    if (answer.status < 200 || answer.status > 299) {
      const waitMs = retryAfterMs(answer, this.#clocks.nowMs());
      this.#waitUntilMs = Math.max(this.#waitUntilMs, this.#clocks.nowMs() + (waitMs ?? 0));
      throw wooFault(answer.status, answer.text, kind, waitMs !== undefined);
    }
    try {
      // Some plugins put a byte order mark before everything that PHP says.
      return JSON.parse(answer.text.replace(/^\uFEFF/, ''));
    } catch {
      throw maybeHappened(kind, 'unknown-shape', 'The store answered with something else than JSON');
    }
  }

  async #patience(signal: AbortSignal): Promise<void> {
    const waitMs = this.#waitUntilMs - this.#clocks.nowMs();
    if (waitMs <= 0) return;
    if (waitMs > PATIENCE_MS) {
      throw new LeftAloneError('store-throttled', `The store asks for ${Math.ceil(waitMs / SECOND_MS)} s of patience`);
    }
    await sleep(waitMs, signal);
    if (signal.aborted) throw new TransientError('store-throttled', 'No time was left to send the call');
  }
}

/**
 * A cache before the shop would show the price of a minute ago, and a look after a lost answer would find nothing. Most do
 * not care for what a caller says of caching, but take another address for another page.
 */
const fresh = (path: string, nowMs: number) => `${path}${path.includes('?') ? '&' : '?'}_=${nowMs}`;

/** `Retry-After` in seconds or as a date. */
function retryAfterMs({ headers }: HttpAnswer, nowMs: number): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * SECOND_MS : Date.parse(text) - nowMs;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** The shop itself has looked, and has nothing under the id: its own words for it, which no server before it writes. */
export class NoSuchThingError extends PermanentError {}

const NO_SUCH_THING = /^(?:woocommerce_rest_(?:\w+_)?|wc_user_)invalid(?:_order)?_id$/;
const MISSING = /(?:_invalid_id|_invalid_order_id|rest_no_route)$/;
const TAKEN = /_already_exists$/;

/**
 * An answer that is no success. WordPress explains itself in `{ code, message, data }`, whatever the status: a product
 * that does not exist is a 404 for who reads it and a 400 for who writes to it.
 */
export function wooFault(status: number, text: string, kind: CallKind, asksToWait: boolean): ParleyError {
  const { code, message } = explained(text);
  const fault = faultOfStatus(status, kind);
  const told = `${fault.message}${message && `: ${message}`}${code && ` (${code})`}`;
  // WordPress under maintenance and limiters say when to come back; a 503 without that is a proxy which lost sight of PHP
  // in the middle of the request, and PHP goes on.
  if (status === 503 && kind === 'write' && !asksToWait) return new UnknownOutcomeError('store-unavailable', told);
  if (fault.retry === 'later') return new TransientError(fault.reason, told);
  if (fault.retry === 'unknown') return new UnknownOutcomeError(fault.reason, told);
  if (status === 404 && NO_SUCH_THING.test(code)) return new NoSuchThingError('not-found', told);
  return new PermanentError(reasonOf(code) ?? fault.reason, told);
}

function reasonOf(code: string): Reason | undefined {
  if (MISSING.test(code)) return 'not-found';
  return TAKEN.test(code) ? 'store-conflict' : undefined;
}

/** What the store says of itself; text from outside, without the markup that WordPress likes to put in. */
function explained(text: string): { code: string; message: string } {
  try {
    const { code, message } = JSON.parse(text.replace(/^\uFEFF/, '')) as { code?: unknown; message?: unknown };
    const plain = typeof message === 'string' ? cut(message.replace(/<[^>]*>/g, ''), 200) : '';
    return { code: typeof code === 'string' ? cut(code, 80) : '', message: plain };
  } catch {
    return { code: '', message: '' };
  }
}

/** Whether a thrown fault says that nothing happened because something of this name is there already. */
export function isTaken(thrown: unknown): boolean {
  const error = toParleyError(thrown);
  return error.retry === 'never' && error.reason === 'store-conflict';
}
