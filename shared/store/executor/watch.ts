import type { Transaction } from '../connect.ts';

/**
 * Whether the area of the action in row `a` of `actions` is open in its store `s` of `stores`: the store is live, or agent
 * and action type have been opened, `*` for every one.
 */
export const isOpen = (tx: Transaction) => tx`(s.mode = 'live' or s.mode = 'watch' and exists (
  select 1 from openings o where o.store = a.store and o.agent in (a.agent, '*') and o.action in (a.type, '*')))`;

/**
 * Whether it may be carried out. What the coordinator takes back was carried out once, so that taking it back needs no
 * opening: what was never carried out it does not undo.
 */
export const mayExecute = (tx: Transaction) => tx`(${isOpen(tx)} or s.mode = 'watch' and a.agent = 'coordinator')`;
