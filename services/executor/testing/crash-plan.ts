import fc from 'fast-check';
import { SHOPIFY_OPERATIONS } from '#shared/connectors/shopify/shopify-admin.ts';
import { CASES, SHOPIFY_IDS } from '#shared/connectors/testing/contract.ts';
import { FAKE_TOKEN, FakeStore } from '#shared/connectors/testing/fake-store.ts';
import { FAKE_WOO_KEY, FakeWoo, WOO_IDS } from '#shared/connectors/testing/woocommerce/fake-woo.ts';
import { WOOCOMMERCE_OPERATIONS } from '#shared/connectors/woocommerce/woocommerce.ts';
import { type Aftermath, type CrashPoint, CrashStage, type Platform } from './crash-points.ts';
import { type Crash, MISFORTUNES } from './life.ts';

const typesBut = (operations: ReadonlyMap<string, unknown>) =>
  CASES.map(({ type }) => type).filter((type) => !operations.has(type));

const PLATFORMS: readonly Platform[] = [
  {
    // Shopify's Admin API; as the sandbox it may be on this machine, and has a desk for purchase orders.
    platform: 'sandbox',
    credential: FAKE_TOKEN,
    ids: SHOPIFY_IDS,
    refuses: typesBut(SHOPIFY_OPERATIONS),
    calls: {},
    fake: () => new FakeStore(),
  },
  {
    platform: 'woocommerce',
    credential: JSON.stringify(FAKE_WOO_KEY),
    ids: WOO_IDS,
    refuses: typesBut(WOOCOMMERCE_OPERATIONS),
    calls: { 'order.cancel': { all: 2 }, 'credit.give': { all: 2 }, 'order.tag': { all: 2, enough: 1 } },
    fake: () => new FakeWoo(),
  },
];

/** The process that takes over waits about this often for the outside; what lies beyond strikes nothing. */
const SECOND_WAITS = 6;
const SECOND_MISFORTUNES = MISFORTUNES.filter((each) => !each.startsWith('stop'));

/** The share of points where the process that takes over is struck as well. */
const PAIRS = 0.2;

export interface CrashReport {
  readonly seed: number;
  readonly points: number;
  /** How many of them struck a second process, and how many single points there are. */
  readonly pairs: number;
  readonly singles: number;
  readonly ends: Readonly<Record<string, number>>;
  /** By platform and action: points struck and effects that came of them. */
  readonly effects: Readonly<Record<string, { points: number; effects: number }>>;
  readonly doubled: number;
  readonly blindRetries: number;
  readonly faults: readonly string[];
}

/** Strikes the executor at so many points, drawn from the seed: single ones, and pairs. */
export async function strikeAll(count: number, seed: number, say: (text: string) => void): Promise<CrashReport> {
  const stage = await CrashStage.open(PLATFORMS);
  try {
    const singles = await singlePoints(stage);
    const points = draw(singles, count, seed);
    const aftermaths: Aftermath[] = [];
    for (const point of points) {
      const aftermath = await stage.strike(point).catch((thrown: Error) => failedToEnd(point, thrown));
      for (const fault of aftermath.faults) say(`FAULT ${nameOf(point)}: ${fault}`);
      aftermaths.push(aftermath);
      if (aftermaths.length % 100 === 0) say(`${aftermaths.length} of ${points.length}`);
    }
    return reportOf(aftermaths, seed, singles.length);
  } finally {
    await stage.close();
  }
}

async function singlePoints(stage: CrashStage): Promise<CrashPoint[]> {
  const points: CrashPoint[] = [];
  for (const { platform, refuses } of PLATFORMS)
    for (const { type } of CASES.filter((one) => !refuses.includes(one.type))) {
      const waits = await stage.waitsOf(platform, type);
      for (let at = 1; at <= waits; at++)
        for (const misfortune of MISFORTUNES) points.push({ platform, type, first: { at, misfortune } });
    }
  return points;
}

function draw(singles: readonly CrashPoint[], count: number, seed: number): CrashPoint[] {
  const all = { minLength: singles.length, maxLength: singles.length };
  const [shuffled = []] = fc.sample(fc.shuffledSubarray([...singles], all), { seed, numRuns: 1 });
  const second: fc.Arbitrary<Crash> = fc.record({
    at: fc.integer({ min: 1, max: SECOND_WAITS }),
    misfortune: fc.constantFrom(...SECOND_MISFORTUNES),
  });
  const pair = fc.tuple(fc.constantFrom(...singles), second).map(([first, next]) => ({ ...first, second: next }));
  const paired = Math.max(count - singles.length, Math.floor(count * PAIRS));
  const pairs = paired > 0 ? fc.sample(pair, { seed, numRuns: paired }) : [];
  return [...shuffled.slice(0, count - paired), ...pairs];
}

function failedToEnd(point: CrashPoint, thrown: Error): Aftermath {
  return { point, state: 'broken', effects: 0, blindRetries: 0, faults: [`${thrown.stack ?? thrown}`] };
}

function nameOf({ platform, type, first, second }: CrashPoint): string {
  const of = ({ at, misfortune }: Crash) => `${misfortune} at wait ${at}`;
  return `${platform} ${type}, ${of(first)}${second ? `, then ${of(second)}` : ''}`;
}

function reportOf(aftermaths: readonly Aftermath[], seed: number, singles: number): CrashReport {
  const effects: Record<string, { points: number; effects: number }> = {};
  const ends: Record<string, number> = {};
  for (const { point, state, effects: had } of aftermaths) {
    ends[state] = (ends[state] ?? 0) + 1;
    const name = `${point.platform} ${point.type}`;
    const before = effects[name] ?? { points: 0, effects: 0 };
    effects[name] = { points: before.points + 1, effects: before.effects + had };
  }
  return {
    seed,
    points: aftermaths.length,
    pairs: aftermaths.filter(({ point }) => point.second).length,
    singles,
    ends,
    effects,
    doubled: aftermaths.filter(({ faults }) => faults.some((fault) => /^\d+ effects$/.test(fault))).length,
    blindRetries: aftermaths.reduce((sum, { blindRetries }) => sum + blindRetries, 0),
    faults: aftermaths.flatMap(({ point, faults }) => faults.map((fault) => `${nameOf(point)}: ${fault}`)),
  };
}
