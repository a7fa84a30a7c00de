import type { StoreConcierge } from '#shared/connectors/concierge.ts';
import { credentialPurpose, endpointPurpose } from '#shared/connectors/credentials.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { line } from '#shared/kernel/plain-text.ts';
import { didYouMean } from '#shared/kernel/suggest.ts';
import { sealText, unseal, unsealText } from '#shared/runtime/seal.ts';
import {
  type ConnectedEndpoint,
  type ConnectedStore,
  type Credential,
  readConnectedStore,
  readConnectedStores,
  readCredentials,
} from '#shared/store/setup/connections.ts';
import type { Door } from './door.ts';

/** A store that was connected by `store add`, with what is kept of it. */
export interface KeptStore {
  readonly row: ConnectedStore;
  readonly credential: Credential;
}

export async function storeNamed(door: Door, store: string): Promise<ConnectedStore> {
  const row = await readConnectedStore(door.sql, store);
  if (row && row.mode !== 'removed') return row;
  const names = (await readConnectedStores(door.sql)).filter(({ mode }) => mode !== 'removed').map((one) => one.store);
  const what = row ? `${store} was removed` : `There is no store "${line(store, 60)}"`;
  throw new PermanentError('not-found', `${what}.${didYouMean(store, names)}`);
}

/** The stand-in of `npm start` and a replay have nothing to be looked after. */
export async function keptStore(door: Door, store: string): Promise<KeptStore> {
  const row = await storeNamed(door, store);
  if (row.platform === 'sandbox')
    throw new PermanentError(
      'not-supported',
      `${store} is a stand-in that "npm start" connects by itself; see "npm start -- --help".`,
    );
  const [credential] = await readCredentials(door.sql, [store]);
  if (!credential)
    throw new PermanentError(
      'not-found',
      `${store} has no credential. Connect it again: npx parley store add ${store}`,
    );
  return { row, credential };
}

export function openedCredential(door: Door, { row, credential }: KeptStore): string {
  return unseal(door.masterKey, credentialPurpose(row.store, row.platform), credential.sealed).toString();
}

export function conciergeOf(door: Door, kept: KeptStore, opened = openedCredential(door, kept)): StoreConcierge {
  return door.concierge(kept.row.platform, kept.credential.url, opened);
}

export function openedSecrets(door: Door, { endpoint, secrets }: ConnectedEndpoint): string[] {
  return secrets.map((sealed) => unsealText(door.masterKey, endpointPurpose(endpoint), sealed));
}

export function sealedSecret(door: Door, endpoint: string, secret: string): string {
  return sealText(door.masterKey, endpointPurpose(endpoint), secret);
}
