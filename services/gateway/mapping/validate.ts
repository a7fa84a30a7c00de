import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import { kindOf, resourceKey } from '#shared/contracts/resource.ts';
import { invariant, PermanentError } from '#shared/kernel/errors.ts';
import { cut, isKeepable } from '#shared/kernel/plain-text.ts';
import type { Said } from './topic.ts';

/** Holds what a mapping says against the event's contract; drops what the contract does not name. Pure. */
export function validated(said: Said): Said {
  const type = EVENT_TYPES.get(said.type);
  invariant(type, `no event type ${said.type}`);
  if (!isKeepable([said.subject, said.data]))
    throw new PermanentError(
      'bad-input',
      `${said.type}: it holds text that cannot be kept (U+0000, or half a character)`,
      {
        position: said.type,
      },
    );
  const subject = resourceKey.safeParse(said.subject);
  if (!subject.success || kindOf(subject.data) !== type.subject) {
    throw new PermanentError('unknown-shape', `Not a name for a ${type.subject}: "${cut(said.subject, 100)}"`);
  }
  const data = type.data.safeParse(said.data);
  if (!data.success) {
    const issue = data.error.issues[0]!;
    const position = [said.type, ...issue.path].join('.');
    throw new PermanentError('unknown-shape', `${position}: ${issue.message}`, { position });
  }
  return { ...said, data: data.data };
}
