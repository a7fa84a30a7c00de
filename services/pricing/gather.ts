import type { Reader } from '#shared/agent/module.ts';
import type { Intent } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { nameOf, type ResourceKey, resource } from '#shared/contracts/resource.ts';
import { READS } from './agent.ts';
import type { Briefing } from './briefing.ts';
import { REVIEW } from './decide.ts';

/** How many shelves a review looks over: those on which the most money lies. */
const SHELVES_PER_REVIEW = 500;

export async function gather(event: Envelope, read: Reader): Promise<Briefing> {
  const skus = await skusOf(event, read);
  const keys = skus.map((sku) => resource('sku', sku));
  const [facts, claims] = await Promise.all([read.facts(keys, READS), read.claims(keys)]);
  return { skus, facts, claims };
}

async function skusOf(event: Envelope, read: Reader): Promise<string[]> {
  switch (event.type) {
    case 'schedule.due':
      return event.data.name === REVIEW ? (await read.dearestShelves(SHELVES_PER_REVIEW)).map(nameOf) : [];
    case 'intent.due':
    case 'intent.refused':
      return [String((event.data.proposal as Intent).params.sku)];
    case 'claim.broken':
      return 'resource' in event.data ? [nameOf(event.data.resource as ResourceKey)] : [];
    default:
      return [nameOf(event.subject)];
  }
}
