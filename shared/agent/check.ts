import type { z } from 'zod';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import {
  type Announcement,
  type Answer,
  answer as answerContract,
  type Intent,
  type Manifest,
  type Proposal,
} from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { cut } from '#shared/kernel/plain-text.ts';
import { LIMITS } from '#shared/runtime/limits.ts';

/** What is left of a message for its headers. */
const ROOM_FOR_HEADERS = 4_096;

/**
 * Makes the answer to one event of what an agent proposes, and refuses what lies outside its manifest or a contract: a bug
 * is better found here than by the coordinator, which would deny it without knowing why.
 */
export function toAnswer(event: Envelope, proposal: Proposal, manifest: Manifest, digest: string): Answer {
  for (const intent of proposal.intents) checkIntent(intent, proposal, manifest);
  for (const announcement of proposal.announcements) checkAnnouncement(announcement, manifest);
  const parsed = answerContract.safeParse({
    event: event.id,
    seq: event.seq,
    part: 1,
    digest,
    now: event.now,
    intents: proposal.intents,
    announcements: proposal.announcements,
    ...(proposal.pass === undefined ? {} : { pass: cut(proposal.pass, 200) }),
  });
  if (!parsed.success) throw new PermanentError('malformed-answer', faultOf(parsed.error));
  if (Buffer.byteLength(JSON.stringify(parsed.data)) > LIMITS.messageBytes - ROOM_FOR_HEADERS)
    throw new PermanentError('malformed-answer', 'the answer is larger than a message may be');
  return parsed.data;
}

function checkIntent({ action, objective, params }: Intent, proposal: Proposal, manifest: Manifest): void {
  const allowed = manifest.actions.find((entry) => entry.type === action);
  if (!allowed?.objectives.includes(objective))
    throw new PermanentError('not-permitted', `${action} for ${objective} lies outside the manifest`);
  const count = proposal.intents.filter((intent) => intent.action === action).length;
  if (count > allowed.maxPerAnswer)
    throw new PermanentError('not-permitted', `${count} of ${action}; the manifest allows ${allowed.maxPerAnswer}`);
  const parsed = ACTION_TYPES.get(action)?.params.safeParse(params);
  if (!parsed) throw new PermanentError('not-permitted', `there is no action ${action}`);
  if (!parsed.success) throw new PermanentError('malformed-answer', `${action}: ${faultOf(parsed.error)}`);
}

function checkAnnouncement({ type, data }: Announcement, manifest: Manifest): void {
  if (!manifest.announces.includes(type))
    throw new PermanentError('not-permitted', `announcing ${type} lies outside the manifest`);
  const parsed = EVENT_TYPES.get(type)?.data.safeParse(data);
  if (!parsed) throw new PermanentError('unknown-event-type', `there is no event ${type}`);
  if (!parsed.success) throw new PermanentError('malformed-answer', `${type}: ${faultOf(parsed.error)}`);
}

function faultOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.join('.')}: ${issue?.message}`;
}
