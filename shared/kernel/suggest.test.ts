import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closest } from './suggest.ts';

const table: readonly [name: string, known: readonly string[], guess: string | undefined][] = [
  ['margn', ['margin', 'map'], 'margin'],
  ['gardrail', ['guardrail', 'temporal'], 'guardrail'],
  ['GPB', ['GBP', 'EUR'], 'GBP'],
  ['tset', ['rest', 'test'], 'test'],
  ['skus', ['sku', 'order'], 'sku'],
  // Two letters of four are half of the name: that is another one.
  ['boss', ['Tess', 'Sam'], undefined],
  ['', ['a', 'order'], 'a'],
];

for (const [name, known, guess] of table)
  test(`"${name}" is ${guess === undefined ? 'like none' : `like ${guess}`}`, () =>
    assert.equal(closest(name, known), guess));
