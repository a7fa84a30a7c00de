import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { TransientError } from '#shared/kernel/errors.ts';
import { sleep, systemClocks } from '#shared/runtime/clocks.ts';
import type { Lane } from '../call.ts';
import type { Http } from '../outbound.ts';
import { AdminClient } from './admin-client.ts';
import { CostBudget, type ThrottleStatus } from './cost-budget.ts';

const bucket = (currentlyAvailable: number, maximumAvailable = 1_000, restoreRate = 100): ThrottleStatus => ({
  maximumAvailable,
  currentlyAvailable,
  restoreRate,
});
/** A budget that has been told once what `q` costs and what is in the bucket. */
function told(requested: number, status: ThrottleStatus): CostBudget {
  const budget = new CostBudget();
  budget.ended('q', budget.take('q', 0), { requested, status }, 0);
  return budget;
}

describe('the cost budget', () => {
  test('waits for what is missing at the rate at which it comes back', () => {
    const budget = told(100, bucket(50));
    assert.equal(budget.waitMs('q', 'urgent', 0), 500);
    assert.equal(budget.waitMs('q', 'urgent', 500), 0);
    budget.take('q', 500);
    assert.equal(budget.waitMs('q', 'urgent', 500), 1_000);
  });

  test('before the store has told anything, a few calls go and not all', () => {
    const budget = new CostBudget();
    let sent = 0;
    for (; budget.waitMs('q', 'bulk', 0) === 0; sent++) budget.take('q', 0);
    assert.ok(sent >= 10 && sent <= 20, String(sent));
  });

  test('a call dearer than the whole bucket waits for a full one, not for ever', () => {
    const budget = told(5_000, bucket(0, 1_000, 1_000));
    assert.equal(budget.waitMs('q', 'bulk', 0), 1_000);
    assert.equal(budget.waitMs('q', 'bulk', 1_000), 0);
  });

  test('bulk and looking leave points to those before them', () => {
    const budget = told(100, bucket(250));
    assert.deepEqual(
      (['urgent', 'bulk', 'background'] as const).map((lane) => budget.waitMs('q', lane, 0)),
      [0, 500, 2_500],
    );
  });

  test('an answer that is older than calls on their way does not give their points back', () => {
    const budget = told(100, bucket(300));
    const first = budget.take('q', 0);
    budget.take('q', 0);
    budget.ended('q', first, { requested: 100, status: bucket(200) }, 0);
    assert.equal(budget.waitMs('q', 'urgent', 0), 0);
    budget.take('q', 0);
    assert.equal(budget.waitMs('q', 'urgent', 0), 1_000);
  });

  test('never sends more than the bucket held and got back, whatever the order of answers', () => {
    const steps = fc.array(
      fc.record({ cost: fc.integer({ min: 1, max: 60 }), afterMs: fc.integer({ min: 0, max: 400 }) }),
      {
        minLength: 1,
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(steps, (calls) => {
        const budget = told(1, bucket(100, 100, 50));
        let nowMs = 0;
        let spent = 0;
        for (const { cost, afterMs } of calls) {
          budget.ended(`q${cost}`, budget.take(`q${cost}`, nowMs), { requested: cost }, nowMs);
          nowMs += afterMs;
        }
        // From here on every document's price is known or guessed; the bucket begins full.
        budget.ended('q', budget.take('q', nowMs), { requested: 1, status: bucket(100, 100, 50) }, nowMs);
        const fromMs = nowMs;
        for (const { cost } of calls) {
          nowMs += budget.waitMs(`q${cost}`, 'bulk', nowMs);
          spent += budget.take(`q${cost}`, nowMs);
        }
        assert.ok(spent <= 100 + ((nowMs - fromMs) / 1_000) * 50 + 0.001, `${spent} in ${nowMs - fromMs} ms`);
      }),
    );
  });
});

/** A store with a leaky bucket as Shopify's: it answers `Throttled` where the points do not suffice. */
class ThrottlingStore implements Http {
  readonly order: string[] = [];
  throttled = 0;
  #points: number;
  #atMs = performance.now();
  readonly #max: number;
  readonly #rate: number;

  constructor(max: number, rate: number) {
    this.#max = max;
    this.#points = max;
    this.#rate = rate;
  }

  async ask({ headers }: Parameters<Http['ask']>[0]) {
    const nowMs = performance.now();
    this.#points = Math.min(this.#max, this.#points + ((nowMs - this.#atMs) / 1_000) * this.#rate);
    this.#atMs = nowMs;
    const taken = this.#points >= 10;
    if (taken) this.#points -= 10;
    else this.throttled += 1;
    await sleep(2);
    const throttleStatus = bucket(Math.floor(this.#points), this.#max, this.#rate);
    const extensions = { cost: { requestedQueryCost: 10, throttleStatus } };
    const error = { message: 'Throttled', extensions: { code: 'THROTTLED' } };
    if (taken) this.order.push(headers!['x-parley-action']!);
    return {
      status: 200,
      headers: {},
      text: JSON.stringify(taken ? { data: { any: { id: 'any' } }, extensions } : { errors: [error], extensions }),
    };
  }

  close(): void {}
}

describe('priority lanes', () => {
  const lasting = { get: async () => 'token', forget: () => {} };

  test('with 500 reprices under way and a bucket of 100 points, a hold goes next', async () => {
    const store = new ThrottlingStore(100, 500);
    const admin = new AdminClient({ http: store, token: lasting }, systemClocks);
    const over = new AbortController();
    const write = (action: string, lane: Lane) =>
      admin.write('mutation Any { any }', {}, { action, signal: over.signal, lane });
    const reprices = Array.from({ length: 500 }, (_, n) => write(`reprice-${n}`, 'bulk').catch((thrown) => thrown));
    while (store.order.length < 30) await sleep(1);
    const before = store.order.length;
    await write('hold', 'urgent');
    const place = store.order.indexOf('hold') - before;
    assert.ok(place <= 2, `${place} reprices overtook the hold`);
    assert.ok(store.order.length < 100, 'the reprices are still waiting');
    over.abort();
    const ends = await Promise.all(reprices);
    const unsent = ends.filter((end) => end instanceof TransientError && end.reason === 'store-throttled');
    assert.ok(unsent.length > 350, `${unsent.length} were told that nothing was sent`);
    assert.ok(store.throttled <= 25, `${store.throttled} calls ran into the throttle`);
  });

  test('who looks something up waits for bulk, and bulk for the urgent', async () => {
    const store = new ThrottlingStore(40, 200);
    const admin = new AdminClient({ http: store, token: lasting }, systemClocks);
    const signal = AbortSignal.timeout(10_000);
    const ask = (lane: Lane) => admin.read('query Any { any }', {}, { action: lane, signal, lane });
    await ask('bulk');
    store.order.length = 0;
    await Promise.all([...Array(6).fill('background'), ...Array(6).fill('bulk'), ...Array(6).fill('urgent')].map(ask));
    const mean = (lane: Lane) => {
      const places = store.order.flatMap((each, place) => (each === lane ? [place] : []));
      return places.reduce((sum, place) => sum + place, 0) / places.length;
    };
    assert.ok(mean('urgent') < mean('bulk') && mean('bulk') < mean('background'), store.order.join(' '));
  });
});
