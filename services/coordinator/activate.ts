import { appendEvents } from '#shared/store/append-events.ts';
import { storeRuleSet } from '#shared/store/coordinator/rule-sets.ts';
import type { Desk } from './desk.ts';

/**
 * Puts the folder's valid set in force for one store, if another is: stored by its hash, switched by the event
 * `rules.activated` at that event's `seq`. Rounds before it are judged under the set they started with.
 */
export async function activateCandidate(desk: Desk): Promise<boolean> {
  const candidate = desk.deps.candidate(desk.store);
  if (!candidate || candidate.hash === desk.rules.latest) return false;
  // By hand: saving makes a candidate and no more. Only a store that has no set at all takes its first one by itself.
  if (desk.rules.latest !== undefined && desk.deps.compiled.get(candidate.hash)?.shop.activation === 'by-hand')
    return false;
  const events = await desk.transact(async (tx) => {
    await storeRuleSet(tx, candidate.hash, candidate.files);
    const id = desk.deps.clocks.newId();
    const previous = desk.rules.latest;
    return appendEvents(tx, desk.store, [
      {
        id,
        source: 'coordinator',
        type: 'rules.activated',
        subject: `store:${desk.store}`,
        time: desk.clock,
        store: desk.store,
        correlationid: id,
        depth: 0,
        addressee: 'nobody',
        data: { hash: candidate.hash, ...(previous ? { previous } : {}), by: 'on-save' },
      },
    ]);
  });
  for (const event of events) desk.rules.activate(event.seq, candidate.hash);
  desk.announce(events);
  desk.deps.logger.info({ store: desk.store, ruleSet: candidate.hash.slice(0, 12) }, 'rule set in force');
  return true;
}
