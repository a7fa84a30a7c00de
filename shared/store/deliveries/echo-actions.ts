import type { PlannedWrite } from '#shared/contracts/actions/define.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Transaction } from '../connect.ts';

/** An action whose effect a webhook may show: it is being called, nobody knows its end, or it was done a short while ago. */
export interface EchoAction {
  readonly store: string;
  readonly action: string;
  readonly writes: readonly PlannedWrite[];
  /** It ended a short while ago, or its end is not known: whatever shows its effect now may be its echo. */
  readonly recent: boolean;
  readonly endedAt: string | null;
  /** Its outcome is still to come. Otherwise it had its effect, or may have had it. */
  readonly underWay: boolean;
  readonly correlation: string;
  readonly depth: number;
}

/** Newest end first: of two that wrote the same, the later one is shown. */
export async function readEchoActions(
  tx: Transaction,
  stores: readonly string[],
  resources: readonly string[],
  /** The time of the oldest thing that is shown: who tells late tells of actions that ended long ago. */
  oldest: string,
): Promise<EchoAction[]> {
  if (resources.length === 0) return [];
  return await tx<EchoAction[]>`
    select store, action, writes, coalesce(state = 'calling' and call_by > clock_timestamp(), false) as "underWay", correlation, depth, ended_at as "endedAt",
      (state <> 'done' or ended_at > clock_timestamp() - ${LIMITS.echoMs} * interval '1 millisecond') as recent
    from actions
    where store = any(${stores as string[]}) and writes <> '[]'::jsonb and leaves && ${resources as string[]}::text[]
      and (state in ('calling', 'unknown') or (state = 'done' and ended_at > greatest(
        clock_timestamp() - ${LIMITS.lateEchoMs} * interval '1 millisecond',
        least(clock_timestamp(), ${oldest}::timestamptz) - ${LIMITS.echoMs} * interval '1 millisecond')))
    order by ended_at desc nulls first`;
}
