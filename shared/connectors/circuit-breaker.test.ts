import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { PermanentError, TransientError, UnknownOutcomeError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { CircuitBreaker, guarded } from './circuit-breaker.ts';
import type { Http } from './outbound.ts';
import { LeftAloneError } from './patience.ts';

class Clock {
  ms = 1_000;
  nowMs = () => this.ms;
  random = () => 0.5;
  newId = () => 'id';
}

function opened(clock: Clock, told: string[] = []): CircuitBreaker {
  const breaker = new CircuitBreaker(clock, (state) => told.push(state));
  for (let n = 0; n < LIMITS.circuitFailures; n++) {
    assert.equal(breaker.state, 'closed');
    assert.ok(breaker.admit());
    breaker.failed();
  }
  return breaker;
}

describe('the circuit breaker', () => {
  test('opens after failures in a row, and an answer between them begins the count anew', () => {
    const clock = new Clock();
    const breaker = new CircuitBreaker(clock);
    for (let n = 0; n < 3 * LIMITS.circuitFailures; n++) {
      breaker.failed();
      if (n % (LIMITS.circuitFailures - 1) === 0) breaker.answered();
    }
    assert.equal(breaker.state, 'closed');
    assert.equal(opened(clock).state, 'open');
  });

  test('lets one call through after a while, which closes it or opens it for twice as long', () => {
    const clock = new Clock();
    const told: string[] = [];
    const breaker = opened(clock, told);
    clock.ms += LIMITS.circuitOpenMs - 1;
    assert.equal(breaker.admit(), false);
    clock.ms += 1;
    assert.equal(breaker.state, 'half-open');
    assert.equal(breaker.admit(), true);
    assert.equal(breaker.admit(), false, 'one at a time');
    breaker.failed();
    clock.ms += 2 * LIMITS.circuitOpenMs - 1;
    assert.equal(breaker.state, 'open');
    clock.ms += 1;
    assert.equal(breaker.admit(), true);
    breaker.answered();
    assert.deepEqual([breaker.state, told], ['closed', ['open', 'closed']]);
  });

  test('what had begun before it opened does not keep it open', () => {
    const clock = new Clock();
    const breaker = opened(clock);
    clock.ms += LIMITS.circuitOpenMs;
    breaker.failed();
    assert.equal(breaker.state, 'half-open');
  });

  test('whatever happens, it closes again within its longest time once the store answers', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ waitMs: fc.integer({ min: 0, max: 30_000 }), answers: fc.boolean() }), { maxLength: 200 }),
        (steps) => {
          const clock = new Clock();
          const breaker = new CircuitBreaker(clock);
          for (const { waitMs, answers } of steps) {
            clock.ms += waitMs;
            if (!breaker.admit()) continue;
            if (answers) breaker.answered();
            else breaker.failed();
            if (answers) assert.equal(breaker.state, 'closed');
          }
          clock.ms += LIMITS.circuitOpenMaxMs;
          assert.ok(breaker.admit());
          breaker.answered();
          assert.equal(breaker.state, 'closed');
        },
      ),
    );
  });
});

describe('a door behind a breaker', () => {
  const answering = (...answers: (number | string | Error)[]): Http & { asked: number } => ({
    asked: 0,
    async ask() {
      this.asked += 1;
      const answer = answers.shift() ?? 200;
      if (typeof answer === 'number') return { status: answer, headers: {}, text: '' };
      if (typeof answer === 'string') return { status: 500, headers: {}, text: answer };
      throw answer;
    },
    close() {},
  });
  const askTimes = async (http: Http, times: number) => {
    for (let n = 0; n < times; n++) await http.ask({ method: 'GET', path: '/' }, 'read').catch(() => {});
  };

  test('a store that is away is not asked any more, and the caller is told that nothing was sent', async () => {
    const away = [
      '<html>A critical error has occurred on this website.',
      503,
      new TransientError('store-unavailable', ''),
      new UnknownOutcomeError('timeout', ''),
      new UnknownOutcomeError('store-unavailable', ''),
    ];
    const store = answering(...away);
    const http = guarded(store, new CircuitBreaker(new Clock()));
    await askTimes(http, 10);
    assert.equal(store.asked, LIMITS.circuitFailures);
    await assert.rejects(
      http.ask({ method: 'POST', path: '/' }, 'write'),
      (thrown) => thrown instanceof TransientError && thrown.reason === 'store-unavailable',
    );
  });

  test('a call that was too late to be sent says nothing of the store', async () => {
    const clock = new Clock();
    const breaker = new CircuitBreaker(clock);
    const late = () => new LeftAloneError('timeout', 'It was too late to send the call');
    const store = answering(
      ...Array.from({ length: 10 }, late),
      ...Array(LIMITS.circuitFailures).fill(503),
      late(),
      200,
    );
    const http = guarded(store, breaker);
    await askTimes(http, 10);
    assert.equal(breaker.state, 'closed');
    await askTimes(http, LIMITS.circuitFailures);
    clock.ms += LIMITS.circuitOpenMs;
    await askTimes(http, 1);
    assert.equal(breaker.state, 'half-open', 'the next one goes to see');
    await askTimes(http, 1);
    assert.equal(breaker.state, 'closed');
  });

  test('a store that refuses, throttles or says too much is there', async () => {
    for (const answer of [
      200,
      302,
      401,
      404,
      422,
      429,
      '{"code":"refund-refused"}',
      new PermanentError('body-too-large', ''),
    ]) {
      const store = answering(...Array(10).fill(answer));
      await askTimes(guarded(store, new CircuitBreaker(new Clock())), 10);
      assert.equal(store.asked, 10);
    }
  });
});
