import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { Fact } from '#shared/contracts/facts.ts';
import { factView } from '#shared/contracts/facts.ts';
import { readLeaf } from '#shared/contracts/leaf-facts.ts';
import { projectOnto } from '#shared/contracts/projection.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { HOUR_MS, plus } from '#shared/kernel/time.ts';
import { overlap } from './board.ts';
import { effectsOf } from './effects.ts';
import { judge } from './resolve.ts';
import { event, fact, launch, NOW, policy, propose, setPrice, skuFacts, world } from './testing.ts';
import type { Claim, OpenEscalation, Outcome, Proposed, StandingAction } from './types.ts';
import type { World } from './world.ts';

/** What a step of a history is made of: wishes of one round, then what becomes of an action or a question. */
const anyWish = fc.record({
  agent: fc.constantFrom('pricing', 'marketing', 'support', 'inventory', 'orders'),
  objective: fc.constantFrom('safety', 'margin', 'growth', 'clearance', 'availability'),
  sku: fc.constantFrom('A', 'B'),
  kind: fc.constantFrom(
    'price',
    'price',
    'launch',
    'launch',
    'category',
    'pause',
    'archive',
    'reorder',
    'hold',
    'cancel',
    'refund',
  ),
  value: fc.integer({ min: 300, max: 1_500 }),
  flexible: fc.boolean(),
});
const anyStep = fc.record({
  wishes: fc.array(anyWish, { maxLength: 5 }),
  next: fc.constantFrom('done', 'done', 'failed', 'calling', 'person', 'ruled', 'expired', 'nothing'),
  which: fc.nat(20),
});
type Wish = typeof anyWish extends fc.Arbitrary<infer W> ? W : never;
type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never;

function built(wish: Wish, id: string, cause: ReturnType<typeof event>): Proposed {
  const { agent, objective, sku, kind, value, flexible } = wish;
  const flex = (param: string, min: number, max: number) => (flexible ? { flex: { param, min, max } } : {});
  const made = () => {
    const other = (action: string, params: Record<string, unknown>) => propose(agent, { action, objective, params });
    switch (kind) {
      case 'price':
        return setPrice(agent, sku, value, { objective, ...flex('priceMinor', 300, 2_000) });
      case 'launch':
        return launch(agent, `sku:${sku}`, value, { objective, ...flex('discountBasisPoints', 1, 2_000) });
      case 'category':
        return launch(agent, 'category:candles', value, { objective, ...flex('discountBasisPoints', 1, 2_000) });
      case 'pause':
        return other('promotion.pause', { target: `sku:${sku}` });
      case 'archive':
        return other('product.archive', { sku });
      case 'reorder':
        return other('reorder.place', { sku, supplier: 's', units: value, expectedAt: plus(NOW, 200 * HOUR_MS) });
      case 'hold':
        return other('order.hold', { order: sku, handle: agent, holdReason: 'fraud', note: '' });
      case 'cancel':
        return other('order.cancel', { order: sku, cancelReason: 'fraud', restock: true });
      default:
        return other('refund.issue', { order: sku, amountMinor: value, currency: 'GBP', note: '' });
    }
  };
  return { ...made(), id, event: cause };
}

/** What the coordinator's tables would hold, from round to round. */
class History {
  facts: Fact[] = [
    ...skuFacts('A'),
    ...skuFacts('B', 1_300, 800),
    ...['A', 'B'].map((name) =>
      fact(`order:${name}`, 'placed', { at: NOW, name, currency: 'GBP', totalMinor: 3_000, units: 1, lines: 1 }),
    ),
  ];
  readonly claims = new Map<string, Claim>();
  readonly actions = new Map<string, StandingAction>();
  readonly escalations = new Map<string, OpenEscalation>();
  readonly rulings = new Map<string, number>();
  seq = 0;
  now = NOW;

  world(): World {
    return world({
      facts: this.facts,
      claims: [...this.claims.values()].filter((claim) => claim.to === undefined || claim.to > this.now),
      actions: [...this.actions.values()],
      escalations: [...this.escalations.values()],
      categories: new Map([['candles', ['sku:A', 'sku:B']]]),
    });
  }

  event(over = {}) {
    this.seq++;
    this.now = plus(this.now, HOUR_MS);
    return event(this.seq, { now: this.now, ...over });
  }

