import { missingOf, type RegisteredWebhook, type StoreConcierge } from '#shared/connectors/concierge.ts';
import { toParleyError } from '#shared/kernel/errors.ts';
import { MINUTE_MS, SECOND_MS } from '#shared/kernel/time.ts';
import {
  type ConnectedEndpoint,
  type LastDelivery,
  readAsked,
  readLastDelivery,
  readRegistered,
  readStoreEndpoints,
} from '#shared/store/setup/connections.ts';
import type { Door } from './door.ts';
import { conciergeOf, type KeptStore, openedSecrets } from './kept.ts';
import { isReached, webhookAddress, webhookBase } from './platforms.ts';
import { currencyFault, rulesOf } from './rules-fit.ts';

/** One thing that was looked at. `note` is neither well nor wrong: something that cannot be done, or has not happened yet. */
export interface Finding {
  readonly name: string;
  readonly state: 'well' | 'note' | 'wrong';
  readonly detail: string;
  readonly remedy?: string | undefined;
}

const ONLY_ASKED = 'the shop is only asked every few minutes';

/** Signatures with a time in them are refused when it is five minutes off. */
const CLOCK_MAX_MS = MINUTE_MS;

const well = (name: string, detail: string): Finding => ({ name, state: 'well', detail });
const note = (name: string, detail: string, remedy?: string): Finding => ({ name, state: 'note', detail, remedy });
const wrong = (name: string, detail: string, remedy?: string): Finding => ({ name, state: 'wrong', detail, remedy });

/** Everything about a connection that can be seen from here. It changes nothing. */
export async function lookAt(door: Door, kept: KeptStore, rulesFolder: string | undefined): Promise<Finding[]> {
  const endpoints = await readStoreEndpoints(door.sql, kept.row.store);
  return [
    ...(await lookAtShop(door, kept, endpoints, rulesFolder)),
    ...(await lookAtEndpoints(door, kept, endpoints)),
    ...(await lookAtAsking(door, kept.row.store)),
  ];
}

async function lookAtShop(
  door: Door,
  kept: KeptStore,
  endpoints: readonly ConnectedEndpoint[],
  rulesFolder: string | undefined,
): Promise<Finding[]> {
  const { store, currency } = kept.row;
  let concierge: StoreConcierge | undefined;
  try {
    concierge = conciergeOf(door, kept);
    const card = await concierge.whoIsThere();
    const findings = [well('shop', `${card.name} answers (${card.domain}), ${card.currency}, ${card.zone}`)];
    if (card.currency !== currency)
      findings.push(
        wrong(
          'currency',
          `the shop sells in ${card.currency} now; it was connected in ${currency}`,
          `Remove it (npx parley store remove ${store}), then connect it under another name: npx parley store add ${store}-${card.currency.toLowerCase()}`,
        ),
      );
    findings.push(clockFinding(card.clockAheadMs), await rulesFinding(store, card, rulesFolder));
    findings.push(...(await scopeFindings(concierge, kept)));
    findings.push(...(await webhooksOf(concierge, door, endpoints, kept)));
    return findings;
  } catch (thrown) {
    const error = toParleyError(thrown);
    const remedy =
      error.reason === 'not-permitted'
        ? `Give it a new credential: npx parley store rotate ${store} --token`
        : undefined;
    return [wrong('shop', error.message, remedy)];
  } finally {
    concierge?.close();
  }
}

function clockFinding(aheadMs: number | undefined): Finding {
  if (aheadMs === undefined) return note('clock', 'the shop does not say what time it is');
  const seconds = Math.abs(Math.round(aheadMs / SECOND_MS));
  if (Math.abs(aheadMs) < CLOCK_MAX_MS) return well('clock', seconds === 0 ? 'the same as here' : `${seconds} s apart`);
  return wrong(
    'clock',
    `the shop is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine`,
    'Let this machine set its clock by the network (NTP): webhooks with a time in their signature are refused otherwise.',
  );
}

