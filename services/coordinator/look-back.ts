import { prepare } from '#shared/judgement/prepare.ts';
import type { Claim, Proposed, StandingAction } from '#shared/judgement/types.ts';
import type { Loaded, World } from '#shared/judgement/world.ts';
import { plus } from '#shared/kernel/time.ts';
import type { LimitScope, Policy } from '#shared/policy/policy.ts';
import type { Transaction } from '#shared/store/connect.ts';
import {
  type ActionRow,
  type ClaimRow,
  type EarlierRow,
  readCounted,
  readEarlierClaims,
} from '#shared/store/coordinator/boundary.ts';
import type { Batch } from './load.ts';
import type { ShadowBench } from './shadow.ts';

/** What the rules look back at for these intents: sums of cumulative limits, like wishes granted lately, earlier changes; two queries. */
export async function lookBack(
  tx: Transaction,
  { store, now }: Pick<Batch, 'store' | 'now'>,
  proposed: readonly Proposed[],
  leaves: readonly string[],
  world: World,
  policy: Policy,
  beside: Pick<ShadowBench, 'looksBackAt'> | undefined,
): Promise<Pick<Loaded, 'counted' | 'earlier'>> {
  const limits = new Map<string, LimitScope>();
  const keys = new Set<string>();
  let withinMs = 0;
  const wish = ({ key, withinMs: within }: { readonly key: string; readonly withinMs: number }) => {
    if (within === 0) return;
    keys.add(key);
    withinMs = Math.max(withinMs, within);
  };
  for (const entry of proposed) {
    const prepared = prepare(entry, now, world, policy);
    if ('refusal' in prepared) continue;
    for (const limit of policy.limits(prepared.candidate.ruled)) limits.set(keyOf(limit), limit);
    prepared.candidate.same.forEach(wish);
  }
  const tried = beside?.looksBackAt(proposed, now, world);
  for (const limit of tried?.limits ?? []) limits.set(keyOf(limit), limit);
  tried?.same.forEach(wish);
  // Each rule asks for its own time, so what is read for a longer one changes nothing for the others.
  const dampingMs = Math.max(policy.dampingMs, tried?.dampingMs ?? 0);
  const changed = dampingMs > 0 ? leaves : [];
  const [rows, earlier] = await Promise.all([
    readCounted(tx, store, [...limits.values()], now),
    readEarlierClaims(
      tx,
      store,
      { resources: changed, since: plus(now, -dampingMs) },
      { keys: [...keys], since: plus(now, -withinMs) },
    ),
  ]);
  const counted = rows.flatMap((row) => {
    const limit = limits.get(keyOf(row));
    return limit ? [{ ...limit, amount: row.amount }] : [];
  });
  return { counted, earlier: earlier.map(toEarlier) };
}

/** Two sets may count one rule over different times, so the time belongs to the key. */
function keyOf(limit: Pick<LimitScope, 'rule' | 'scope' | 'overMs'> & { readonly measure: string }): string {
  return `${limit.rule} ${limit.scope} ${limit.measure} ${limit.overMs}`;
}

export function toClaim(row: ClaimRow): Claim {
  return {
    claim: row.claim,
    resource: row.resource,
    aspect: row.aspect as Claim['aspect'],
    from: row.from,
    ...(row.to === null ? {} : { to: row.to }),
    exclusive: row.exclusive,
    ...(row.amount === null ? {} : { amount: row.amount }),
    owner: row.owner,
    layer: row.layer as Claim['layer'],
    ...(row.action === null ? {} : { action: row.action }),
    ...(row.action_state === null ? {} : { actionState: row.action_state as NonNullable<Claim['actionState']> }),
  };
}

function toEarlier(row: EarlierRow): Claim {
  const claim = toClaim(row);
  return row.ended_as === null ? claim : { ...claim, endedAs: row.ended_as as NonNullable<Claim['endedAs']> };
}

export function toStandingAction(row: ActionRow): StandingAction {
  return {
    action: row.action,
    type: row.type,
    agent: row.agent,
    params: row.params,
    leaves: row.leaves,
    writes: row.writes as StandingAction['writes'],
    inverse: (row.inverse ?? []) as StandingAction['inverse'],
    cause: row.cause,
    notBefore: row.not_before,
    correlation: row.correlation,
    depth: row.depth,
    state: row.state as StandingAction['state'],
    ...(row.undone ? { undone: true } : {}),
  };
}
