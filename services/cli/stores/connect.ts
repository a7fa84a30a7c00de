import { randomBytes } from 'node:crypto';
import { partitionOf } from '#shared/bus/subjects.ts';
import {
  type Ability,
  missingOf,
  type Registration,
  type ShopCard,
  type StoreConcierge,
} from '#shared/connectors/concierge.ts';
import { credentialPurpose, endpointPurpose } from '#shared/connectors/credentials.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { toInstant } from '#shared/kernel/time.ts';
import { sleep } from '#shared/runtime/clocks.ts';
import { seal, sealText, unsealText } from '#shared/runtime/seal.ts';
import {
  type ConnectedEndpoint,
  type ConnectedStore,
  forgetConnection,
  replaceCredential,
  restoreStore,
  setSecrets,
  writeConnection,
} from '#shared/store/setup/connections.ts';
import type { Door } from './door.ts';
import type { Secrets } from './platforms.ts';
import { webhookAddress } from './platforms.ts';
import type { Before, Wanted } from './taken.ts';

export interface Plan extends Wanted {
  readonly secrets: Secrets;
  /** Base of the addresses that the platform posts to; undefined: no webhooks are registered. */
  readonly base: string | undefined;
}

export interface Visit {
  readonly card: ShopCard;
  readonly abilities: readonly Ability[];
}

export interface Connected {
  readonly endpoint: string;
  readonly address: string | undefined;
  readonly mode: ConnectedStore['mode'];
  readonly isNew: boolean;
  readonly registration: Registration | undefined;
}

/** The present secret and, while a rotation is under way, the one before it. */
const SECRETS_MAX = 2;

/** Reads the shop without changing anything; throws where it cannot be read, or where what is essential is missing. */
export async function visit(concierge: StoreConcierge, retryCommand: string): Promise<Visit> {
  const card = await concierge.whoIsThere();
  const abilities = await concierge.scopes();
  const essential = missingOf(abilities).filter((one) => one.essential);
  if (essential.length > 0) {
    const lacks = essential.map(({ can, scope }) => `it cannot ${can}: add ${scope}`).join('; ');
    throw new PermanentError(
      'not-permitted',
      `Parley reaches the shop, and ${lacks}. Where: ${concierge.whereScopesAre}. Then run again: ${retryCommand}`,
    );
  }
  return { card, abilities };
}

/**
 * Writes the connection, waits until the gateway knows it (a platform may try the address at once), and registers the
 * webhooks. A failure leaves what was there before.
 */
export async function connect(
  door: Door,
  plan: Plan,
  { card }: Visit,
  before: Before,
  concierge: StoreConcierge,
): Promise<Connected> {
  const { store } = plan;
  const endpoint = store;
  const { sealed, signing, isSame } = secretsFor(door, plan, before.endpoint);
  await writeConnection(door.sql, {
    store: {
      store,
      platform: plan.platform,
      currency: card.currency,
      zone: card.zone,
      shop: card.id,
      webhooks: plan.base !== undefined,
      clock: toInstant(door.clocks.nowMs()),
      partition: partitionOf(store),
    },
    endpoint: { endpoint, platform: plan.platform, secrets: sealed },
    credential: {
      url: plan.url,
      sealed: seal(door.masterKey, credentialPurpose(store, plan.platform), Buffer.from(plan.secrets.credential)),
    },
  });
  const address = plan.base && webhookAddress(plan.base, endpoint);
  let registration: Registration | undefined;
  try {
    if (address) {
      if (!isSame) await sleep(door.gatewayKnowsMs);
      registration = await concierge.register(address, signing);
      refuseNone(registration);
    }
  } catch (thrown) {
    await undo(door, plan, before, address, concierge);
    throw thrown;
  }
  const mode = before.row && before.row.mode !== 'removed' ? before.row.mode : 'watch';
  return { endpoint, address, mode, isNew: before.row === undefined, registration };
}

/** A shop that takes no webhook at all is not connected by halves. */
function refuseNone({ made, kept, refused }: Registration): void {
  if (made.length + kept.length > 0 || refused.length === 0) return;
  const why = `The shop takes no webhook: ${refused[0]!.why}`;
  throw new PermanentError('store-refused', `${why}. To connect it without: --without-webhooks`);
}

/** The secrets as the row will have them: one that is there already stays; another one goes before it, and both count. */
function secretsFor(door: Door, plan: Plan, before: ConnectedEndpoint | undefined) {
  const purpose = endpointPurpose(plan.store);
  const there = before?.secrets ?? [];
  const [present] = there.map((sealed) => unsealText(door.masterKey, purpose, sealed));
  const signing = plan.secrets.signing ?? present ?? newSecret();
  const isSame = signing === present;
  const sealed = isSame ? there : [sealText(door.masterKey, purpose, signing), ...there].slice(0, SECRETS_MAX);
  return { sealed, signing, isSame };
}

/** Letters that no platform changes on the way: WooCommerce takes entities like &amp; for what they stand for. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

async function undo(
  door: Door,
  { store }: Plan,
  before: Before,
  address: string | undefined,
  concierge: StoreConcierge,
): Promise<void> {
  const { row, endpoint, credential } = before;
  if (row) await restoreStore(door.sql, row);
  if (row && row.mode !== 'removed') {
    if (endpoint) await setSecrets(door.sql, endpoint.endpoint, endpoint.secrets);
    if (credential) await replaceCredential(door.sql, credential);
    return;
  }
  // What was registered may be all that the shop lets us do; that it stays harms nobody, its address answers 404.
  if (address) await concierge.unregister(address).catch(() => {});
  await forgetConnection(door.sql, store);
}
