import { type Impact, NO_IMPACT } from '#shared/contracts/actions/define.ts';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import { type FactView, factView } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Transaction } from '#shared/store/connect.ts';
import { readFactVersions } from '#shared/store/pages/rounds.ts';
import {
  type AreaReport,
  type AreaRow,
  countVerdicts,
  type Knowledge,
  type MissingReport,
  readAreas,
  readFaults,
  readKnowledge,
  readParties,
  readQuestions,
  readRefused,
  readReportedStore,
  readWatched,
  type WatchedRow,
  type WatchReport,
} from '#shared/store/pages/watch-report.ts';
import { clashesOf } from './clashes.ts';

/** How much a report reads, so that the page of a busy store comes in time. */
const WATCHED_MAX = 5_000;
const CONFLICTS_MAX = 5_000;
const REFUSED_MAX = 40;
const EXAMPLES = 3;

/** What a store would have done, asked and refused over a time; undefined where there is no such store. */
export async function readWatchReport(tx: Transaction, name: string, overMs: number): Promise<WatchReport | undefined> {
  const store = await readReportedStore(tx, name, overMs);
  if (!store) return undefined;
  const { since } = store;
  const [counts, areas, watched, parties, questions, refused, faults, knowledge] = await Promise.all([
    countVerdicts(tx, name, since),
    readAreas(tx, name, since),
    readWatched(tx, name, since, WATCHED_MAX),
    readParties(tx, name, since, CONFLICTS_MAX),
    readQuestions(tx, name, since),
    readRefused(tx, name, since, REFUSED_MAX),
    readFaults(tx, name, overMs),
    readKnowledge(tx, name),
  ]);
  const versions = new Map(watched.flatMap(({ facts }) => facts.map((key) => [key.join('\n'), key] as const)));
  const known = await readFactVersions(tx, name, [...versions.values()]);
  const byVersion = new Map(known.map((fact) => [[fact.resource, fact.attribute, fact.version].join('\n'), fact]));
  const weigh = (row: WatchedRow): Impact | undefined => {
    const cited = row.facts.map((key) => byVersion.get(key.join('\n')));
    return cited.includes(undefined) ? undefined : impactOf(row, factView(cited.flatMap((fact) => fact ?? [])));
  };
  return {
    ...store,
    ...counts,
    areas: areas.map((area) => areaReport(area, watched, store, weigh)),
    clashes: clashesOf(parties),
    questions,
    refused,
    faults,
    missing: missingIn(knowledge),
    cut: watched.length === WATCHED_MAX || new Set(parties.map(({ seq, n }) => `${seq} ${n}`)).size === CONFLICTS_MAX,
  };
}

function areaReport(
  area: AreaRow,
  watched: readonly WatchedRow[],
  { mode, openings }: Pick<WatchReport, 'mode' | 'openings'>,
  weigh: (row: WatchedRow) => Impact | undefined,
): AreaReport {
  const mine = watched.filter(({ agent, type }) => agent === area.agent && type === area.action);
  const weights = mine.flatMap((row) => weigh(row) ?? []);
  const sum = (of: keyof Impact) => weights.reduce((total, weight) => total + weight[of], 0);
  const moved = Object.fromEntries(Object.keys(NO_IMPACT).map((of) => [of, sum(of as keyof Impact)]));
  return {
    ...area,
    open:
      mode === 'live' ||
      openings.some(({ agent, action }) => [area.agent, '*'].includes(agent) && [area.action, '*'].includes(action)),
    ...(mine.length > 0 ? { moved: moved as unknown as Impact } : {}),
    weighed: weights.length,
    examples: mine
      .slice(0, EXAMPLES)
      .map(({ action, resource, params, now }) => ({ intent: action, resource, params, now })),
  };
}

/** By the facts that the decision rests on, as rules weigh it; of a large group those of its first leaves are kept. */
function impactOf({ type, params, leaves, facts }: WatchedRow, view: FactView): Impact | undefined {
  const kept = new Set(facts.map(([resource]) => resource));
  const declared = ACTION_TYPES.get(type);
  const read = declared?.params.safeParse(params);
  if (!declared || !read?.success) return undefined;
  const weighed = leaves.filter((leaf) => kept.has(leaf) || declared.reads.length === 0);
  if (weighed.length === 0) return undefined;
  const impacts = weighed.map((leaf) => declared.impact(read.data, leaf as ResourceKey, view));
  return impacts.reduce((total, one) => ({
    revenueMinor: total.revenueMinor + one.revenueMinor,
    marginMinor: total.marginMinor + one.marginMinor,
    cashMinor: total.cashMinor + one.cashMinor,
    units: total.units + one.units,
    customers: total.customers + one.customers,
  }));
}

function missingIn(known: Knowledge): MissingReport[] {
  const { products, customers } = known;
  const all: MissingReport[] = [
    {
      what: 'cost of products',
      missing: known.withoutCost,
      of: products,
      without: 'nobody knows a margin, so that prices and promotions of these are refused',
    },
    {
      what: 'price of products',
      missing: known.withoutPrice,
      of: products,
      without: 'nothing can be priced or promoted',
    },
    {
      what: 'stock of products',
      missing: known.withoutStock,
      of: products,
      without: 'nothing is reordered, and a promotion may sell what is not there',
    },
    {
      what: 'supplier of products',
      missing: known.withoutSupplier,
      of: products,
      without: 'nothing is reordered; send supplier.listed through a Standard Webhooks endpoint',
    },
    {
      what: 'category of products',
      missing: known.withoutCategory,
      of: products,
      without: 'rules and campaigns for a category pass these by',
    },
    {
      what: 'consent of customers',
      missing: known.withoutConsent,
      of: customers,
      without: 'these get no campaign',
    },
  ];
  return all.filter(({ missing }) => missing > 0);
}
