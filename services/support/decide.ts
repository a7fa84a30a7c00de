import { pass } from '#shared/agent/propose.ts';
import type { Proposal } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { Instant } from '#shared/kernel/time.ts';
import { again } from './again.ts';
import type { Briefing } from './briefing.ts';
import { tellCancellation } from './cancellation.ts';
import { tellDelay } from './delay.ts';
import { answerDispute } from './dispute.ts';
import { answerMessage } from './message.ts';

/** What support answers to one event. Pure: the same event and briefing, the same answer. */
export function decide(event: Envelope, briefing: Briefing, now: Instant): Proposal {
  switch (event.type) {
    case 'shipment.delayed':
      return tellDelay(event, briefing);
    case 'order.cancelled':
      return tellCancellation(event, briefing);
    case 'message.received':
      return answerMessage(event, briefing, now);
    case 'payment.disputed':
      return answerDispute(event, briefing);
    case 'intent.due':
      return again(event, briefing);
    default:
      return pass(`nothing to do about ${event.type}`);
  }
}
