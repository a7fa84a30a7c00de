import type { Ability } from '#shared/connectors/concierge.ts';
import type { StorePlatform } from '#shared/contracts/sources.ts';
import { toParleyError } from '#shared/kernel/errors.ts';
import { systemClocks } from '#shared/runtime/clocks.ts';
import { type MasterKey, unseal } from '#shared/runtime/seal.ts';
import type { Sql } from '#shared/store/connect.ts';
import { readCredentials } from '#shared/store/setup/connections.ts';

export interface Abilities {
  readonly abilities: readonly Ability[];
  /** Where the merchant changes them. */
  readonly where: string;
}

/** What the credential of a store allows, asked of the store itself; a sentence where that cannot be found out now. */
export async function abilitiesOf(sql: Sql, store: string, masterKey: MasterKey): Promise<Abilities | string> {
  const credential = (await readCredentials(sql, [store])).find((row) => row.store === store);
  if (!credential) return 'the store has no credential.';
  // Loaded here alone: the drivers are of no use to any other command.
  const [{ openConcierge }, { credentialPurpose }, { openHttp, storeOrigin }] = await Promise.all([
    import('#shared/connectors/concierges.ts'),
    import('#shared/connectors/credentials.ts'),
    import('#shared/connectors/outbound.ts'),
  ]);
  const platform = credential.platform as StorePlatform;
  try {
    const http = openHttp(storeOrigin(platform, credential.url));
    const text = unseal(masterKey, credentialPurpose(store, platform), Buffer.from(credential.sealed)).toString();
    const concierge = openConcierge(platform, http, text, systemClocks);
    try {
      return { abilities: await concierge.scopes(), where: concierge.whereScopesAre };
    } finally {
      concierge.close();
    }
  } catch (thrown) {
    return toParleyError(thrown).message;
  }
}
