import { PermanentError } from '#shared/kernel/errors.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import type { Call } from '../call.ts';
import {
  type CallKind,
  faultOfErrors,
  faultOfStatus,
  faultOfUserErrors,
  type GraphqlError,
  maybeHappened,
  type UserError,
} from '../faults.ts';
import type { Http, HttpAnswer } from '../outbound.ts';
import { tryWithin } from '../patience.ts';
import type { AccessToken } from './access-token.ts';
import type { ThrottleStatus } from './cost-budget.ts';
import { CostQueue } from './cost-queue.ts';

const ADMIN_PATH = '/admin/api/2026-07/graphql.json';

/** The shop that is spoken to: its door, and what opens it. */
export interface Shop {
  readonly http: Http;
  readonly token: AccessToken;
}

interface GraphqlAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly GraphqlError[];
  readonly extensions?: { readonly cost?: { requestedQueryCost?: number; throttleStatus?: ThrottleStatus } };
}

type Variables = Readonly<Record<string, unknown>>;

class TokenRefusedError extends PermanentError {}

interface Asked {
  readonly kind: CallKind;
  readonly document: string;
  readonly variables: Variables;
  readonly call: Call;
  readonly settled: readonly string[];
}

/** GraphQL through the store's one door; success is HTTP 200 and no errors and no user errors. */
export class AdminClient {
  readonly #shop: Shop;
  readonly #clocks: Clocks;
  readonly #queue: CostQueue;

  constructor(shop: Shop, clocks: Clocks) {
    this.#shop = shop;
    this.#clocks = clocks;
    this.#queue = new CostQueue(clocks);
  }

  read<Data>(document: string, variables: Variables, call: Call): Promise<Data> {
    return this.#ask<Data>({ kind: 'read', document, variables, call, settled: [] });
  }

  /** `settled` names user-error codes that say that it is already as asked. */
  write<Data>(document: string, variables: Variables, call: Call, settled: readonly string[] = []): Promise<Data> {
    return this.#ask<Data>({ kind: 'write', document, variables, call, settled });
  }

  #ask<Data>(asked: Asked): Promise<Data> {
    let renewed = false;
    const attempt = async () => {
      try {
        return await this.#send<Data>(asked);
      } catch (thrown) {
        if (!(thrown instanceof TokenRefusedError) || renewed) throw thrown;
        // Nothing has happened: once, the call is tried with a fresh token, where one can be had.
        renewed = true;
        this.#shop.token.forget();
        return await this.#send<Data>(asked);
      }
    };
    return tryWithin(attempt, asked.call.signal, this.#clocks);
  }

  async #send<Data>(asked: Asked): Promise<Data> {
    const { document, call } = asked;
    const token = await this.#shop.token.get();
    const ended = await this.#queue.turn(document, call);
    let answer: GraphqlAnswer | undefined;
    try {
      answer = await this.#post(asked, token);
    } finally {
      const cost = answer?.extensions?.cost;
      ended(cost && { requested: cost.requestedQueryCost, status: cost.throttleStatus });
    }
    return dataOf(answer, asked) as Data;
  }

  async #post({ kind, document, variables, call }: Asked, token: string): Promise<GraphqlAnswer> {
    const body = JSON.stringify({ query: document, variables });
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      'x-shopify-access-token': token,
      'x-parley-action': call.action,
    };
    const { beginByMs } = call;
    const answer = await this.#shop.http.ask({ method: 'POST', path: ADMIN_PATH, headers, body, beginByMs }, kind);
    if (answer.status === 401) throw new TokenRefusedError('not-permitted', 'The store answered 401');
    if (answer.status !== 200) throw faultOfStatus(answer.status, kind);
    return parsed(answer, kind);
  }
}

function parsed({ text }: HttpAnswer, kind: CallKind): GraphqlAnswer {
  try {
    return (JSON.parse(text) ?? {}) as GraphqlAnswer;
  } catch (thrown) {
    throw maybeHappened(kind, 'unknown-shape', 'The store answered with what is no JSON', thrown);
  }
}

type Data = NonNullable<GraphqlAnswer['data']>;

/** A write is believed only with a sign of it in the answer; where something has begun, or may have, a look decides. */
function dataOf({ data, errors }: GraphqlAnswer, { kind, settled }: Asked): Data {
  if (errors !== undefined && !areErrors(errors)) {
    throw maybeHappened(kind, 'unknown-shape', 'The store answered with errors in an unknown shape');
  }
  if (errors && errors.length > 0) {
    const fault = faultOfErrors(errors, kind);
    throw hasBegun(data, errors) ? maybeHappened(kind, fault.reason, fault.message) : fault;
  }
  if (!data || Object.keys(data).length === 0) {
    throw maybeHappened(kind, 'unknown-shape', 'The store answered without data');
  }
  if (kind === 'read') return data;
  const told = userErrorsOf(data);
  const refusals = told.filter((error) => !settled.includes(error.code ?? ''));
  if (refusals.length > 0) throw faultOfUserErrors(refusals, kind);
  if (told.length === 0 && !Object.values(data).some(isShown)) {
    throw maybeHappened(kind, 'unknown-shape', 'The store answered without what was written');
  }
  return data;
}

function areErrors(errors: unknown): errors is readonly GraphqlError[] {
  return Array.isArray(errors) && errors.every((error) => typeof error?.message === 'string');
}

/**
 * A mutation is carried out before what is asked of its result is looked up: an error below it, or beside a result, is one
 * of the answer and not of the effect.
 */
function hasBegun(data: GraphqlAnswer['data'], errors: readonly GraphqlError[]): boolean {
  const isBelow = ({ path }: GraphqlError) => Array.isArray(path) && path.length > 1;
  return errors.some(isBelow) || Object.values(data ?? {}).some((payload) => payload !== null);
}

/** Every mutation is asked for what it has written, beside its refusals. */
function isShown(payload: unknown): boolean {
  if (payload === null || typeof payload !== 'object') return false;
  return Object.entries(payload).some(
    ([name, value]) => !name.endsWith('serErrors') && value !== null && !(Array.isArray(value) && value.length === 0),
  );
}

/** `userErrors`, and `orderCancelUserErrors`, of whatever was asked. */
function userErrorsOf(data: Readonly<Record<string, unknown>>): UserError[] {
  return Object.values(data).flatMap((payload) => {
    if (payload === null || typeof payload !== 'object') return [];
    const { userErrors, orderCancelUserErrors } = payload as Record<string, UserError[] | undefined>;
    return [...(userErrors ?? []), ...(orderCancelUserErrors ?? [])];
  });
}
