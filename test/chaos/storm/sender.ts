import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../synthetic.ts';
import { DAY_MS, HOUR_MS, type Told } from './told.ts';

const RETRY_MS = 150;
const GIVE_UP_MS = 120_000;
const MAX_COPIES = 5;
const LATE_SHARE = 0.01;

/** One sending of a webhook. */
export interface Posting {
  readonly told: Told;
  readonly copy: number;
}

/** Each once, as it happened. */
export function inOrder(told: readonly Told[]): Posting[] {
  return told.map((one) => ({ told: one, copy: 0 }));
}

/** Each one to five times, every sending up to an hour late, and of a hundred webhooks one a day late. */
export function stormOf(told: readonly Told[], random: Random): Posting[] {
  const due = told.flatMap((one) => {
    const lateMs = random() < LATE_SHARE ? DAY_MS : 0;
    return Array.from({ length: 1 + Math.floor(random() * MAX_COPIES) }, (_, copy) => ({
      at: one.atMs + lateMs + random() * HOUR_MS,
      posting: { told: one, copy },
    }));
  });
  return due.sort((a, b) => a.at - b.at).map(({ posting }) => posting);
}

/** One shop's way to the gateway: the slugs of its endpoints and their secrets. */
export interface Door {
  readonly baseUrl: string;
  readonly shop: string;
  readonly secret: string;
}

export const slugOf = (shop: string, source: Told['source']) => `${shop}-${source}`;
export const STANDARD_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** Posts as platforms do: again after anything but a 2xx. Returns how often it was turned away. */
export async function post(door: Door, { told, copy }: Posting, agent: Agent): Promise<number> {
  const until = performance.now() + GIVE_UP_MS;
  for (let refused = 0; ; refused++) {
    const status = await once(door, told, copy, agent);
    if (status >= 200 && status < 300) return refused;
    if (performance.now() > until) throw new Error(`${told.source} ${told.topic} was turned away with ${status}`);
    await sleep(RETRY_MS);
  }
}

/** Zero: nobody answered. */
function once({ baseUrl, shop, secret }: Door, told: Told, copy: number, agent: Agent): Promise<number> {
  const { host, port } = { host: new URL(baseUrl).hostname, port: new URL(baseUrl).port };
  const headers = { 'content-type': 'application/json', ...headersOf(told, copy, secret) };
  return new Promise((resolve) => {
    const outgoing = request(
      { host, port, agent, path: `/webhooks/${slugOf(shop, told.source)}`, method: 'POST', headers },
      (incoming) => {
        incoming.resume();
        incoming.once('end', () => resolve(incoming.statusCode ?? 0));
        incoming.once('error', () => resolve(0));
      },
    );
    outgoing.once('error', () => resolve(0));
    outgoing.end(told.body);
  });
}

/** A platform sends a webhook again under its own delivery id, and a second subscription sends it under another. */
function headersOf({ source, topic, body, id, atMs }: Told, copy: number, secret: string): Record<string, string> {
  const base64 = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest('base64');
  const seconds = String(Math.floor(Date.now() / 1_000));
  switch (source) {
    case 'shopify':
      return {
        'x-shopify-topic': topic,
        'x-shopify-hmac-sha256': base64(secret, body),
        'x-shopify-shop-domain': 'storm.myshopify.com',
        'x-shopify-api-version': '2026-07',
        'x-shopify-webhook-id': `${id}-${copy % 2}`,
        'x-shopify-event-id': id,
        'x-shopify-triggered-at': new Date(atMs).toISOString(),
      };
    case 'woocommerce':
      return {
        'x-wc-webhook-topic': topic,
        'x-wc-webhook-signature': base64(secret, body),
        'x-wc-webhook-id': '16',
        'x-wc-webhook-delivery-id': `${id}-${copy}`,
        'x-wc-webhook-source': 'https://storm.example/',
      };
    case 'stripe': {
      const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
      return { 'stripe-signature': `t=${seconds},v1=${mac}` };
    }
    case 'easypost':
      return { 'x-hmac-signature': `hmac-sha256-hex=${createHmac('sha256', secret).update(body).digest('hex')}` };
    case 'standard': {
      const key = Buffer.from(STANDARD_SECRET.replace('whsec_', ''), 'base64');
      const message = `msg_${id}`;
      return {
        'webhook-id': message,
        'webhook-timestamp': seconds,
        'webhook-signature': `v1,${base64(key, `${message}.${seconds}.${body}`)}`,
      };
    }
  }
}

/** Sends them so many at once, in the order of the list; tells of each before it is sent. */
export async function sendAll(
  door: Door,
  postings: readonly Posting[],
  atOnce: number,
  before: (posting: Posting) => void = () => {},
): Promise<{ refused: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  let next = 0;
  let refused = 0;
  const worker = async () => {
    for (let posting = postings[next++]; posting; posting = postings[next++]) {
      before(posting);
      refused += await post(door, posting, agent);
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, worker));
  } finally {
    agent.destroy();
  }
  return { refused };
}
