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
import { inStep } from '#shared/connectors/faults.ts';
import { PermanentError, TransientError } from '#shared/kernel/errors.ts';
import { toInstant } from '#shared/kernel/time.ts';
import { sleep } from '#shared/runtime/clocks.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { seal, sealText, unsealText } from '#shared/runtime/seal.ts';
import {
  type ConnectedEndpoint,
  type ConnectedStore,
  forgetConnection,
  replaceCredential,
  restoreStore,
  setRegistered,
  setSecrets,
  writeConnection,
} from '#shared/store/setup/connections.ts';
import { StoppedError } from '../command.ts';
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

/** Reads the shop without changing anything; throws where it cannot be read, or lacks what it is not connected without. */
export async function visit(concierge: StoreConcierge, { store, base }: Plan): Promise<Visit> {
  const card = await concierge.whoIsThere();
  const abilities = await concierge.scopes();
  const missing = missingOf(abilities);
  const essential = missing.filter((one) => one.essential);
  const silent = base === undefined ? [] : missing.filter((one) => one.forWebhooks);
  const lacking = essential.length > 0 ? essential : silent;
  if (lacking.length > 0) {
    const lacks = lacking.map(({ can, scope }) => `it cannot ${can}: add ${scope}`).join('; ');
    const without =
      essential.length > 0
        ? ''
        : '. To connect it without webhooks, asked every few minutes instead: --without-webhooks';
    throw new PermanentError(
      'not-permitted',
      `Parley reaches the shop, and ${lacks}. Where: ${concierge.whereScopesAre}. Then run again: npx parley store add ${store}${without}`,
    );
  }
  return { card, abilities };
}

/**
 * Writes the connection, waits until the gateway knows it (a platform may try the address at once), and registers the
 * webhooks. A failure leaves what was there before, and says so.
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
  const address = plan.base && webhookAddress(plan.base, endpoint);
  const registration = await door.untilStopped(async (stop) => {
    await writeConnection(door.sql, {
      store: {
        store,
        platform: plan.platform,
        currency: card.currency,
        zone: card.zone,
        shop: card.id,
        webhooks: address !== undefined,
        clock: toInstant(door.clocks.nowMs()),
        partition: partitionOf(store),
      },
      endpoint: { endpoint, platform: plan.platform, secrets: sealed },
      credential: {
        url: plan.url,
        sealed: seal(door.masterKey, credentialPurpose(store, plan.platform), Buffer.from(plan.secrets.credential)),
      },
    });
    if (!address) return undefined;
    try {
      if (!isSame) await sleep(door.gatewayKnowsMs, stop);
      const made = await concierge.register(address, signing, { stop });
      refuseNone(made);
      await remember(door, plan, made, concierge);
      return made;
    } catch (thrown) {
      throw ended(thrown, store, await undo(door, plan, before, { address, concierge, isSame }));
    }
  });
  const mode = before.row && before.row.mode !== 'removed' ? before.row.mode : 'watch';
  return { endpoint, address, mode, isNew: before.row === undefined, registration };
}

/** By it later commands know where the webhooks go, and which of them were never there. */
async function remember(door: Door, { store, base }: Plan, { refused }: Registration, concierge: StoreConcierge) {
  const allowed = refused.length === 0 ? [] : await concierge.topics();
  const refusedTopics = refused.map(({ topic }) => topic).filter((topic) => allowed.includes(topic));
  await setRegistered(door.sql, store, { publicUrl: base ?? null, refusedTopics });
}

/** A shop that takes no webhook at all is not connected by halves. */
function refuseNone({ made, kept, refused }: Registration): void {
  if (made.length + kept.length > 0 || refused.length === 0) return;
  const why = `the shop takes no webhook: ${refused[0]!.why}`;
  throw new PermanentError('store-refused', `${why}. To connect it without: --without-webhooks`);
}

/** What ended the registering, with what that has left. Exit codes tell a shop that does not answer from a Parley that does not. */
function ended(thrown: unknown, store: string, left: string): Error {
  const rest = `${left} Run it again: npx parley store add ${store}`;
  if (thrown instanceof StoppedError) return new StoppedError(`${thrown.message}. ${rest}`);
  const { reason, message } = inStep('The webhooks could not be registered', thrown);
  const isSilent = reason === 'timeout' || reason === 'store-unavailable';
  const Kind = isSilent ? TransientError : PermanentError;
  return new Kind(isSilent ? 'store-unavailable' : reason, `${message}. ${rest}`, { cause: thrown });
}

/** The secrets as the row will have them: one that is there already stays; another one goes before it, and both count. */
function secretsFor(door: Door, plan: Plan, before: ConnectedEndpoint | undefined) {
  const purpose = endpointPurpose(plan.store);
  const there = before?.secrets ?? [];
  const [present] = there.map((sealed) => unsealText(door.masterKey, purpose, sealed));
  const signing = plan.secrets.signing ?? present ?? newSecret();
  const isSame = signing === present;
  const sealed = isSame
    ? there
    : [sealText(door.masterKey, purpose, signing), ...there].slice(0, LIMITS.endpointSecrets);
  return { sealed, signing, isSame };
}

/** Letters that no platform changes on the way: WooCommerce takes entities like &amp; for what they stand for. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

interface Begun {
  readonly address: string;
  readonly concierge: StoreConcierge;
  /** Webhooks are signed as they were before. */
  readonly isSame: boolean;
}

/** Answers what is left, as a sentence. */
async function undo(door: Door, { store }: Plan, before: Before, { address, concierge, isSame }: Begun) {
  const { row, endpoint, credential } = before;
  const isThere = row !== undefined && row.mode !== 'removed';
  const keeps = isThere && isSame;
  // What was registered may be all that the shop lets us do; that it stays harms nobody, as its address refuses it.
  const isTakenBack =
    keeps ||
    (await concierge.unregister(address).then(
      () => true,
      () => false,
    ));
  if (row) await restoreStore(door.sql, row);
  if (isThere) {
    if (endpoint) await setSecrets(door.sql, endpoint.endpoint, endpoint.secrets);
    if (credential) await replaceCredential(door.sql, credential);
  } else await forgetConnection(door.sql, store);
  if (keeps) return 'The connection is as it was; webhooks that were registered meanwhile stay, and are right.';
  return isTakenBack
    ? 'Nothing was changed.'
    : `Nothing was changed here; webhooks to ${address} may stay at the shop, where you can delete them.`;
}
