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
    const { kind, document, call, settled } = asked;
    const token = await this.#shop.token.get();
    const ended = await this.#queue.turn(document, call);
    let answer: GraphqlAnswer | undefined;
    try {
      answer = await this.#post(asked, token);
    } finally {
      const cost = answer?.extensions?.cost;
      ended(cost && { requested: cost.requestedQueryCost, status: cost.throttleStatus });
    }
    if (answer.errors && answer.errors.length > 0) throw faultOfErrors(answer.errors, kind);
    if (!answer.data) throw maybeHappened(kind, 'unknown-shape', 'The store answered without data');
    const refusals = userErrorsOf(answer.data).filter((error) => !settled.includes(error.code ?? ''));
    if (refusals.length > 0) throw faultOfUserErrors(refusals, kind);
    return answer.data as Data;
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
    return JSON.parse(text) as GraphqlAnswer;
  } catch (thrown) {
    throw maybeHappened(kind, 'unknown-shape', 'The store answered with what is no JSON', thrown);
  }
}

/** `userErrors`, and `orderCancelUserErrors`, of whatever was asked. */
function userErrorsOf(data: Readonly<Record<string, unknown>>): UserError[] {
  return Object.values(data).flatMap((payload) => {
    if (payload === null || typeof payload !== 'object') return [];
    const { userErrors, orderCancelUserErrors } = payload as Record<string, UserError[] | undefined>;
    return [...(userErrors ?? []), ...(orderCancelUserErrors ?? [])];
  });
}