async function rulesFinding(
  store: string,
  card: Parameters<typeof currencyFault>[1],
  folder: string | undefined,
): Promise<Finding> {
  try {
    const rules = await rulesOf(store, folder);
    const fault = currencyFault(rules, card, store);
    return fault ? wrong('rules', fault) : well('rules', `load, in ${rules.currency}`);
  } catch (thrown) {
    return wrong('rules', toParleyError(thrown).message);
  }
}

/** The command that brings a connection in order, as the store was connected. */
const repairOf = ({ row }: KeptStore) =>
  `npx parley store add ${row.store}${row.webhooks ? '' : ' --without-webhooks'}`;

async function scopeFindings(concierge: StoreConcierge, kept: KeptStore): Promise<Finding[]> {
  const abilities = await concierge.scopes();
  const missing = missingOf(abilities);
  if (missing.length === 0) return [well('permissions', 'everything that Parley can use')];
  return missing.map(({ can, scope, essential, actions }) => {
    const fails = actions.length > 0 ? `; ${actions.join(', ')} will fail` : '';
    const remedy = `Add ${scope} in ${concierge.whereScopesAre}; then ${repairOf(kept)}`;
    return (essential ? wrong : note)('permissions', `Parley cannot ${can}${fails}`, remedy);
  });
}

/** Some credentials may read everything but the list of webhooks. */
async function webhooksOf(
  concierge: StoreConcierge,
  door: Door,
  endpoints: readonly ConnectedEndpoint[],
  kept: KeptStore,
): Promise<Finding[]> {
  try {
    const rows = await concierge.webhooks();
    const refused = (await readRegistered(door.sql, kept.row.store))?.refusedTopics ?? [];
    return webhookFindings(rows, door, endpoints, { kept, topics: await concierge.topics(), refused });
  } catch (thrown) {
    return [
      (kept.row.webhooks ? wrong : note)(
        'webhooks',
        `they cannot be listed: ${toParleyError(thrown).message}`,
        `Look at the permissions in ${concierge.whereScopesAre}`,
      ),
    ];
  }
}

/** What should be there, and what the shop did not take when it was registered. */
interface Wanted {
  readonly kept: KeptStore;
  readonly topics: readonly string[];
  readonly refused: readonly string[];
}

/** Platforms delete or switch off a webhook by themselves when it has failed for long. */
function oursFindings(
  ours: readonly RegisteredWebhook[],
  address: string,
  { topics, refused }: Wanted,
  repair: string,
): Finding[] {
  const there = new Set(ours.map(({ topic }) => topic));
  const missing = topics.filter((topic) => !there.has(topic));
  const gone = missing.filter((topic) => !refused.includes(topic));
  const stopped = ours.filter(({ active }) => !active).map(({ topic }) => topic);
  const findings: Finding[] = [];
  if (stopped.length > 0)
    findings.push(wrong('webhooks', `the shop has stopped sending ${stopped.join(', ')}`, `To repair it: ${repair}`));
  if (gone.length > 0)
    findings.push(
      wrong(
        'webhooks',
        `${gone.length} of ${topics.length} are missing at the shop: ${gone.join(', ')}`,
        `To repair it: ${repair}`,
      ),
    );
  if (findings.length === 0) findings.push(well('webhooks', `${ours.length} go to ${address}`));
  if (gone.length < missing.length)
    findings.push(
      note(
        'webhooks',
        `the shop did not take ${missing.filter((topic) => refused.includes(topic)).join(', ')}`,
        `To try them again: ${repair}`,
      ),
    );
  return findings;
}

