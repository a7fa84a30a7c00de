import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { afterDiscount, marginBasisPoints } from '#shared/kernel/money.ts';
import { HOUR_MS, plus } from '#shared/kernel/time.ts';
import { admitAll } from './admit.ts';
import { overlap } from './board.ts';
import { byPrecedence, inSequence } from './precedence.ts';
import { prepare } from './prepare.ts';
import { goesAhead, settingOf } from './standing.ts';
import { event, fact, launch, MARGIN_FLOOR, NOW, policy, propose, setPrice, skuFacts, world } from './testing.ts';
import type { Candidate, Proposed } from './types.ts';

/**
 * Admission goes through the intents once, in declared precedence; the oracle tries every subset, with every way to
 * carry out each member, and knows nothing of boards or standings. What admission admits must be feasible to the oracle;
 * how often it finds the best (the strongest intents, in order) is measured, not promised.
 */

const SKUS: Readonly<Record<string, readonly [price: number, cost: number]>> = { A: [1_000, 600], B: [1_300, 800] };
/** Measured over 4,000 components: 95.2 %. What is missing: a price raised too late to help a stronger discount, and the nearest value, which leaves the next no room. */
const OPTIMA_FLOOR = 0.93;

const anyWish = fc.record({
  agent: fc.constantFrom('pricing', 'marketing', 'support', 'inventory', 'orders'),
  objective: fc.constantFrom('margin', 'growth', 'clearance', 'availability'),
  sku: fc.constantFrom('A', 'B'),
  kind: fc.constantFrom(
    'price',
    'price',
    'launch',
    'launch',
    'launch',
    'later',
    'category',
    'pause',
    'archive',
    'reorder',
  ),
  value: fc.integer({ min: 1, max: 12 }),
  flexible: fc.boolean(),
});
type Wish = typeof anyWish extends fc.Arbitrary<infer W> ? W : never;

/** Wishes that no two of can become one action: figures differ by their place in the list. */
function built(wishes: readonly Wish[]): Proposed[] {
  let flexible = 0;
  const groups = new Set<string>();
  return wishes.flatMap((wish, index) => {
    const { agent, objective, sku, kind, value } = wish;
    if (['category', 'archive', 'pause', 'reorder'].includes(kind)) {
      const once = kind === 'category' ? kind : `${kind} ${sku}`;
      if (groups.has(once)) return [];
      groups.add(once);
    }
    const flex = (param: string, min: number, max: number) =>
      wish.flexible && flexible++ < 2 ? { flex: { param, min, max } } : {};
    const discount = value * 200 + index;
    const other = (action: string, params: Record<string, unknown>) => propose(agent, { action, objective, params });
    const made = () => {
      if (kind === 'price') {
        const price = 650 + value * 60 + index;
        return setPrice(agent, sku, price, { objective, ...flex('priceMinor', price, 1_600) });
      }
      const target = kind === 'category' ? 'category:candles' : `sku:${sku}`;
      const promotion = launch(agent, target, discount, { objective, ...flex('discountBasisPoints', 1, discount) });
      if (kind === 'launch' || kind === 'category') return promotion;
      if (kind === 'later') {
        const params = {
          ...promotion.intent.params,
          startsAt: plus(NOW, 100 * HOUR_MS),
          endsAt: plus(NOW, 150 * HOUR_MS),
        };
        return { ...promotion, intent: { ...promotion.intent, params } };
      }
      if (kind === 'pause') return other('promotion.pause', { target: `sku:${sku}`, until: plus(NOW, 50 * HOUR_MS) });
      if (kind === 'archive') return other('product.archive', { sku });
      return other('reorder.place', { sku, supplier: 's', units: 10, expectedAt: plus(NOW, 200 * HOUR_MS) });
    };
    return [{ ...made(), id: `i${index}` }];
  });
}

const around = () =>
  world({
    facts: Object.entries(SKUS).flatMap(([name, [price, cost]]) => [
      ...skuFacts(name, price, cost),
      fact(`sku:${name}`, 'promotions', { x: { title: 'x', discountBasisPoints: 1, startsAt: NOW } }),
    ]),
    categories: new Map([['candles', ['sku:A', 'sku:B'] as ResourceKey[]]]),
  });

/** One way to carry an intent out: as it was proposed, or changed. */
interface Carried {
  readonly candidate: Candidate;
  readonly params: Readonly<Record<string, unknown>>;
  readonly leaves: readonly ResourceKey[];
}

/** As proposed; then with the flexible parameter at its kinder end; of a group any part. */
function waysOf(candidate: Candidate): Carried[] {
  const { flex } = candidate.intent;
  const kinder = flex && { ...candidate.params, [flex.param]: flex.param === 'priceMinor' ? flex.max : flex.min };
  const parts =
    candidate.leaves.length === 1 ? [candidate.leaves] : [candidate.leaves, ...candidate.leaves.map((leaf) => [leaf])];
  return [candidate.params, ...(kinder ? [kinder] : [])].flatMap((params) =>
    parts.map((leaves) => ({ candidate, params, leaves })),
  );
}

/** What a person would call better, the strongest first: as proposed, then changed, then not at all. */
function worth({ candidate, params, leaves }: Carried): number {
  return params === candidate.params && leaves.length === candidate.leaves.length ? 2 : 1;
}

