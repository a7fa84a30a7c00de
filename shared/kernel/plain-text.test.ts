import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { block, cut, isKeepable, line } from './plain-text.ts';

describe('plain text of others', () => {
  test('a line has no control characters, no reversed text and no second line', () => {
    assert.equal(line('a\u001b[31mb\r\nc\u202ed\u200be'), 'a [31mb  c d e');
  });

  test('a block keeps its line breaks and nothing else', () => {
    assert.equal(block('a\r\nb\u0007c\u2066'), 'a\nb c ');
  });

  test('both are bounded and never end in half a character', () => {
    assert.equal(line('x'.repeat(400)).length, 300);
    assert.equal(line('ab😀cd', 4), 'ab…');
    assert.ok(block('😀'.repeat(3_000)).isWellFormed());
  });

  test('what is not text is shown as JSON', () => {
    assert.equal(line({ a: 1 }), '{"a":1}');
    assert.equal(line(undefined), '');
  });
});

describe('text that a column can hold', () => {
  const nested = (depth: number): unknown => (depth === 0 ? 'x' : [nested(depth - 1)]);
  const anyText = fc.string({ unit: 'binary' });
  /** Any UTF-16 at all, halves of pairs among it. */
  const anyUnits = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));

  test('is cut between characters', () => {
    assert.equal(cut('ab😀cd', 3), 'ab');
    assert.equal(cut('ab😀cd', 4), 'ab😀');
    assert.equal(cut('abc', 3), 'abc');
  });

  test('whatever it was, it can be kept, is no longer than asked, and text that can be kept whole is left as it is', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, anyUnits), fc.nat(40), (text, max) => {
        const short = cut(text, max);
        assert.ok(isKeepable(short) && short.length <= max);
        if (isKeepable(text) && text.length <= max) assert.equal(short, text);
      }),
    );
  });

  test('is asked for in every text and key of a value, and to a bounded depth', () => {
    for (const bad of ['a\0b', '\ud83d', '\ude00 x'])
      for (const value of [bad, [bad], { a: { b: [1, bad] } }, { [bad]: 1 }]) assert.equal(isKeepable(value), false);
    for (const good of ['', '😀', null, 1, undefined, { a: ['b', null] }, nested(30)])
      assert.equal(isKeepable(good), true);
    assert.equal(isKeepable(nested(33)), false);
    assert.equal(isKeepable(JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)), false);
  });
});
