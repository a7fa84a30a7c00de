import type { Reader } from '#shared/agent/module.ts';
import type { Intent } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { READS } from './agent.ts';
import type { Briefing } from './briefing.ts';
import { orderKey } from './order-view.ts';

export async function gather(event: Envelope, read: Reader): Promise<Briefing> {
  const keys = ordersOf(event);
  const [facts, claims] = await Promise.all([read.facts(keys, READS), read.claims(keys)]);
  return { facts, claims };
}

function ordersOf(event: Envelope): ResourceKey[] {
  const order = event.type === 'intent.due' ? (event.data.proposal as Intent).params.order : event.data.order;
  if (event.type !== 'intent.due' && event.type !== 'message.received') return [event.subject];
  return typeof order === 'string' ? [orderKey(order)] : [];
}
