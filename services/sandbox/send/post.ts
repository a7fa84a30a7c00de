import { createHmac } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import type { Delivery } from '../world/steps.ts';

export interface StoreSecrets {
  readonly shopifySecret: string;
  readonly worldSecret: string;
  readonly accessToken: string;
}

export interface Answer {
  readonly status: number;
  readonly duplicate: boolean;
}

/** A platform gives a receiver five seconds in all. */
const ANSWER_MS = 5_000;
const API_VERSION = '2026-07';

export type Post = (delivery: Delivery, body: Buffer) => Promise<Answer>;

/** Posts a signed webhook over connections that stay open; rejects when no answer came. */
export function poster(
  gatewayUrl: string,
  store: string,
  secrets: StoreSecrets,
  inFlight: number,
): { post: Post; close(): void } {
  const base = new URL(gatewayUrl);
  const transport = base.protocol === 'https:' ? https : http;
  const agent = new transport.Agent({ keepAlive: true, maxSockets: inFlight, noDelay: true });
  const worldKey = Buffer.from(secrets.worldSecret.replace(/^whsec_/, ''), 'base64');
  const path = `${base.pathname.replace(/\/$/, '')}/webhooks/${store}`;

  const post: Post = (delivery, body) =>
    new Promise((resolve, reject) => {
      const world = delivery.endpoint === 'world';
      const headers = world
        ? worldHeaders(delivery, body, worldKey)
        : shopifyHeaders(delivery, body, secrets.shopifySecret, store);
      const request = transport.request(
        {
          agent,
          method: 'POST',
          hostname: base.hostname,
          port: base.port,
          path: world ? `${path}-world` : path,
          headers: { ...headers, 'content-type': 'application/json', 'content-length': body.length },
        },
        (response) => {
          response.resume();
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, duplicate: response.headers['x-parley-duplicate'] === 'true' }),
          );
          response.on('error', reject);
        },
      );
      request.setTimeout(ANSWER_MS, () => request.destroy(new Error('no answer in time')));
      request.on('error', reject);
      request.end(body);
    });
  return { post, close: () => agent.destroy() };
}

function shopifyHeaders(delivery: Delivery, body: Buffer, secret: string, store: string): Record<string, string> {
  return {
    'X-Shopify-Topic': delivery.topic,
    'X-Shopify-Hmac-Sha256': createHmac('sha256', secret).update(body).digest('base64'),
    'X-Shopify-Shop-Domain': `${store}.example.invalid`,
    'X-Shopify-API-Version': API_VERSION,
    'X-Shopify-Webhook-Id': delivery.id,
    'X-Shopify-Event-Id': delivery.eventId,
    'X-Shopify-Triggered-At': new Date(delivery.atMs).toISOString(),
  };
}

/** The timestamp is the wall time of sending: receivers refuse old ones. The time of the event is in the body. */
function worldHeaders(delivery: Delivery, body: Buffer, key: Buffer): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac('sha256', key).update(`${delivery.id}.${timestamp}.`).update(body).digest('base64');
  return { 'webhook-id': delivery.id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
