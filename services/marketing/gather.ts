import type { Reader } from '#shared/agent/module.ts';
import type { Intent } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { type ResourceKey, resource } from '#shared/contracts/resource.ts';
import { HOUR_MS, plus } from '#shared/kernel/time.ts';
import { READS } from './agent.ts';
import type { Briefing } from './briefing.ts';
import type { Campaign } from './campaign.ts';
import { WINBACK } from './decide.ts';
import { GONE_MS, LAPSED_MS } from './winback.ts';

/** More than are written to, because some fall away when each is looked at. */
const CUSTOMERS = 60;
const RECENT_MS = GONE_MS;
const JUST_BOUGHT_MS = 72 * HOUR_MS;

export async function gather(event: Envelope, read: Reader): Promise<Briefing> {
  const customers = await customersOf(event, read);
  const keys = [...resourcesOf(event), ...customers];
  const facts = await read.facts(keys, READS);
  // Who waits for a SKU stands in its facts, so whether somebody is being written to is asked in a second step.
  const waiting = event.type === 'stock.changed' ? waitingFor(event.subject, facts) : [];
  const claims = await read.claims([...keys, ...waiting]);
  return { facts, claims, customers };
}

function waitingFor(key: ResourceKey, facts: Briefing['facts']): ResourceKey[] {
  const waiting = facts.get(key, 'restock-subscribers')?.value ?? {};
  return Object.keys(waiting).map((customer) => resource('customer', customer));
}

function resourcesOf(event: Envelope): ResourceKey[] {
  switch (event.type) {
    case 'campaign.scheduled': {
      const { skus } = event.data as unknown as Campaign;
      return [event.subject, ...skus.map((sku) => resource('sku', sku))];
    }
    case 'mention.detected':
      return typeof event.data.sku === 'string' ? withAttention(resource('sku', event.data.sku)) : [];
    case 'traffic.spiked':
      return withAttention(event.subject);
    case 'intent.due':
      return resourcesOfIntent(event.data.proposal as Intent);
    case 'claim.broken':
      return 'resource' in event.data ? [event.data.resource as ResourceKey] : [];
    case 'schedule.due':
      return [];
    default:
      return [event.subject];
  }
}

function withAttention(key: ResourceKey): ResourceKey[] {
  return [key, resource('campaign', `attention-${key.slice('sku:'.length)}`)];
}

function resourcesOfIntent({ params, cites }: Intent): ResourceKey[] {
  const target = typeof params.target === 'string' ? [params.target as ResourceKey] : [];
  const customer = typeof params.customer === 'string' ? [resource('customer', params.customer)] : [];
  return [...new Set([...target, ...customer, ...cites.map((cited) => cited.resource)])];
}

async function customersOf(event: Envelope, read: Reader): Promise<readonly ResourceKey[]> {
  const { now } = event;
  if (event.type === 'campaign.scheduled' && event.data.audience === 'subscribers') {
    const bounds = { boughtFrom: plus(now, -RECENT_MS), boughtTo: plus(now, -JUST_BOUGHT_MS) };
    return await read.consentingBuyers({ ...bounds, limit: CUSTOMERS });
  }
  if (event.type === 'schedule.due' && event.data.name === WINBACK) {
    const bounds = { boughtFrom: plus(now, -GONE_MS), boughtTo: plus(now, -LAPSED_MS) };
    return await read.consentingBuyers({ ...bounds, limit: CUSTOMERS });
  }
  return [];
}
