import type { Answer, Manifest, Proposal } from '#shared/contracts/answer.ts';
import { answer as answerContract } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { PermanentError } from '#shared/kernel/errors.ts';

/**
 * Makes the answer to one event of what an agent proposes, and refuses what lies outside its manifest: a bug is better
 * found here than by the coordinator, which would deny it without knowing why.
 */
export function toAnswer(event: Envelope, proposal: Proposal, manifest: Manifest, digest: string): Answer {
  for (const { action, objective } of proposal.intents) {
    const allowed = manifest.actions.find((entry) => entry.type === action);
    if (!allowed?.objectives.includes(objective))
      throw new PermanentError(
        'not-permitted',
        `${manifest.agent} proposes ${action} for ${objective}, outside its manifest`,
      );
    const count = proposal.intents.filter((intent) => intent.action === action).length;
    if (count > allowed.maxPerAnswer)
      throw new PermanentError(
        'not-permitted',
        `${manifest.agent} proposes ${count} of ${action}; ${allowed.maxPerAnswer} are allowed in one answer`,
      );
  }
  for (const { type } of proposal.announcements) {
    if (!manifest.announces.includes(type))
      throw new PermanentError('not-permitted', `${manifest.agent} announces ${type}, outside its manifest`);
  }
  return answerContract.parse({
    event: event.id,
    seq: event.seq,
    part: 1,
    digest,
    now: event.now,
    intents: proposal.intents,
    announcements: proposal.announcements,
    ...(proposal.pass === undefined ? {} : { pass: proposal.pass.slice(0, 200) }),
  });
}
