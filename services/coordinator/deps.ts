import type { Bus } from '#shared/bus/bus.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Sql } from '#shared/store/connect.ts';
import type { AgentRow } from '#shared/store/coordinator/rounds.ts';
import type { CompiledSets } from './compiled-sets.ts';
import type { Liveness } from './liveness.ts';
import type { FolderState } from './watch-rules.ts';

/** What every part of the coordinator's shell shares. */
export interface Deps {
  readonly sql: Sql;
  readonly bus: Bus;
  readonly clocks: Clocks;
  readonly logger: Logger;
  readonly liveness: Liveness;
  readonly compiled: CompiledSets;
  /** Manifests in force, read anew from time to time. */
  agents(): readonly AgentRow[];
  /** What the rule folder holds now for this store; undefined until it was read. */
  folder(store: string): FolderState | undefined;
}

export const SERVICE = 'coordinator';
