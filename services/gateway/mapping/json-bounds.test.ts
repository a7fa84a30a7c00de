import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { LIMITS } from '#shared/runtime/limits.ts';
import { boundJson } from './json-bounds.ts';

const holds = (text: string) => {
  try {
    boundJson(Buffer.from(text));
    return true;
  } catch (thrown) {
    assert.equal((thrown as { reason: string }).reason, 'unknown-shape');
    return false;
  }
};
const list = (items: number) => `[${Array.from({ length: items }, () => 1).join(',')}]`;

describe('bounds of JSON', () => {
  test('lists have so many items together, wherever they are', () => {
    assert.ok(holds(list(LIMITS.jsonItems)));
    assert.ok(!holds(list(LIMITS.jsonItems + 2)));
    assert.ok(!holds(`{"a":[${Array.from({ length: 4 }, () => list(LIMITS.jsonItems / 4 + 1)).join(',')}]}`));
  });

  test('it is nested so deep', () => {
    const nested = (depth: number) => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`;
    assert.ok(holds(nested(LIMITS.jsonDepth)));
    assert.ok(!holds(nested(LIMITS.jsonDepth + 2)));
  });

  test('brackets and commas in strings are none, nor are commas between members', () => {
    for (const text of [',', '[', '{', '\\"', '\\\\'])
      assert.ok(holds(`["${text.repeat(2 * LIMITS.jsonItems)}"]`), text);
    assert.ok(
      holds(JSON.stringify(Object.fromEntries(Array.from({ length: 2 * LIMITS.jsonItems }, (_, n) => [n, n])))),
    );
  });

  test('whatever JSON there is, it counts as a walk over the parsed value does', () => {
    const walk = (value: unknown): number => {
      if (typeof value !== 'object' || value === null) return 0;
      const inside = Object.values(value).reduce((sum: number, one) => sum + walk(one), 0);
      return inside + (Array.isArray(value) ? Math.max(0, value.length - 1) : 0);
    };
    fc.assert(
      fc.property(fc.json(), (json) => {
        const room = LIMITS.jsonItems - walk(JSON.parse(json)) - 1;
        assert.ok(holds(`[${json}${',1'.repeat(room)},1]`));
        assert.ok(!holds(`[${json}${',1'.repeat(room)},1,1]`));
      }),
      { numRuns: 50 },
    );
  });

  test('what is no JSON ends as well', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => assert.equal(boundJson(bytes), undefined)));
  });
});
