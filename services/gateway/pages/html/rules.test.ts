import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RulesView } from '#shared/store/pages/rules.ts';
import type { StoreView } from '#shared/store/pages/stores.ts';
import { rulesBlock } from './rules.ts';

const hash = (letter: string) => letter.repeat(64);
const STORES = ['one', 'two'].map(
  (store): StoreView => ({
    store,
    kind: 'live',
    mode: 'live',
    openings: [],
    clock: '2026-05-05T10:00:00.000Z',
    head: 9,
    currency: 'GBP',
    zone: 'Europe/London',
  }),
);
const view = (over: Partial<RulesView> = {}): RulesView => ({
  store: 'one',
  inForce: {
    store: 'one',
    seq: 1,
    hash: hash('a'),
    previous: null,
    by: 'on-save',
    how: 'on-save',
    pinned: false,
    note: null,
    now: '2026-05-05T09:00:00.000Z',
    id: '0199f0c4-7a6e-7e7b-b9ff-0d2c5b1b1f4e',
  },
  candidate: { hash: hash('a'), faults: [], seenAt: '2026-05-05T09:00:00.000Z' },
  pinned: undefined,
  shadow: undefined,
  refused: undefined,
  ...over,
});
const textOf = async (rules: readonly RulesView[]) => String(await rulesBlock(rules, STORES));

describe('the rules on the live page', () => {
  const shadow = {
    seq: 2,
    hash: hash('d'),
    startedAt: '',
    endedSeq: null,
    rounds: 1_204,
    decisions: 310,
    different: 37,
    faults: 2,
    lastFault: 'round 7: no',
  };
  const other = { hash: hash('b'), faults: [], seenAt: '' };
  const cases: readonly [what: string, given: RulesView, shown: readonly string[], hidden: readonly string[]][] = [
    ['the first set', view({ inForce: { ...view().inForce!, how: 'first' } }), ['from the start'], ['since']],
    ['what is in force', view(), ['aaaaaaaaaaaa', 'since', 'saved'], ['alarm', 'waits', 'pinned']],
    [
      'what is saved and waits',
      view({ candidate: other }),
      ['bbbbbbbbbbbb</code> is saved and waits', 'parley rules activate'],
      ['pinned'],
    ],
    [
      'a pin, and that the folder is ahead',
      view({ candidate: other, pinned: hash('a') }),
      ['pinned', 'The folder is ahead'],
      ['is saved and waits'],
    ],
    [
      'a set that is tried',
      view({ shadow }),
      ['dddddddddddd', '1,204 rounds', '37 of 310 decisions would differ', '2 faults'],
      [],
    ],
    [
      'faults, harmless',
      view({
        candidate: { hash: null, faults: ['money.yaml:7:5: unknown key "<b>". Did you mean "assert"?'], seenAt: '' },
      }),
      ['role="alert"', 'money.yaml:7:5', 'Did you mean', 'stay in force', '&lt;b&gt;'],
      ['<b>"', 'is saved and waits'],
    ],
    [
      'a store without rules',
      view({ inForce: undefined, candidate: { hash: null, faults: ['shop.yaml: gone'], seenAt: '' } }),
      ['No rule set is in force yet', 'nothing is decided before it is right'],
      [],
    ],
    [
      'a request that was not done',
      view({ refused: { seq: 3, want: 'rollback', hash: null, reason: 'There is no earlier rule set.', now: '' } }),
      ['Asked for and not done', 'There is no earlier'],
      [],
    ],
  ];
  for (const [what, given, shown, hidden] of cases)
    test(`show ${what}`, async () => {
      const text = await textOf([given]);
      for (const part of shown) assert.ok(text.includes(part), `${part} in ${text}`);
      for (const part of hidden) assert.ok(!text.includes(part), `${part} not in ${text}`);
    });

  test('are told once for stores of which the same is true, and apart where not', async () => {
    const both = await textOf([view(), view({ store: 'two' })]);
    assert.equal(both.match(/class="rules"/g)?.length, 1);
    const apart = await textOf([view(), view({ store: 'two', pinned: hash('a') })]);
    assert.equal(apart.match(/class="rules"/g)?.length, 2);
    assert.ok(apart.includes('>two<'));
  });
});