function webhookFindings(
  rows: readonly RegisteredWebhook[],
  door: Door,
  endpoints: readonly ConnectedEndpoint[],
  wanted: Wanted,
): Finding[] {
  const { store, webhooks } = wanted.kept.row;
  const own = endpoints.find(({ endpoint }) => endpoint === store);
  const repair = `npx parley store add ${store}`;
  if (!own) return [wrong('webhooks', 'no address of this store takes webhooks', repair)];
  const path = webhookAddress('', store);
  const address = isReached(door.publicUrl) ? webhookAddress(webhookBase(door.publicUrl), store) : undefined;
  const ours = rows.filter((row) => row.address === address);
  const elsewhere = rows.filter((row) => row.address !== address && row.address.endsWith(path));
  const findings: Finding[] = [];
  if (address === undefined)
    findings.push(
      note(
        'webhooks',
        `the Internet does not reach this Parley: ${ONLY_ASKED}`,
        'Start it with: npm start -- --public-url https://…',
      ),
    );
  else if (ours.length === 0)
    findings.push(
      webhooks
        ? wrong('webhooks', `none go to ${address}`, repair)
        : note('webhooks', `none, as it was connected without: ${ONLY_ASKED}`, `To have them: ${repair}`),
    );
  else findings.push(...oursFindings(ours, address, wanted, repair));
  if (elsewhere.length > 0)
    findings.push(
      note(
        'webhooks',
        `${elsewhere.length} go to ${elsewhere[0]!.address}: an earlier address of this Parley, or another one`,
        'Remove them in the shop if nobody listens there any more.',
      ),
    );
  return findings;
}

async function lookAtEndpoints(
  door: Door,
  kept: KeptStore,
  endpoints: readonly ConnectedEndpoint[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const row of endpoints) {
    const isShop = row.endpoint === kept.row.store;
    const name = `sender ${row.endpoint}`;
    try {
      const secrets = openedSecrets(door, row);
      if (secrets.length > 1)
        findings.push(
          note(
            name,
            'the secret before the present one still counts',
            `When nothing is signed with it any more: npx parley store rotate ${row.store} --endpoint ${row.endpoint} --retire`,
          ),
        );
    } catch (thrown) {
      findings.push(wrong(name, toParleyError(thrown).message, 'Is this the master key that it was sealed with?'));
    }
    const last = await readLastDelivery(door.sql, row.store, row.endpoint);
    if (last || !isShop || kept.row.webhooks) findings.push(lastFinding(name, isShop, last, door.clocks.nowMs()));
  }
  return findings;
}

function lastFinding(name: string, isShop: boolean, last: LastDelivery | undefined, nowMs: number): Finding {
  const trial = isShop ? 'save a product in the shop' : 'let the sender send something';
  if (!last) return note(name, `nothing has come yet; ${trial}, and look again`);
  const minutes = Math.max(0, Math.round((nowMs - Date.parse(last.at)) / MINUTE_MS));
  const ago = minutes < 90 ? `${minutes} min ago` : `${Math.round(minutes / 60)} h ago`;
  const what = `${last.topic || 'a webhook'} came ${ago} and was ${last.state}${last.reason ? ` (${last.reason})` : ''}`;
  return last.state === 'failed' ? wrong(name, what, 'npx parley dead-letters list') : well(name, what);
}

/** What ends by itself, in words. */
const BY_ITSELF: Readonly<Record<string, string>> = {
  'store-unavailable': 'the shop did not answer',
  timeout: 'the shop did not answer in time',
  'store-throttled': 'the shop wants to be asked less often',
  'database-unavailable': 'the database did not answer',
};

function askingFinding(name: string, kind: string, fault: string): Finding {
  const words = BY_ITSELF[fault];
  if (words === undefined) return wrong(name, `${kind}: ${fault}`, 'What was answered: npx parley dead-letters list');
  return wrong(
    name,
    `${kind}: ${words} (${fault})`,
    'It is asked again by itself within a few minutes. If it stays so, look whether this machine reaches the shop.',
  );
}

/** What no webhook told is found by asking; the executor does it. */
async function lookAtAsking(door: Door, store: string): Promise<Finding[]> {
  const name = 'asking the shop';
  const asked = await readAsked(door.sql, store);
  const faults = asked.filter(({ fault }) => fault !== null);
  if (faults.length > 0) return faults.map(({ kind, fault }) => askingFinding(name, kind, fault!));
  if (asked.length === 0)
    return [note(name, 'has not begun yet; the first time brings products, stock and open orders')];
  const last = Math.max(...asked.map(({ at }) => Date.parse(at)));
  const found = asked.reduce((sum, row) => sum + row.found, 0);
  const minutes = Math.max(0, Math.round((door.clocks.nowMs() - last) / MINUTE_MS));
  return [well(name, `last ${minutes} min ago; ${found} found so far of which no webhook had told`)];
}
