import { randomBytes } from 'node:crypto';
import { SENDER_NAMES, SENDERS, type Sender, type SenderName, type SourceName } from '#shared/contracts/sources.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { sleep } from '#shared/runtime/clocks.ts';
import { type ConnectedEndpoint, setSecrets } from '#shared/store/setup/connections.ts';
import { UsageError } from '../command.ts';
import { newSecret } from './connect.ts';
import type { Asked } from './credentials.ts';
import type { Door } from './door.ts';
import { openedSecrets, sealedSecret } from './kept.ts';

/** Who makes the secret that a sender signs with, and what that secret is called there. */
type Origin = { readonly by: 'parley'; draw(): string } | { readonly by: 'sender'; readonly asked: Asked };

const standardSecret = () => `whsec_${randomBytes(32).toString('base64')}`;

function originOf(sender: Sender): Origin {
  if (sender.secretBy === 'parley') return { by: 'parley', draw: standardSecret };
  const { question, begins, isFree } = sender;
  const fault = (text: string) =>
    begins === undefined || text.startsWith(begins) ? undefined : `a signing secret begins with ${begins}.`;
  return { by: 'sender', asked: { name: 'secret', question, fault, ...(isFree ? { isFree } : {}) } };
}

export const ORIGINS: Readonly<Record<SourceName, Origin>> = {
  ...(Object.fromEntries(SENDER_NAMES.map((name) => [name, originOf(SENDERS[name])])) as Record<SenderName, Origin>),
  shopify: { by: 'sender', asked: { name: 'client_secret', question: 'New client secret of the app' } },
  bigcommerce: { by: 'sender', asked: { name: 'client_secret', question: 'Client secret of the new API account' } },
  woocommerce: { by: 'parley', draw: newSecret },
};

export interface Rotated {
  readonly secret: string;
  /** It was begun before, and goes on with the secret that was new then. */
  readonly isResumed: boolean;
}

/**
 * Puts a secret before the present one; from then on both count, so that nothing that is validly signed is refused. With
 * two in force nothing more is drawn: the older one may still be the one that is used.
 */
export async function beginRotation(door: Door, row: ConnectedEndpoint, given: string | undefined): Promise<Rotated> {
  const [present, older] = openedSecrets(door, row);
  if (older !== undefined) {
    if (given !== undefined && given !== present)
      throw new PermanentError(
        'bad-input',
        `${row.endpoint} has two secrets in force already. Retire the older one first: npx parley store rotate ${row.store} --endpoint ${row.endpoint} --retire`,
      );
    return { secret: present!, isResumed: true };
  }
  const secret = given ?? drawn(row.platform);
  if (secret === present) throw new UsageError('This is the secret that is in force.');
  await setSecrets(door.sql, row.endpoint, [sealedSecret(door, row.endpoint, secret), ...row.secrets]);
  await sleep(door.gatewayKnowsMs);
  return { secret, isResumed: false };
}

/** Only the newest counts from then on. */
export async function retire(door: Door, row: ConnectedEndpoint): Promise<boolean> {
  if (row.secrets.length < 2) return false;
  await setSecrets(door.sql, row.endpoint, row.secrets.slice(0, 1));
  await sleep(door.gatewayKnowsMs);
  return true;
}

export function drawn(platform: SourceName): string {
  const origin = ORIGINS[platform];
  if (origin.by === 'sender') throw new UsageError(`${origin.asked.question}: it comes from the sender.`);
  return origin.draw();
}
