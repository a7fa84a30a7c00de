import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RuledIntent } from '../policy.ts';
import { policyOf, rule, ruledIntent } from '../testing.ts';

describe('priority', () => {
  const policy = policyOf(
    rule('kind: priority\nobjectives: [margin, growth, safety]', 'usual') +
      rule('kind: priority\nagents: [marketing, pricing]', 'agents') +
      rule('kind: priority\nobjectives: [growth]\nscope: { category: christmas }', 'season'),
  );
  const rank = (given: Partial<RuledIntent>) => policy.precedence(ruledIntent({ ...given, impact: {} } as never));

  test('earlier goes first; what is not listed comes last, equal among itself', () => {
    assert.deepEqual(
      ['margin', 'growth', 'safety', 'availability', 'clearance'].map((objective) => rank({ objective }).objective),
      [0, 1, 2, 3, 3],
    );
    assert.deepEqual(
      ['marketing', 'pricing', 'orders'].map((agent) => rank({ agent }).agent),
      [0, 1, 2],
    );
  });

  test('a rule for some things goes before the one for everything, wherever it stands', () => {
    assert.equal(rank({ objective: 'growth' }).rule, 'usual');
    const season = rank({ objective: 'growth', category: 'christmas' });
    assert.deepEqual([season.rule, season.objective], ['season', 0]);
  });

  test('without rules everything is equal', () => {
    const { temporal, objective, agent } = policyOf('  []').precedence(ruledIntent());
    assert.deepEqual([temporal, objective, agent], [0, 0, 0]);
  });
});
