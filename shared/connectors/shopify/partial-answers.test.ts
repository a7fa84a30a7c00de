import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PermanentError } from '#shared/kernel/errors.ts';
import { systemClocks } from '#shared/runtime/clocks.ts';
import { openHttp, storeOrigin } from '../outbound.ts';
import { CASES, lieTold, storeAction } from '../testing/contract.ts';
import type { Lie } from '../testing/fake-platform.ts';
import { FAKE_TOKEN, FakeStore } from '../testing/fake-store.ts';
import { ShopifyConnector } from './shopify-admin.ts';

type Answer = { data?: Record<string, unknown> };
type Change = (answer: Answer) => object;

const says =
  (change: Change): Lie['says'] =>
  (truth) =>
    JSON.stringify(change(JSON.parse(truth)));

const errorAt = (code: string, ...path: string[]) => ({
  errors: [{ message: 'No', path, ...(code && { extensions: { code } }) }],
});
const withPayload = (payload: unknown): Change => {
  return ({ data = {} }) => ({ data: Object.fromEntries(Object.keys(data).map((field) => [field, payload])) });
};

/** What GraphQL may answer to a mutation that was carried out. */
const PARTIAL: Readonly<Record<string, Change>> = {
  'a field of the result is denied': (answer) => ({ ...answer, ...errorAt('ACCESS_DENIED', 'any', 'status') }),
  'a field of the result has failed': (answer) => ({ ...answer, ...errorAt('', 'any', 'job', 'done') }),
  'a field that must not be missing is, and the result with it': (answer) => ({
    ...withPayload(null)(answer),
    ...errorAt('ACCESS_DENIED', 'any', 'userErrors'),
  }),
  'the bucket ran out after the result': (answer) => ({ ...answer, ...errorAt('THROTTLED', 'any', 'id') }),
  'errors are no list': (answer) => ({ ...answer, errors: { base: ['No'] } }),
  'the result is missing': withPayload(null),
  'the result names nothing that was written': withPayload({ node: null, nodes: [], userErrors: [] }),
  'there is no data': () => ({ data: {} }),
};

/** Purchase orders go to a desk that does not speak GraphQL. */
const cases = CASES.filter(({ type }) => !type.startsWith('reorder.'));

const withStore = async (body: (store: FakeStore, connector: ShopifyConnector) => Promise<void>) => {
  const store = new FakeStore();
  await store.open();
  try {
    const http = openHttp(storeOrigin('sandbox', store.url));
    const token = { get: async () => FAKE_TOKEN, forget: () => {} };
    await body(store, new ShopifyConnector({ http, token }, systemClocks));
  } finally {
    await store.close();
  }
};

describe('what Shopify answers in part', { concurrency: true }, () => {
  for (const [name, change] of Object.entries(PARTIAL))
    for (const { type, leaves, params, more, given } of cases)
      test(`${type}: ${name}, so that a look decides`, () =>
        withStore(async (store, connector) => {
          if (given) store.given(given);
          const action = storeAction(type, leaves, params, more);
          await lieTold(action, { isAfter: true, says: says(change) }, 'done', store, connector);
        }));

  test('an error of the mutation itself, without a result, is a refusal: nothing has begun', () =>
    withStore(async (store, connector) => {
      const refusal = { data: { tagsAdd: null }, ...errorAt('ACCESS_DENIED', 'tagsAdd') };
      store.mishaps.push({ isAfter: false, says: () => JSON.stringify(refusal) });
      const action = storeAction('order.tag', ['order:9'], { order: '9', tag: 'late' });
      await assert.rejects(
        connector.execute(action, AbortSignal.timeout(5_000)),
        (thrown) => thrown instanceof PermanentError && thrown.reason === 'not-permitted',
      );
    }));
});