  take(outcome: Outcome): void {
    for (const { claim } of outcome.endedClaims) this.claims.delete(claim);
    for (const { claim, until } of outcome.closedClaims)
      this.claims.set(claim, { ...this.claims.get(claim)!, to: until });
    for (const claim of outcome.claims) {
      assert.ok(!this.claims.has(claim.claim), `${claim.claim} is there already`);
      this.claims.set(claim.claim, claim);
    }
    for (const action of outcome.actions) {
      assert.ok(!this.actions.has(action.action), `${action.action} is there already`);
      this.actions.set(action.action, { ...action, state: 'pending' });
    }
    for (const { action } of outcome.revocations) {
      assert.equal(this.actions.get(action)?.state, 'pending', `${action} can be revoked`);
      this.actions.delete(action);
    }
    for (const { escalation } of outcome.endedEscalations) {
      this.rulings.set(escalation, (this.rulings.get(escalation) ?? 0) + 1);
      this.escalations.delete(escalation);
    }
    for (const asked of outcome.escalations) this.escalations.set(asked.escalation, { ...asked, state: 'open' });
  }

  /** One of the actions, or questions, goes on: the round of its event. */
  goOn({ next, which }: Step): void {
    const action = [...this.actions.values()].filter(({ state }) => state === 'pending' || state === 'calling')[
      which % 3
    ];
    const asked = [...this.escalations.values()][which % 2];
    const effects = (seen: ReturnType<typeof event>, before?: Parameters<typeof effectsOf>[3]) =>
      this.take(effectsOf(seen, this.world(), policy(), before));
    if (next === 'person') {
      const price = { minor: 700 + which * 30, currency: 'GBP' };
      this.#set('sku:A', price);
      const was = { minor: 0, currency: 'GBP' };
      effects(this.event({ type: 'price.changed', data: price }), { attribute: 'price', was, is: price });
    } else if ((next === 'ruled' || next === 'expired') && asked) {
      const option = asked.options[which % asked.options.length]!.id;
      const data = { escalation: asked.escalation, option, by: 'Jo', purpose: 'default' };
      effects(this.event({ type: next === 'ruled' ? 'ruling.given' : 'escalation.due', data }));
    } else if (action && (next === 'done' || next === 'failed' || next === 'calling')) {
      this.#move(action, next === 'failed' ? 'failed' : next);
      if (next !== 'calling') effects(this.event({ type: `action.${next}`, data: { action: action.action } }));
    }
  }

  #move(action: StandingAction, state: 'done' | 'failed' | 'calling'): void {
    if (state === 'failed') this.actions.delete(action.action);
    else this.actions.set(action.action, { ...action, state });
    for (const claim of this.claims.values())
      if (claim.action === action.action) this.claims.set(claim.claim, { ...claim, actionState: state });
    if (state !== 'done') return;
    for (const { resource, attribute, value } of action.writes) if (attribute === 'price') this.#set(resource, value);
  }

  #set(resource: ResourceKey, price: unknown): void {
    this.facts = this.facts.filter((known) => known.resource !== resource || known.attribute !== 'price');
    this.facts.push({ ...fact(resource, 'price', price, this.seq), time: this.now });
  }
}

function play(
  steps: readonly Step[],
  round: (history: History, proposed: Proposed[], outcome: Outcome, before: World) => void,
): History {
  const history = new History();
  for (const step of steps) {
    const cause = history.event();
    const proposed = step.wishes.map((wish, index) => built(wish, `${cause.seq}.${index}`, cause));
    const before = history.world();
    const outcome = judge(cause, proposed, before, policy());
    history.take(outcome);
    round(history, proposed, outcome, before);
    history.goOn(step);
  }
  return history;
}

const histories = fc.array(anyStep, { minLength: 1, maxLength: 7 });
const RUNS = { numRuns: 250, includeErrorInReport: true };

/** Two claims that cannot both be in force; a question holds its keys beside what protective intents add. */
function incompatible(a: Claim, b: Claim): boolean {
  if (a.resource !== b.resource || !overlap(a, b)) return false;
  if (a.aspect === b.aspect && a.exclusive && b.exclusive) return true;
  if (a.owner === 'escalation' || b.owner === 'escalation') return false;
  const [first, second] = [ACTION_TYPES.get(a.layer.action), ACTION_TYPES.get(b.layer.action)];
  const opposed = first?.opposes?.includes(b.layer.action) || second?.opposes?.includes(a.layer.action);
  return opposed === true || (a.aspect === b.aspect && (a.exclusive || b.exclusive));
}

