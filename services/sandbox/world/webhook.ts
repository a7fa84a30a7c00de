import { derivedHex, derivedUuid } from '../catalogue/draw.ts';
import type { Delivery } from './steps.ts';

interface Source {
  readonly store: string;
  readonly seed: number;
}

interface Detail {
  readonly keys: readonly string[];
  readonly orderLines?: number;
  /** Name of the merchant's action where two topics share one, as Shopify's event id does; otherwise the webhook's own name. */
  readonly action?: string;
}

export function shopifyWebhook(
  source: Source,
  topic: string,
  ref: string,
  atMs: number,
  detail: Detail,
  body: () => string,
): Delivery {
  const name = `${source.store}|${source.seed}`;
  return {
    id: derivedUuid(`${name}|${topic}|${ref}`),
    eventId: derivedUuid(`${name}|event|${detail.action ?? `${topic}|${ref}`}`),
    endpoint: 'shopify',
    topic,
    atMs,
    keys: detail.keys,
    orderLines: detail.orderLines ?? 0,
    body,
  };
}

/** Standard Webhooks: what does not come from the shop platform (suppliers, competitors, helpdesk, calendar). */
export function worldWebhook(
  source: Source,
  type: string,
  ref: string,
  atMs: number,
  keys: readonly string[],
  data: unknown,
): Delivery {
  const id = `msg_${derivedHex(`${source.store}|${source.seed}|${type}|${ref}`)}`;
  const body = () => JSON.stringify({ type, timestamp: new Date(atMs).toISOString(), data });
  return { id, eventId: id, endpoint: 'world', topic: type, atMs, keys, orderLines: 0, body };
}
