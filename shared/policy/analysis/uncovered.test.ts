import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Intent } from '#shared/contracts/answer.ts';
import { HOUR_MS, plus } from '#shared/kernel/time.ts';
import { judge } from '../../judgement/resolve.ts';
import { event, fact, NOW, propose, skuFacts, world } from '../../judgement/testing.ts';
import { permission } from '../../judgement/world.ts';
import { policyOf, rule, TEST_NOW } from '../testing.ts';
import { findingsIn, TEST_AROUND } from './testing.ts';

const PRIORITIES = rule(
  'kind: priority\nobjectives: [safety, promise-keeping, margin, availability, customer-care, growth, clearance]\nagents: [orders, support, inventory, pricing, marketing]',
  'order',
);
const uncovered = (rules: string) => findingsIn(PRIORITIES + rules).filter(({ check }) => check === 'uncovered');
const pairs = (rules: string) =>
  uncovered(rules).map(({ message }) => /^No rule speaks about (.+) together/.exec(message)?.[1]);

describe('pairs of actions that no rule covers', () => {
  test('a rule about what both move, or about their order, covers a pair', () => {
    const bare = pairs('');
    assert.ok(bare.includes('price.set and promotion.launch'), bare.join('; '));
    const floor = pairs(
      rule('kind: guardrail\non: sku\nassert: projected.margin >= 15%\nelse: deny\nwhenUnknown: deny', 'floor'),
    );
    assert.ok(!floor.includes('price.set and promotion.launch'));
    const after = pairs(rule('kind: sequence\nfirst: order.hold\nthen: order.release', 'after'));
    assert.ok(bare.includes('order.hold and order.release') && !after.includes('order.hold and order.release'));
    const same = pairs(rule('kind: redundancy\nscope: { action: notice.send }\nsame: customer', 'same'));
    assert.ok(bare.includes('two wishes for notice.send') && !same.includes('two wishes for notice.send'));
  });

  test('a rule about something else does not', () => {
    const other = rule(
      'kind: guardrail\non: sku\nassert: projected.available >= 0\nelse: deny\nwhenUnknown: allow\nscope: { action: stock.reserve }',
      'stock',
    );
    assert.ok(pairs(other).includes('price.set and promotion.launch'));
  });

  const PARAMS: Readonly<Record<string, Intent['params']>> = {
    'price.set': { sku: 'A', priceMinor: 950, currency: 'GBP' },
    'promotion.launch': {
      target: 'sku:A',
      discountBasisPoints: 1_000,
      startsAt: NOW,
      endsAt: plus(NOW, HOUR_MS),
      title: 'Sale',
      combines: true,
    },
    'order.hold': { order: '1', handle: 'h', holdReason: 'fraud', note: 'n' },
    'order.cancel': { order: '1', cancelReason: 'fraud', restock: true },
    'reorder.place': { sku: 'A', supplier: 's', units: 10, expectedAt: plus(NOW, 240 * HOUR_MS) },
    'reorder.cancel': { sku: 'A', supplier: 's' },
  };

  /** The two wishes of an example, judged in one round under the priorities alone. */
  function judged(witness: string) {
    const wishes = [...witness.matchAll(/(\w+) wants ([\w.]+) \(for ([\w-]+)\)/g)].map(
      ([, agent = '', action = '', objective = '']) => ({ agent, action, objective }),
    );
    const proposed = wishes.map(({ agent, action, objective }, index) =>
      propose(agent, { action, objective, params: PARAMS[action] ?? {} }, { id: `${event(1).id}.${agent}.1.${index}` }),
    );
    const around = world({
      facts: [...skuFacts('A'), fact('order:1', 'placed', { totalMinor: 5_000 })],
      permitted: new Set(wishes.map(({ agent, action, objective }) => permission(agent, action, objective))),
    });
    const { decisions } = judge(event(1), proposed, around, policyOf(PRIORITIES));
    return {
      wishes,
      verdictOf: (action: string) =>
        decisions.filter(({ actionType }) => actionType === action).map(({ verdict }) => verdict),
    };
  }

  const known = uncovered('').filter(({ witness }) =>
    [...witness.matchAll(/wants ([\w.]+) /g)].every(([, action = '']) => PARAMS[action] !== undefined),
  );

  test('there are examples of both sorts to judge', () => {
    assert.ok(TEST_AROUND.now === TEST_NOW && known.length >= 3, known.map(({ message }) => message).join('\n'));
    assert.ok(known.some(({ level }) => level === 'note') && known.some(({ level }) => level === 'warning'));
  });

  for (const { message, witness } of known) {
    test(`the judgement does what the example says: ${message}`, () => {
      const { verdictOf, wishes } = judged(witness);
      const denied = /, ([\w.]+) of \w+ denied/.exec(witness)?.[1];
      const verdicts = wishes.map(({ action }) => ({ action, denied: verdictOf(action).includes('denied') }));
      if (witness.includes('equal in rank')) assert.equal(verdicts.filter((one) => one.denied).length, 1, witness);
      else for (const one of verdicts) assert.equal(one.denied, one.action === denied, `${one.action} in ${witness}`);
    });
  }
});