/** Rules that do not hold on a leaf at a time, with the claims that are then in force. */
function broken(leaf: ResourceKey, at: string, claims: Iterable<Claim>, facts: readonly Fact[]): string[] {
  const here = [...claims].filter(
    (claim) =>
      claim.resource === leaf &&
      // What waits for a person is not granted.
      claim.owner !== 'escalation' &&
      claim.from <= at &&
      (claim.to === undefined || claim.to > at),
  );
  const projected = projectOnto(
    readLeaf(leaf, factView(facts), at),
    here.map((claim) => claim.layer.layer),
  );
  const actions = here.map((claim) => claim.layer.action);
  return policy()
    .violations({ leaf, category: 'candles', actions, projected, now: at })
    .map((violation) => violation.rule);
}

describe('over histories of several rounds', () => {
  test('no two incompatible claims are in force at once', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        play(steps, (history) => {
          const claims = [...history.claims.values()].filter(
            (claim) => claim.to === undefined || claim.to > history.now,
          );
          claims.forEach((a, index) => {
            for (const b of claims.slice(index + 1))
              assert.ok(!incompatible(a, b), `${a.claim} (${a.owner}) and ${b.claim} (${b.owner})`);
          });
        });
      }),
      RUNS,
    );
  });

  test('a verdict never breaks a guardrail that held on the merged state', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        let claims: Claim[] = [];
        play(steps, (history, _proposed, _outcome, before) => {
          claims = [...history.claims.values()];
          const earlier = (leaf: ResourceKey) => before.claimsOn(leaf, history.now);
          for (const leaf of ['sku:A', 'sku:B'] as const) {
            const times = [history.now, ...claims.map((claim) => claim.from).filter((from) => from > history.now)];
            for (const at of times) {
              const held = new Set(broken(leaf, at, earlier(leaf), history.facts));
              const now = broken(leaf, at, claims, history.facts).filter((rule) => !held.has(rule));
              assert.deepEqual(now, [], `${leaf} at ${at}`);
            }
          }
        });
      }),
      RUNS,
    );
  });

  test('every intent is decided exactly once, and every question gets at most one ruling', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const { rulings } = play(steps, (_history, proposed, outcome) => {
          const decided = outcome.decisions.filter(({ agent }) => agent !== 'coordinator').map(({ intent }) => intent);
          assert.deepEqual(decided.sort(), proposed.map(({ id }) => id).sort());
        });
        for (const [escalation, count] of rulings) assert.equal(count, 1, escalation);
      }),
      RUNS,
    );
  });

  test('the order of arrival within a round plays no part', () => {
    const text = (list: readonly unknown[]) => list.map((item) => JSON.stringify(item)).sort();
    fc.assert(
      fc.property(histories, (steps) => {
        play(steps, (_history, proposed, outcome, before) => {
          const cause = proposed[0]?.event;
          if (!cause) return;
          const again = judge(cause, [...proposed].reverse(), before, policy());
          for (const part of [
            'decisions',
            'claims',
            'endedClaims',
            'actions',
            'revocations',
            'escalations',
            'timers',
          ] as const)
            assert.deepEqual(text(again[part]), text(outcome[part]), part);
        });
      }),
      { ...RUNS, numRuns: 150 },
    );
  });

  test('adjusting moves towards the floor, never away from it', () => {
    let adjusted = 0;
    fc.assert(
      fc.property(histories, (steps) => {
        play(steps, (_history, proposed, outcome) => {
          for (const decision of outcome.decisions.filter(({ verdict }) => verdict === 'adjusted')) {
            adjusted++;
            const asked = proposed.find(({ id }) => id === decision.intent)!.intent.params as Record<string, number>;
            const given = decision.params as Record<string, number>;
            if (decision.actionType === 'price.set') assert.ok(given.priceMinor! >= asked.priceMinor!);
            else assert.ok(given.discountBasisPoints! <= asked.discountBasisPoints!);
          }
        });
      }),
      RUNS,
    );
    assert.ok(adjusted > 0, 'some were adjusted');
  });
});
