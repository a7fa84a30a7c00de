import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { policyOf, TEST_SHOP } from '#shared/policy/testing.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Transaction } from '#shared/store/connect.ts';
import { CompiledSets } from './compiled-sets.ts';
import { RulesInForce } from './rules-in-force.ts';

/** `a@1 b@5:rollback`: hashes with their places and how they came. */
function history(text: string): RulesInForce {
  const rules = new RulesInForce(new CompiledSets());
  for (const word of text.split(' ').filter(Boolean)) {
    const [, hash, seq, how] = /^(\w+)@(\d+)(?::([\w-]+))?$/.exec(word)!;
    rules.activate(Number(seq), hash!, how);
  }
  return rules;
}

describe('the set in force at a place', () => {
  const cases: readonly [given: string, seq: number, expected: string][] = [
    ['a@5', 9, 'a'],
    ['a@5', 5, 'a'],
    ['a@5', 2, 'a'],
    ['a@5 b@8', 7, 'a'],
    ['a@5 b@8', 8, 'b'],
    ['b@8 a@5', 7, 'a'],
    ['a@1 bad@5 c@9:repair', 4, 'a'],
    ['a@1 bad@5 c@9:repair', 6, 'c'],
    ['a@1 bad@5 c@9:repair', 9, 'c'],
  ];
  for (const [given, seq, expected] of cases)
    test(`${given}: at ${seq} it is ${expected}`, () => assert.equal(history(given).hashAt(seq), expected));

  test('there is none before the first', () => assert.throws(() => history('').hashAt(1), /No rule set/));

  test('an activation that is told twice counts once', () => {
    const rules = history('a@1');
    assert.equal(rules.activate(1, 'x'), false);
    assert.equal(rules.latest, 'a');
  });
});

describe('the set before, to which a rollback goes', () => {
  const cases: readonly [given: string, expected: string | undefined][] = [
    ['a@1', undefined],
    ['a@1 b@2', 'a'],
    ['a@1 b@2 b@3', 'a'],
    ['a@1 b@2 c@3', 'b'],
    ['a@1 b@2 c@3 b@4:rollback', 'a'],
    ['a@1 b@2 c@3 b@4:rollback a@5:rollback', undefined],
    ['a@1 b@2 a@3:rollback c@4:activate', 'a'],
    ['a@1 b@2 a@3:activate', 'b'],
    ['a@1 x@2:rollback', 'a'],
  ];
  for (const [given, expected] of cases)
    test(`${given}: ${expected ?? 'none'}`, () => assert.equal(history(given).before, expected));
});

describe('compiled sets', () => {
  test('a thousand saves leave the last ones in memory, and what is used stays', async () => {
    const sets = new CompiledSets();
    const policy = policyOf('  - { id: a, kind: priority, objectives: [margin], why: x }', TEST_SHOP);
    for (let n = 0; n < 1_000; n++) {
      sets.set(`s${n}`, policy);
      assert.ok(sets.get('s0'), `after ${n}`);
    }
    const kept = Array.from({ length: 1_000 }, (_, n) => `s${n}`).filter((hash) => sets.get(hash));
    assert.equal(kept.length, LIMITS.compiledRuleSets);
    assert.ok(kept.includes('s999'));
  });

  test('a set that is not kept is named, not guessed', async () => {
    const tx = (async () => []) as unknown as Transaction;
    await assert.rejects(history('a@1').policy(tx, 'abcdef'), /No rule set abcdef is kept/);
  });
});