/** Whether these can all be carried out: no two exclude each other, and the margin holds at every moment. */
function feasible(all: readonly Carried[]): boolean {
  for (const [index, a] of all.entries())
    for (const b of all.slice(index + 1)) if (excludeEachOther(a, b)) return false;
  return Object.entries(SKUS).every(([name, [price, cost]]) => {
    const here = all.filter(({ leaves }) => leaves.includes(`sku:${name}`));
    const moments = [NOW, ...here.map(({ candidate }) => candidate.window.from)];
    return moments.every((at) => {
      const then = here.filter(({ candidate: { window } }) => window.from <= at && (window.to ?? '9') > at);
      const set = then.flatMap(({ params }) => (params.priceMinor as number | undefined) ?? []);
      const discounts = then.flatMap(({ params }) => (params.discountBasisPoints as number | undefined) ?? []);
      const net = discounts.sort((x, y) => y - x).reduce(afterDiscount, set[0] ?? price);
      return marginBasisPoints(net, cost) >= MARGIN_FLOOR;
    });
  });
}

function excludeEachOther(a: Carried, b: Carried): boolean {
  const [one, other] = [a.candidate.type, b.candidate.type];
  if (!a.leaves.some((leaf) => b.leaves.includes(leaf)) || !overlap(a.candidate.window, b.candidate.window))
    return false;
  const opposed = one.opposes?.includes(other.type) || other.opposes?.includes(one.type);
  const same = one.hold?.aspect === other.hold?.aspect;
  return opposed === true || (same && (one.hold?.exclusive === true || other.hold?.exclusive === true));
}

/** The best by declared precedence: the first feasible one, of all, in the order in which the strongest counts most. */
function optimum(rest: readonly Candidate[], taken: readonly Carried[] = []): readonly Carried[] | undefined {
  const [first, ...weaker] = rest;
  // Only a price can still lift a margin; without one to come, what does not hold now never will.
  if (!rest.some(({ type }) => type.type === 'price.set') && !feasible(taken)) return undefined;
  if (!first) return taken;
  for (const way of waysOf(first)) {
    if (taken.some((other) => excludeEachOther(way, other))) continue;
    const found = optimum(weaker, [...taken, way]);
    if (found) return found;
  }
  return optimum(weaker, taken);
}

/** One figure for what is carried out, in which the strongest counts most. */
function rankedWorth(ordered: readonly Candidate[], carried: readonly Carried[]): number {
  const worths = new Map(carried.map((one) => [one.candidate.id, worth(one)]));
  return ordered.reduce((sum, { id }) => sum * 3 + (worths.get(id) ?? 0), 0);
}

const RULES = policy({ ask: () => undefined });

function admitted(wishes: readonly Wish[]): { ordered: Candidate[]; carried: Carried[] } {
  const setting = settingOf(NOW, around(), RULES);
  const ordered = built(wishes)
    .flatMap((entry) => {
      const prepared = prepare({ ...entry, event: event(1) }, NOW, setting.around, RULES);
      return 'candidate' in prepared ? [prepared.candidate] : [];
    })
    .sort(byPrecedence);
  const proposed = new Map(ordered.map((candidate) => [candidate.id, candidate]));
  const carried = admitAll(inSequence(ordered), setting)
    .filter(goesAhead)
    .map(({ candidate: { id, params, leaves } }) => ({ candidate: proposed.get(id)!, params, leaves }));
  return { ordered, carried };
}

describe('an exhaustive oracle over components of up to eight intents', () => {
  test('admission never admits what the oracle calls infeasible, and reaches its optimum almost always', (t) => {
    let components = 0;
    let optimal = 0;
    let share = 0;
    fc.assert(
      fc.property(fc.array(anyWish, { minLength: 2, maxLength: 8 }), (wishes) => {
        const { ordered, carried } = admitted(wishes);
        assert.ok(feasible(carried), JSON.stringify(carried.map(({ params, leaves }) => [params, leaves])));
        const value = rankedWorth(ordered, carried);
        const best = rankedWorth(ordered, optimum(ordered) ?? []);
        components++;
        if (value >= best) optimal++;
        share += best === 0 ? 1 : Math.min(1, value / best);
      }),
      { numRuns: 400, seed: 20_111_005, includeErrorInReport: true },
    );
    t.diagnostic(
      `${components} components: the optimum by declared precedence in ${percent(optimal / components)}, of its weight ${percent(share / components)}`,
    );
    assert.ok(optimal / components >= OPTIMA_FLOOR, percent(optimal / components));
  });

  test('the oracle itself tells the feasible from the infeasible', () => {
    const of = (...proposed: Proposed[]) =>
      proposed.map((entry) => {
        const prepared = prepare(entry, NOW, around(), RULES);
        assert.ok('candidate' in prepared);
        const { candidate } = prepared;
        return { candidate, params: candidate.params, leaves: candidate.leaves };
      });
    assert.ok(feasible(of(setPrice('pricing', 'A', 950), launch('marketing', 'sku:A', 1_000))));
    assert.ok(!feasible(of(setPrice('pricing', 'A', 800), launch('marketing', 'sku:A', 2_000))));
    assert.ok(!feasible(of(setPrice('pricing', 'A', 950), setPrice('marketing', 'A', 960))));
  });
});

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
