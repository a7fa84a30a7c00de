import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { type ActionType, defineAction, NO_IMPACT } from '#shared/contracts/actions/define.ts';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import { resource } from '#shared/contracts/resource.ts';
import { judge } from './resolve.ts';
import { event, fact, NOW, policy, propose, setPrice, skuFacts, world } from './testing.ts';
import type { Outcome } from './types.ts';

/** An action type that the judgement has never heard of: a gift with every unit sold, which costs margin. */
const giftAdd = defineAction({
  type: 'gift.add',
  about: 'Adds a gift to every unit sold.',
  params: z.strictObject({ sku: z.string(), worthMinor: z.number().int(), note: z.string() }),
  protective: false,
  customerVisible: true,
  hold: { aspect: 'promotion', exclusive: false },
  moves: ['net-price'],
  opposes: ['promotion.pause'],
  reads: ['price', 'cost'],
  resolve: { worthMinor: 'max', note: 'first' },
  target: (params) => resource('sku', params.sku),
  window: (_params, now) => ({ from: now }),
  layer: (params) => ({ subsidyMinor: params.worthMinor }),
  impact: (params) => ({ ...NO_IMPACT, marginMinor: params.worthMinor }),
  writes: () => [],
});
const TYPES: ReadonlyMap<string, ActionType> = new Map([
  ...ACTION_TYPES,
  [giftAdd.type, giftAdd as unknown as ActionType],
]);

const gift = (agent: string, worthMinor: number, over = {}) =>
  propose(agent, { action: 'gift.add', objective: 'growth', params: { sku: 'A', worthMinor, note: agent }, ...over });
const running = { x: { title: 'Sale', discountBasisPoints: 500, startsAt: NOW } };
const facts = [...skuFacts('A'), fact('sku:A', 'promotions', running)];
const run = (proposed: Parameters<typeof judge>[1]) => judge(event(1), proposed, world({ facts }, TYPES), policy());
const verdicts = (outcome: Outcome) => outcome.decisions.map(({ agent, verdict }) => `${agent} ${verdict}`).sort();

describe('an action type that is only declared', () => {
  test('is judged, claimed and carried out', () => {
    const outcome = run([gift('marketing', 100)]);
    assert.deepEqual(verdicts(outcome), ['marketing granted']);
    assert.deepEqual([outcome.claims[0]?.aspect, outcome.actions[0]?.type], ['promotion', 'gift.add']);
  });

  test('keeps guardrails together with others, and flexes', () => {
    const outcome = run([
      setPrice('pricing', 'A', 800),
      gift('marketing', 150, { flex: { param: 'worthMinor', min: 0, max: 150 } }),
    ]);
    assert.deepEqual(verdicts(outcome), ['marketing adjusted', 'pricing granted']);
    assert.deepEqual(
      outcome.conflicts.map((conflict) => conflict.class),
      ['indirect'],
    );
  });

  test('is merged by its own resolvers', () => {
    const outcome = run([gift('marketing', 100), gift('support', 120)]);
    assert.deepEqual(verdicts(outcome), ['marketing merged', 'support merged']);
    assert.deepEqual(outcome.actions[0]?.params, { sku: 'A', worthMinor: 120, note: 'marketing' });
  });

  test('collides with what it opposes', () => {
    const pause = propose('inventory', {
      action: 'promotion.pause',
      objective: 'availability',
      params: { target: 'sku:A' },
    });
    const outcome = run([gift('marketing', 100), pause]);
    assert.deepEqual(verdicts(outcome), ['inventory granted', 'marketing denied']);
    assert.deepEqual(
      outcome.conflicts.map((conflict) => conflict.class),
      ['direct'],
    );
  });

  test('is unknown where it is not declared', () => {
    const outcome = judge(event(1), [gift('marketing', 100)], world(), policy());
    assert.equal(outcome.decisions[0]?.rule, 'contract');
  });
});
