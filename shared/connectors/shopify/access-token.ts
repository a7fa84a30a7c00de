import { z } from 'zod';
import { PermanentError } from '#shared/kernel/errors.ts';
import { MINUTE_MS, SECOND_MS } from '#shared/kernel/time.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import { faultOfStatus } from '../faults.ts';
import type { Http } from '../outbound.ts';

/** What admits to a shop's Admin API. */
export interface AccessToken {
  get(): Promise<string>;
  /** The shop refused it: the next one is asked for anew, where that can be. */
  forget(): void;
}

const appShape = z.strictObject({ clientId: z.string().min(1), clientSecret: z.string().min(1) });
const grantShape = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

/** An app of the Dev Dashboard: it has no token of its own but asks for one that lasts a day. */
export type ShopifyApp = z.infer<typeof appShape>;

/** Before its time is over, so that no call is sent with a token that ends under way. */
const MARGIN_MS = 5 * MINUTE_MS;

/**
 * A credential as it was sealed: the token of an app that was made in the shop's admin (it lasts until it is revoked; such
 * apps cannot be made any more since January 2026), or id and secret of an app of the Dev Dashboard as JSON.
 */
export function accessTokenOf(credential: string, http: Http, clocks: Clocks): AccessToken {
  const app = appIn(credential);
  if (!app) return { get: async () => credential, forget: () => {} };
  let held: { token: string; untilMs: number } | undefined;
  let asking: Promise<string> | undefined;
  const ask = async () => {
    const answer = await askForToken(app, http);
    held = { token: answer.access_token, untilMs: clocks.nowMs() + answer.expires_in * SECOND_MS - MARGIN_MS };
    return held.token;
  };
  return {
    get: async () => {
      if (held && clocks.nowMs() < held.untilMs) return held.token;
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      return await asking;
    },
    forget: () => {
      held = undefined;
    },
  };
}

function appIn(credential: string): ShopifyApp | undefined {
  if (!credential.startsWith('{')) return undefined;
  try {
    return appShape.parse(JSON.parse(credential));
  } catch {
    // Neither the text nor what was wrong with it is told: it is a secret.
    throw new PermanentError('bad-config', 'The credential of the shop has an unknown form');
  }
}

/** The client credentials grant. Asking again gives another token and harms nobody, so that it counts as a read. */
async function askForToken({ clientId, clientSecret }: ShopifyApp, http: Http): Promise<z.infer<typeof grantShape>> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  });
  const answer = await http.ask(
    {
      method: 'POST',
      path: '/admin/oauth/access_token',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: form.toString(),
    },
    'read',
  );
  // Shopify answers 400 to a wrong id or secret, and to an app that is not installed in this shop.
  if (answer.status === 400)
    throw new PermanentError(
      'not-permitted',
      'The shop gives this app no token: id or secret is wrong, or the app is not installed in this shop',
    );
  if (answer.status !== 200) throw faultOfStatus(answer.status, 'read');
  const read = grantShape.safeParse(jsonOf(answer.text));
  if (!read.success) throw new PermanentError('unknown-shape', 'The shop answered without a token');
  return read.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
