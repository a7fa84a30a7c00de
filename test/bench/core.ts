import type { Envelope } from '#shared/contracts/envelope.ts';
import { judge } from '#shared/judgement/resolve.ts';
import { claim, event, NOW, propose, skuFacts, world as worldWith } from '#shared/judgement/testing.ts';
import type { Claim, Proposed } from '#shared/judgement/types.ts';
import type { World } from '#shared/judgement/world.ts';
import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
import { DAY_MS, plus } from '#shared/kernel/time.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { round } from './figures.ts';
import { shippedPolicy } from './rule-sets.ts';

const SKUS = 1_000;
const INDEX_SIZES = [1_000, 10_000, 100_000, 1_000_000];
const MEASURE_MS = 2_000;
const WARM_UP_MS = 1_000;

export interface Round {
  readonly event: Envelope;
  readonly proposed: readonly Proposed[];
}

/**
 * Detecting and resolving on one core with the shipped rules, over rounds of five intents of which some collide, with
 * more and more claims in the index. The floor is what no judgement can do without: one look into the index and one
 * canonical text an intent.
 */
export async function core(): Promise<object> {
  const policy = await shippedPolicy();
  const rounds = Array.from({ length: SKUS }, (_, n) => roundOn(n));
  const perSecond: Record<string, number> = {};
  let floor = 0;
  for (const size of INDEX_SIZES) {
    const world = worldOf(size);
    if (size === INDEX_SIZES[0]) floor = measure(rounds, (one) => lookOnly(one, world));
    perSecond[size] = Math.round(measure(rounds, (one) => judge(one.event, one.proposed, world, policy)));
  }
  const least = perSecond[INDEX_SIZES[0]!]!;
  const most = perSecond[INDEX_SIZES.at(-1)!]!;
  return {
    name: 'core',
    floor: Math.round(floor),
    ours: most,
    ratio: round(most / floor),
    intentsPerSecondByClaims: perSecond,
    slowerWithAMillion: round(least / most),
    verdicts: verdictsOf(rounds, worldOf(INDEX_SIZES[0]!), policy),
  };
}

/** Intents a second, over all rounds again and again for the measuring time. */
function measure(rounds: readonly Round[], work: (round: Round) => unknown): number {
  const run = (ms: number) => {
    const started = performance.now();
    let intents = 0;
    for (let n = 0; performance.now() - started < ms; n = (n + 1) % rounds.length) {
      work(rounds[n]!);
      intents += rounds[n]!.proposed.length;
    }
    return (intents * 1_000) / (performance.now() - started);
  };
  run(WARM_UP_MS);
  return run(MEASURE_MS);
}

function lookOnly(one: Round, world: World): number {
  let found = 0;
  for (const { intent } of one.proposed) {
    found += world.claimsOn(`sku:N${one.event.seq}`, NOW).length + canonicalJson(intent as unknown as Json).length;
  }
  return found;
}

/** One claim a resource; the first thousand lie on the SKUs that are judged, the others elsewhere. */
export function worldOf(claims: number): World {
  return worldWith({
    facts: Array.from({ length: SKUS }, (_, n) => skuFacts(`N${n}`)).flat(),
    claims: Array.from({ length: claims }, (_, n) => claimOn(n)),
  });
}

export function claimOn(n: number): Claim {
  return claim({
    claim: `old/sku:N${n}/promotion`,
    resource: `sku:N${n}`,
    aspect: 'promotion',
    exclusive: false,
    owner: 'marketing',
    to: plus(NOW, 3 * DAY_MS),
    layer: { action: 'promotion.launch', layer: { discountBasisPoints: 500 }, intent: `old${n}`, rank: [1, 5, 4] },
    action: `old${n}`,
  });
}

/** A price cut that flexes, a price of another agent's, a promotion that the two may break, a reorder, a notice. */
export function roundOn(n: number): Round {
  const cause = event(n);
  const sku = `N${n}`;
  const over = (agent: string) => ({ event: cause, id: `${cause.id}.${agent}.1.0` });
  const launch = { target: `sku:${sku}`, discountBasisPoints: 1_000 + (n % 20) * 100, title: 'Sale', combines: true };
  return {
    event: cause,
    proposed: [
      propose(
        'pricing',
        {
          action: 'price.set',
          params: { sku, priceMinor: 760 + (n % 200), currency: 'GBP' },
          flex: { param: 'priceMinor', min: 700, max: 1_100 },
        },
        over('pricing'),
      ),
      propose(
        'marketing',
        {
          action: 'promotion.launch',
          objective: 'growth',
          params: { ...launch, startsAt: NOW, endsAt: plus(NOW, 2 * DAY_MS) },
        },
        over('marketing'),
      ),
      propose(
        'orders',
        { action: 'price.set', objective: 'growth', params: { sku, priceMinor: 900, currency: 'GBP' } },
        over('orders'),
      ),
      propose(
        'inventory',
        {
          action: 'reorder.place',
          objective: 'availability',
          params: { sku, units: 10 + (n % 50), supplier: 's1', expectedAt: plus(NOW, 9 * DAY_MS) },
        },
        over('inventory'),
      ),
      propose(
        'support',
        {
          action: 'notice.send',
          objective: 'customer-care',
          params: { customer: `c${n}`, order: `o${n}`, topic: 'delay', subject: 'Your order', text: 'It comes later.' },
        },
        over('support'),
      ),
    ],
  };
}

function verdictsOf(rounds: readonly Round[], world: World, policy: Policy): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of rounds)
    for (const decision of judge(one.event, one.proposed, world, policy).decisions)
      counts[decision.verdict] = (counts[decision.verdict] ?? 0) + 1;
  return counts;
}
