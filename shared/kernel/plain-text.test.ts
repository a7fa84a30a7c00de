import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { block, line } from './plain-text.ts';

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
