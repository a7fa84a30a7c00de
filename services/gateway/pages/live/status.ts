import type { Transaction } from '#shared/store/connect.ts';
import { readOpenEscalations } from '#shared/store/pages/escalations.ts';
import { readRules } from '#shared/store/pages/rules.ts';
import { readStoreViews } from '#shared/store/pages/stores.ts';
import { readAgentNames, readTotals } from '#shared/store/pages/totals.ts';
import type { StatusView } from '../html/summary.ts';
import type { Services } from './services.ts';

const OPEN_SHOWN = 50;

/** Everything at the top of the page, of the stores that the transaction has named. */
export async function readStatus(
  tx: Transaction,
  services: Services,
  wanted: readonly string[],
): Promise<StatusView & { readonly agents: readonly string[] }> {
  const stores = (await readStoreViews(tx)).filter((row) => wanted.includes(row.store));
  const totals = [];
  const rules = [];
  for (const { store } of stores) {
    totals.push(await readTotals(tx, store));
    rules.push(await readRules(tx, store));
  }
  const agents = await readAgentNames(tx);
  const open = await readOpenEscalations(tx, OPEN_SHOWN);
  return { stores, totals, open, rules, agents, services: services.states(agents) };
}
