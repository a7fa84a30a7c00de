import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Opened } from '#shared/store/setup/openings.ts';
import { difference, isOpen, nextOpened, type Wanted } from './areas.ts';

const proposals = new Map([
  ['pricing', ['price.set', 'feed.push']],
  ['marketing', ['promotion.launch', 'campaign.send']],
  ['support', ['refund.issue', 'notice.send', 'promotion.launch']],
]);
const watch = (...openings: string[]): Opened => ({
  mode: 'watch',
  openings: openings.map((text) => {
    const [agent = '', action = ''] = text.split(' ');
    return { agent, action };
  }),
});
const live: Opened = { mode: 'live', openings: [] };
const want = (does: Wanted['does'], agents: string[] = [], actions: string[] = []): Wanted => ({
  does,
  agents,
  actions,
});
const text = ({ mode, openings }: Pick<Opened, 'mode' | 'openings'>) =>
  [mode, ...openings.map(({ agent, action }) => `${agent} ${action}`)].join(', ');

describe('opening and closing areas', () => {
  const cases: readonly [name: string, now: Opened, wanted: Wanted, then: string][] = [
    ['everything', watch('pricing *'), want('open'), 'live'],
    ['back to watch', live, want('close'), 'watch'],
    ['an agent', watch(), want('open', ['pricing']), 'watch, pricing *'],
    ['an action', watch(), want('open', [], ['price.set']), 'watch, * price.set'],
    ['an action of an agent', watch(), want('open', ['pricing'], ['price.set']), 'watch, pricing price.set'],
    ['one more', watch('pricing *'), want('open', ['marketing']), 'watch, marketing *, pricing *'],
    ['the wider swallows the narrower', watch('pricing price.set'), want('open', ['pricing']), 'watch, pricing *'],
    ['the narrower adds nothing', watch('pricing *'), want('open', ['pricing'], ['price.set']), 'watch, pricing *'],
    ['what is live is open already', live, want('open', ['pricing']), 'live'],
    ['one agent of a live store back to watch', live, want('close', ['marketing']), 'watch, pricing *, support *'],
    [
      'one action of every agent back to watch',
      live,
      want('close', [], ['promotion.launch']),
      'watch, marketing campaign.send, pricing *, support notice.send, support refund.issue',
    ],
    ['closing what is closed', watch('pricing *'), want('close', ['marketing']), 'watch, pricing *'],
    [
      'closing one action of an open agent',
      watch('pricing *'),
      want('close', ['pricing'], ['price.set']),
      'watch, pricing feed.push',
    ],
  ];
  for (const [name, now, wanted, then] of cases)
    test(name, () => assert.equal(text(nextOpened(now, wanted, proposals)), then));

  test('a name that is not known is refused, with the nearest', () => {
    assert.throws(() => nextOpened(watch(), want('open', ['prising']), proposals), /no agent "prising".*"pricing"/);
    assert.throws(() => nextOpened(watch(), want('open', [], ['price.sett']), proposals), /no action.*"price.set"/);
  });

  test('an agent that does not propose the action is refused', () => {
    assert.throws(
      () => nextOpened(watch(), want('open', ['pricing'], ['refund.issue']), proposals),
      /proposes price.set/,
    );
  });

  test('whatever stood before: what is opened is open, what is closed is closed, and nothing else changes', () => {
    const agents = fc.subarray([...proposals.keys()]);
    const actions = fc.subarray(['price.set', 'promotion.launch', 'refund.issue', 'campaign.send']);
    const step = fc.record({ does: fc.constantFrom('open' as const, 'close' as const), agents, actions });
    fc.assert(
      fc.property(fc.boolean(), fc.array(step, { maxLength: 6 }), (begun, steps) => {
        let now: Opened = begun ? live : watch();
        for (const wanted of steps) {
          let next: ReturnType<typeof nextOpened>;
          try {
            next = nextOpened(now, wanted, proposals);
          } catch {
            continue;
          }
          for (const [agent, known] of proposals)
            for (const action of known) {
              const area = { agent, action };
              const meant =
                (wanted.agents.length === 0 || wanted.agents.includes(agent)) &&
                (wanted.actions.length === 0 || wanted.actions.includes(action));
              const expected = meant ? wanted.does === 'open' : isOpen(now, area);
              assert.equal(
                isOpen(next, area),
                expected,
                `${agent} ${action} after ${text(now)} and ${JSON.stringify(wanted)}`,
              );
            }
          now = next;
        }
      }),
    );
  });

  test('the difference is told area by area', () => {
    assert.deepEqual(difference(watch('* promotion.launch'), watch('support *'), proposals), [
      { agent: 'marketing', action: 'promotion.launch' },
    ]);
  });
});
