import { TransientError, toParleyError } from '#shared/kernel/errors.ts';
import { type Clocks, sleep } from '#shared/runtime/clocks.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import {
  type CallKind,
  faultOfErrors,
  faultOfStatus,
  faultOfThrown,
  faultOfUserErrors,
  type GraphqlError,
  maybeHappened,
  type UserError,
} from '../faults.ts';
import { tryWithin } from '../patience.ts';
import { CostBudget, type ThrottleStatus } from './cost-budget.ts';

const ADMIN_PATH = '/admin/api/2026-07/graphql.json';

/** The shop that is written to. `url` is its base, without a path of the API. */
export interface Shop {
  readonly url: string;
  readonly token: string;
}

/** What belongs to one action's calls: whose they are, and until when another may begin. */
export interface Call {
  readonly action: string;
  readonly signal: AbortSignal;
}

interface GraphqlAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly GraphqlError[];
  readonly extensions?: { readonly cost?: { requestedQueryCost?: number; throttleStatus?: ThrottleStatus } };
}

type Variables = Readonly<Record<string, unknown>>;

/** GraphQL over one kept-alive connection pool; success is HTTP 200 and no errors and no user errors. */
export class AdminClient {
  readonly #shop: Shop;
  readonly #clocks: Clocks;
  readonly #budget = new CostBudget();

  constructor(shop: Shop, clocks: Clocks) {
    this.#shop = shop;
    this.#clocks = clocks;
  }

  read<Data>(document: string, variables: Variables, call: Call): Promise<Data> {
    return tryWithin(() => this.#send<Data>('read', document, variables, call), call.signal, this.#clocks);
  }

  /** `settled` names user-error codes that say that it is already as asked. */
  write<Data>(document: string, variables: Variables, call: Call, settled: readonly string[] = []): Promise<Data> {
    return tryWithin(() => this.#send<Data>('write', document, variables, call, settled), call.signal, this.#clocks);
  }

  async #send<Data>(
    kind: CallKind,
    document: string,
    variables: Variables,
    call: Call,
    settled: readonly string[] = [],
  ): Promise<Data> {
    await this.#afford(document, call.signal);
    const answer = await this.#post(kind, document, variables, call);
    const cost = answer.extensions?.cost;
    if (cost?.throttleStatus) {
      this.#budget.observe(document, cost.requestedQueryCost, cost.throttleStatus, this.#clocks.nowMs());
    }
    if (answer.errors && answer.errors.length > 0) throw faultOfErrors(answer.errors, kind);
    if (!answer.data) throw maybeHappened(kind, 'unknown-shape', 'The store answered without data');
    const refusals = userErrorsOf(answer.data).filter((error) => !settled.includes(error.code ?? ''));
    if (refusals.length > 0) throw faultOfUserErrors(refusals, kind);
    return answer.data as Data;
  }

  async #afford(document: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      if (signal.aborted) throw new TransientError('store-throttled', 'No time was left to send the call');
      const wait = this.#budget.waitMs(document, this.#clocks.nowMs());
      if (wait === 0) return;
      await sleep(wait, signal);
    }
  }

  async #post(kind: CallKind, query: string, variables: Variables, call: Call): Promise<GraphqlAnswer> {
    let response: Response;
    try {
      response = await fetch(`${this.#shop.url}${ADMIN_PATH}`, {
        method: 'POST',
        // A redirect would carry the token to a place that nobody configured.
        redirect: 'manual',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'x-shopify-access-token': this.#shop.token,
          'x-parley-action': call.action,
        },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(LIMITS.storeHttpMs),
      });
    } catch (thrown) {
      throw faultOfThrown(thrown, kind);
    }
    if (response.status !== 200) {
      await response.body?.cancel();
      throw faultOfStatus(response.status, kind);
    }
    try {
      return (await response.json()) as GraphqlAnswer;
    } catch (thrown) {
      throw faultOfThrown(toParleyError(thrown).cause ?? thrown, kind);
    }
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
