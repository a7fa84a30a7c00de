import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { backoffMs } from './backoff.ts';
import { canonicalJson, type Json } from './canonical-json.ts';
import {
  invariant,
  ParleyError,
  PermanentError,
  REASONS,
  TransientError,
  toParleyError,
  UnknownOutcomeError,
  unreachable,
} from './errors.ts';
import { answerId, claimId, hash32, intentId, uuidv7 } from './ids.ts';
import { closest, didYouMean } from './suggest.ts';

describe('backoff', () => {
  test('grows from half of the base to the limit, and stays between half and whole of each step', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, random) => {
          const wait = backoffMs(attempt, 100, 60_000, random);
          const ceiling = Math.min(60_000, 100 * 2 ** Math.min(attempt - 1, 30));
          assert.ok(wait >= ceiling / 2 && wait <= ceiling, `${attempt}: ${wait}`);
        },
      ),
    );
    assert.equal(backoffMs(1, 100, 60_000, 0), 50);
  });
});

describe('canonical JSON', () => {
  const plain = fc.jsonValue({ maxDepth: 4, noUnicodeString: true } as never) as fc.Arbitrary<Json>;

  test('means the same as the value', () => {
    fc.assert(
      fc.property(plain, (value) =>
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value))),
      ),
    );
  });

  test('does not know in which order keys were set, and has no place for undefined', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer()), (object) => {
        const backwards = Object.fromEntries(Object.entries(object).reverse());
        assert.equal(canonicalJson(backwards), canonicalJson(object));
      }),
    );
    assert.equal(canonicalJson({ b: 1, a: undefined, c: [{ z: null, y: 'ü' }] }), '{"b":1,"c":[{"y":"ü","z":null}]}');
  });

  test('tells apart what differs', () => {
    fc.assert(
      fc.property(plain, plain, (a, b) => {
        const same = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
        assert.equal(canonicalJson(a) === canonicalJson(b), same);
      }),
    );
  });
});

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, member]) => [key, sorted(member as Json)])
    .concat('object');
}

describe('errors', () => {
  test('say whether trying again is worth it', () => {
    assert.equal(new PermanentError('bad-input', 'm').retry, 'never');
    assert.equal(new TransientError('timeout', 'm').retry, 'later');
    assert.equal(new UnknownOutcomeError('timeout', 'm').retry, 'unknown');
  });

  test('keep cause, position and their own name', () => {
    const cause = new Error('inner');
    const error = new PermanentError('bad-config', 'outer', { cause, position: 'a.yaml:3:1' });
    assert.deepEqual(
      [error.name, error.cause, error.position, error.reason],
      ['PermanentError', cause, 'a.yaml:3:1', 'bad-config'],
    );
    assert.equal(new TransientError('timeout', 'm').cause, undefined);
  });

  test('are made of whatever was thrown, once', () => {
    const own = new TransientError('timeout', 'm');
    assert.equal(toParleyError(own), own);
    const made = toParleyError(new TypeError('x is not a function'));
    assert.deepEqual([made.reason, made.retry, made.message], ['internal-error', 'never', 'x is not a function']);
    assert.equal(toParleyError('just text').message, 'just text');
  });

  test('stop on the impossible', () => {
    invariant(true, 'fine');
    assert.throws(() => invariant(0, 'no rows'), /Invariant broken: no rows/);
    assert.throws(() => unreachable('x' as never), ParleyError);
  });

  test('have each reason once, as words with hyphens', () => {
    assert.equal(new Set(REASONS).size, REASONS.length);
    for (const reason of REASONS) assert.match(reason, /^[a-z]+(-[a-z]+)*$/);
  });
});

describe('ids', () => {
  const random = fc.uint8Array({ minLength: 10, maxLength: 10 });
  const ms = fc.integer({ min: 0, max: 2 ** 48 - 1 });

  test('of version 7 have its form, and sort by their time', () => {
    fc.assert(
      fc.property(ms, ms, random, random, (a, b, first, second) => {
        const [early, late] = [uuidv7(Math.min(a, b), first), uuidv7(Math.max(a, b), second)];
        assert.match(early, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        if (a !== b) assert.ok(early < late);
        assert.equal(Number.parseInt(late.replaceAll('-', '').slice(0, 12), 16), Math.max(a, b));
      }),
    );
  });

  test('that enter a decision are built from their parents', () => {
    const intent = intentId(answerId('e', 'pricing', 1), 0);
    assert.equal(intent, 'e.pricing.1.0');
    assert.equal(claimId(intent, 'sku:A', 'price'), 'e.pricing.1.0/sku:A/price');
  });

  test('hash as FNV-1a does', () => {
    assert.equal(hash32(''), 0x811c9dc5);
    assert.equal(hash32('a'), 0xe40c292c);
    assert.equal(hash32('foobar'), 0xbf9cf968);
  });
});

describe('suggestions', () => {
  test('name what was meant, whatever the case', () => {
    assert.equal(closest('PARLEY_PUBLIC_PROT', ['PARLEY_PUBLIC_PORT', 'PARLEY_PUBLIC_HOST']), 'PARLEY_PUBLIC_PORT');
    assert.equal(didYouMean('--REPLY', ['--replay', '--port']), ' Did you mean "--replay"?');
  });

  test('are withheld where nothing is near', () => {
    assert.equal(didYouMean('zebra', ['--replay', '--port']), '');
    assert.equal(closest('x', []), undefined);
  });
});
