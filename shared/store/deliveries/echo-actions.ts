import type { PlannedWrite } from '#shared/contracts/actions/define.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Transaction } from '../connect.ts';

/** An action whose effect a webhook may show: it is being called, or it was done a short while ago. */
export interface EchoAction {
  readonly store: string;
  readonly action: string;
  readonly state: 'calling' | 'done';
  readonly writes: readonly PlannedWrite[];
  /** False when its call may no longer be under way, whatever the row says. */
  readonly underWay: boolean;
  readonly correlation: string;
  readonly depth: number;
}

/** Newest end first: of two that wrote the same, the later one is shown. */
export async function readEchoActions(
  tx: Transaction,
  stores: readonly string[],
  resources: readonly string[],
): Promise<EchoAction[]> {
  if (resources.length === 0) return [];
  return await tx<EchoAction[]>`
    select store, action, state, writes, state = 'calling' and call_by > clock_timestamp() as "underWay", correlation, depth
    from actions
    where store = any(${stores as string[]}) and writes <> '[]'::jsonb and leaves && ${resources as string[]}::text[]
      and (state = 'calling' or (state = 'done' and ended_at > clock_timestamp() - ${LIMITS.echoMs} * interval '1 millisecond'))
    order by ended_at desc nulls first`;
}
