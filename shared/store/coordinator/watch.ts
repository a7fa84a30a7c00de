import type { Transaction } from '../connect.ts';

/** What a store that only watches lets be carried out: agent and action type, `*` for every one. Undefined where it is live. */
export async function readOpenings(
  tx: Transaction,
  store: string,
): Promise<readonly { readonly agent: string; readonly action: string }[] | undefined> {
  const rows = await tx<{ mode: string; agent: string | null; action: string | null }[]>`
    select s.mode, o.agent, o.action from stores s left join openings o on o.store = s.store where s.store = ${store}`;
  if (rows[0]?.mode === 'live') return undefined;
  return rows.flatMap(({ agent, action }) => (agent === null || action === null ? [] : [{ agent, action }]));
}

export async function readMembers(
  tx: Transaction,
  store: string,
  escalations: readonly string[],
): Promise<{ escalation: string; members: unknown }[]> {
  if (escalations.length === 0) return [];
  return await tx`
    select escalation, members from escalations where store = ${store} and escalation = any(${escalations as string[]})`;
}
