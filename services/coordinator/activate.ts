import type { Draft } from '#shared/contracts/envelope.ts';
import { toParleyError } from '#shared/kernel/errors.ts';
import { ruleErrorText } from '#shared/policy/rule-error.ts';
import { goneFrom, type RuleFiles } from '#shared/runtime/rule-files.ts';
import { appendEvents } from '#shared/store/append-events.ts';
import type { Transaction } from '#shared/store/connect.ts';
import { readRuleSet, storeRuleSet, writeCandidate } from '#shared/store/coordinator/rule-sets.ts';
import { endShadowRun } from '#shared/store/coordinator/shadow.ts';
import type { Desk } from './desk.ts';
import type { FolderState } from './watch-rules.ts';

type How = 'first' | 'repair' | 'on-save';

/**
 * Keeps what the folder holds for one store where people can see it, and puts it in force where saving is enough: stored
 * by its hash, switched by the event `rules.activated` at that event's `seq`. Rounds before it are judged under the set
 * they started with. True when a set came into force.
 */
export async function followFolder(desk: Desk): Promise<boolean> {
  const folder = desk.deps.folder(desk.store);
  if (!folder) return false;
  if (folder !== desk.folderSeen) {
    await desk.transact((tx) => writeCandidate(tx, desk.store, { hash: folder.hash, faults: folder.faults ?? [] }));
    desk.folderSeen = folder;
  }
  if (folder.faults || folder.hash === desk.rules.latest) return false;
  // What was considered and has to wait is not considered again before something is different.
  const question = [folder.hash, desk.rules.latest, desk.rules.pinned].join(' ');
  if (question === desk.considered) return false;
  const events = await desk.transact(async (tx) => {
    const how = await howToTake(desk, tx);
    if (!how) return [];
    const gone = how === 'on-save' ? await goneMeanwhile(desk, tx, folder.files) : [];
    if (gone.length > 0) {
      await writeCandidate(tx, desk.store, { hash: folder.hash, faults: gone });
      return [];
    }
    await storeRuleSet(tx, folder.hash, folder.files);
    if (desk.shadow?.hash === folder.hash) await endShadowRun(tx, desk.store, desk.position);
    return appendEvents(tx, desk.store, [activation(desk, folder, how)]);
  });
  desk.considered = question;
  for (const event of events) desk.activated(event);
  desk.announce(events);
  return events.length > 0;
}

/**
 * Only a store without a usable set takes one by itself: its first, or after a change of version that cannot read the
 * one in force. Otherwise the set in force says whether saving is enough, unless a person has pinned it.
 */
async function howToTake(desk: Desk, tx: Transaction): Promise<How | undefined> {
  const { latest, pinned } = desk.rules;
  if (latest === undefined) return 'first';
  try {
    const policy = await desk.rules.policy(tx, latest);
    return pinned === undefined && policy.shop.activation === 'on-save' ? 'on-save' : undefined;
  } catch (thrown) {
    if (toParleyError(thrown).reason !== 'rule-file-invalid') throw thrown;
    return 'repair';
  }
}

/** A file that was deleted while no coordinator looked drops no rule either. */
async function goneMeanwhile(desk: Desk, tx: Transaction, files: RuleFiles): Promise<string[]> {
  const before = desk.rules.latest === undefined ? undefined : await readRuleSet(tx, desk.rules.latest);
  return goneFrom(before ?? {}, files).map(ruleErrorText);
}

function activation(desk: Desk, folder: FolderState & { readonly hash: string }, how: How): Draft {
  const id = desk.deps.clocks.newId();
  const previous = desk.rules.latest;
  return {
    id,
    source: 'coordinator',
    type: 'rules.activated',
    subject: `store:${desk.store}`,
    time: desk.clock,
    store: desk.store,
    correlationid: id,
    depth: 0,
    addressee: 'nobody',
    data: { hash: folder.hash, ...(previous ? { previous } : {}), by: 'on-save', how },
  };
}
