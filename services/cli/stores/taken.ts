import type { ShopCard } from '#shared/connectors/concierge.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import {
  type ConnectedEndpoint,
  type ConnectedStore,
  type Credential,
  readConnectedStore,
  readConnectedStores,
  readCredentials,
  readEndpoint,
} from '#shared/store/setup/connections.ts';
import { UsageError } from '../command.ts';
import type { Door } from './door.ts';
import type { PlatformName } from './platforms.ts';

/** The name, the shop and its address that somebody wants to connect. */
export interface Wanted {
  readonly store: string;
  readonly platform: PlatformName;
  readonly url: string;
}

/** What was there before, for a second run and for the undoing of one that failed. */
export interface Before {
  readonly row: ConnectedStore | undefined;
  readonly endpoint: ConnectedEndpoint | undefined;
  readonly credential: Credential | undefined;
}

const taken = (message: string) => new PermanentError('bad-input', message, { position: 'NAME' });

export async function readBefore(door: Door, store: string): Promise<Before> {
  const row = await readConnectedStore(door.sql, store);
  const [endpoint, credentials] = await Promise.all([
    readEndpoint(door.sql, store),
    readCredentials(door.sql, [store]),
  ]);
  return { row, endpoint, credential: credentials[0] };
}

/** Throws where the name or the shop is taken: two stores of ours on one shop would undo each other's prices. */
export async function refuseTaken(door: Door, { store, platform, url }: Wanted, before: Before): Promise<void> {
  const { row, credential, endpoint } = before;
  if (row?.platform === 'sandbox' || row?.clockKind === 'replay')
    throw taken(
      `${store} is ${row.clockKind === 'replay' ? 'a replay' : 'the sandbox of "npm start"'}. Choose another name.`,
    );
  if (row && row.platform !== platform)
    throw taken(`${store} is a shop at ${row.platform} already. Choose another name.`);
  if (credential && credential.url !== url)
    throw taken(
      `${store} is connected to ${credential.url} already. Choose another name for another shop. If this shop has moved to ${url}, remove it first and add it again: npx parley store remove ${store}`,
    );
  if (endpoint && endpoint.store !== store)
    throw taken(`${store} is the address of a sender of ${endpoint.store}. Choose another name.`);
  const stores = (await readConnectedStores(door.sql)).map((one) => one.store);
  const same = (await readCredentials(door.sql, stores)).find((one) => one.url === url && one.store !== store);
  if (same) throw taken(`This shop is connected as ${same.store} already; a shop is connected once.`);
}

/**
 * Throws where the name has the history of another shop, or of this one in another currency: articles, orders and amounts
 * of both would be taken for one another. `hasMoved`: its owner says that it is the same shop at another address.
 */
export function refuseAnother(
  { store, platform, url }: Wanted,
  card: ShopCard,
  { row, credential }: Before,
  hasMoved: boolean,
): void {
  const isWoo = platform === 'woocommerce';
  if (hasMoved && !isWoo)
    throw new UsageError('--same-shop is for WooCommerce; elsewhere a shop has an id of its own, which is compared.');
  if (!row) return;
  if (row.currency !== card.currency) {
    const other = `npx parley store add ${store}-${card.currency.toLowerCase()}`;
    throw taken(
      row.mode === 'removed'
        ? `${store} is the name of a shop that sold in ${row.currency}, and this one sells in ${card.currency}: its prices would be read in the wrong currency. Connect it under another name: ${other}`
        : `${store} was connected in ${row.currency}, and the shop sells in ${card.currency} now: its prices would be read in the wrong currency. Remove it (npx parley store remove ${store}), then connect it under another name: ${other}`,
    );
  }
  // At the address that is kept nobody else answers, though a shop may write its own address in another way by now.
  const isKnown = row.shop === null || row.shop === card.id || credential?.url === url || hasMoved;
  if (isKnown) return;
  const hint = isWoo ? ` If it is the same shop at another address, say --same-shop.` : '';
  throw taken(
    `${store} is the name of another shop, whose history it keeps. Connect this one under another name: npx parley store add ${store}-2.${hint}`,
  );
}
