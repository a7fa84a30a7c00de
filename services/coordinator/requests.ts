import type { z } from 'zod';
import type { Draft, Envelope } from '#shared/contracts/envelope.ts';
import { rulesRequested } from '#shared/contracts/events/rules-requested.ts';
import { toParleyError } from '#shared/kernel/errors.ts';
import { cut } from '#shared/kernel/plain-text.ts';
import type { Transaction } from '#shared/store/connect.ts';
import { pinRules, storeRuleSet } from '#shared/store/coordinator/rule-sets.ts';
import { endShadowRun, startShadowRun } from '#shared/store/coordinator/shadow.ts';
import type { Desk } from './desk.ts';

type Request = z.infer<typeof rulesRequested.data>;

/** What came of a request: its event, and what the desk remembers once that is committed. */
export interface Answered {
  readonly draft: Draft;
  readonly remember: () => void;
}

/** Why a request cannot be met. It ends as an event that people see; nothing changes. */
class Refusal extends Error {}

/** Does what a person asked of the rules, in the round of that request. */
export async function answerRequest(desk: Desk, tx: Transaction, event: Envelope): Promise<Answered> {
  const parsed = rulesRequested.data.safeParse(event.data);
  if (!parsed.success)
    return refused(
      desk,
      event,
      { want: 'unknown', by: 'unknown' },
      `The request is malformed: ${parsed.error.issues[0]?.message}`,
    );
  const request = parsed.data;
  try {
    switch (request.want) {
      case 'activate':
      case 'rollback':
        return await activate(desk, tx, event, request);
      case 'shadow':
        return await shadow(desk, tx, event, request);
      case 'end-shadow':
        return await endShadow(desk, tx, event, request);
    }
  } catch (thrown) {
    if (thrown instanceof Refusal) return refused(desk, event, request, thrown.message);
    throw thrown;
  }
}

/** Saving a file does not undo what a person chose: a set that is not what the folder holds is pinned. */
async function activate(desk: Desk, tx: Transaction, event: Envelope, request: Request): Promise<Answered> {
  const hash = request.hash ?? (request.want === 'rollback' ? setBefore(desk) : heldByFolder(desk));
  await usable(desk, tx, hash);
  const pinned = request.want === 'rollback' || hash !== desk.deps.folder(desk.store)?.hash ? hash : undefined;
  const previous = desk.rules.latest;
  if (hash === previous && pinned === desk.rules.pinned)
    throw new Refusal(`Rule set ${hash.slice(0, 12)} is in force already${pinned ? ', and pinned' : ''}.`);
  await pinRules(tx, desk.store, pinned ?? null);
  if (hash === desk.shadow?.hash) await endShadowRun(tx, desk.store, event.seq);
  return {
    draft: draftOf(desk, event, 'rules.activated', {
      hash,
      ...(previous ? { previous } : {}),
      by: request.by,
      how: request.want,
      ...(pinned ? { pinned: true } : {}),
      ...noteOf(request),
    }),
    remember: () => {
      desk.rules.pinned = pinned;
    },
  };
}

function setBefore(desk: Desk): string {
  const before = desk.rules.before;
  if (!before) throw new Refusal('There is no earlier rule set to go back to.');
  return before;
}

function heldByFolder(desk: Desk): string {
  const folder = desk.deps.folder(desk.store);
  if (!folder) throw new Refusal('The rule folder has not been read yet.');
  if (folder.faults) throw new Refusal(`The rule folder holds no valid set: ${folder.faults[0]}`);
  return folder.hash;
}

/** A set may be put in force, or tried, that is kept under its hash or lies in the folder now, and that this version reads. */
async function usable(desk: Desk, tx: Transaction, hash: string): Promise<void> {
  const folder = desk.deps.folder(desk.store);
  if (folder && !folder.faults && folder.hash === hash) await storeRuleSet(tx, hash, folder.files);
  try {
    await desk.rules.policy(tx, hash);
  } catch (thrown) {
    const error = toParleyError(thrown);
    if (error.reason === 'rule-file-invalid') throw new Refusal(error.message);
    throw thrown;
  }
}

async function shadow(desk: Desk, tx: Transaction, event: Envelope, request: Request): Promise<Answered> {
  const hash = request.hash ?? heldByFolder(desk);
  await usable(desk, tx, hash);
  if (hash === desk.rules.latest)
    throw new Refusal(`Rule set ${hash.slice(0, 12)} is the one in force; trying it would show no difference.`);
  if (hash === desk.shadow?.hash) throw new Refusal(`Rule set ${hash.slice(0, 12)} is being tried already.`);
  const run = { seq: event.seq, hash };
  const previous = desk.shadow?.hash;
  await endShadowRun(tx, desk.store, event.seq);
  await startShadowRun(tx, desk.store, run);
  return {
    draft: draftOf(desk, event, 'rules.shadowed', {
      hash,
      ...(previous ? { previous } : {}),
      by: request.by,
      ...noteOf(request),
    }),
    remember: () => {
      desk.shadow = run;
    },
  };
}

async function endShadow(desk: Desk, tx: Transaction, event: Envelope, request: Request): Promise<Answered> {
  if (!desk.shadow) throw new Refusal('No rule set is being tried.');
  await endShadowRun(tx, desk.store, event.seq);
  return {
    draft: draftOf(desk, event, 'rules.shadowed', { previous: desk.shadow.hash, by: request.by, ...noteOf(request) }),
    remember: () => {
      desk.shadow = undefined;
    },
  };
}

const REASON_MAX = 500;

function refused(
  desk: Desk,
  event: Envelope,
  request: { readonly want: string; readonly hash?: string | undefined; readonly by: string },
  reason: string,
): Answered {
  const { want, hash, by } = request;
  desk.deps.logger.warn({ store: desk.store, want, reason }, 'a request about the rules cannot be met');
  const data = { want, ...(hash ? { hash } : {}), by, reason: cut(reason, REASON_MAX) };
  return { draft: draftOf(desk, event, 'rules.refused', data), remember: () => {} };
}

const noteOf = ({ note }: Request) => (note === undefined ? {} : { note });

function draftOf(desk: Desk, event: Envelope, type: string, data: Draft['data']): Draft {
  return {
    id: desk.deps.clocks.newId(),
    source: 'coordinator',
    type,
    subject: `store:${desk.store}`,
    time: event.now,
    store: desk.store,
    correlationid: event.correlationid,
    causationid: event.id,
    depth: 0,
    addressee: 'nobody',
    data,
  };
}
