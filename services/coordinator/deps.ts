import type { Bus } from '#shared/bus/bus.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Sql } from '#shared/store/connect.ts';
import type { AgentRow } from '#shared/store/coordinator/rounds.ts';
import type { Liveness } from './liveness.ts';

/** What every part of the coordinator's shell shares. */
export interface Deps {
  readonly sql: Sql;
  readonly bus: Bus;
  readonly clocks: Clocks;
  readonly logger: Logger;
  readonly liveness: Liveness;
  /** Rule sets compiled by this process, by hash. */
  readonly compiled: Map<string, Policy>;
  /** Manifests in force, read anew from time to time. */
  agents(): readonly AgentRow[];
  /** The valid rule set that the folder holds now for this store; undefined until the first one was read. */
  candidate(store: string): { readonly hash: string; readonly files: Readonly<Record<string, string>> } | undefined;
}

export const SERVICE = 'coordinator';
