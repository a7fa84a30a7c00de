import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACTION_TYPES } from './actions/index.ts';
import { disputeOf } from './disputed.ts';
import { factView } from './facts.ts';
import { project } from './projection.ts';

const NOW = '2026-05-05T10:00:00.000Z';
const ORDER = 'order:1' as const;
const known = (values: Readonly<Record<string, unknown>>) =>
  factView(
    Object.entries(values).map(([attribute, value]) => ({ resource: ORDER, attribute, value, version: 1, time: NOW })),
  );
const disputes = (...states: readonly string[]) =>
  Object.fromEntries(states.map((state, index) => [`D${index}`, { at: NOW, state }]));

test('several disputes stand as the one that weighs most, whichever was told of last', () => {
  const last = { state: 'won', minor: 500 };
  const stateOf = (...states: readonly string[]) =>
    disputeOf(ORDER, known({ dispute: last, disputes: disputes(...states) }));
  assert.equal(stateOf('open', 'won'), 'open');
  assert.equal(stateOf('lost', 'open', 'won'), 'open');
  assert.equal(stateOf('lost', 'won'), 'lost');
  assert.equal(stateOf('won', 'won'), 'won');
  assert.equal(disputeOf(ORDER, known({ dispute: last })), 'won');
  assert.equal(disputeOf(ORDER, known({})), undefined);
});

test('rules see an order as disputed while any dispute is open, and a refund is judged with all of them in sight', () => {
  const seen = known({ dispute: { state: 'won', minor: 500 }, disputes: disputes('open', 'won') });
  assert.equal(project(ORDER, seen, [], NOW).disputed, true);
  assert.ok(ACTION_TYPES.get('refund.issue')?.reads.includes('disputes'));
});
