import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StoreConcierge } from '#shared/connectors/concierge.ts';
import { openConcierge } from '#shared/connectors/concierges.ts';
import { openHttp, storeOrigin } from '#shared/connectors/outbound.ts';
import type { StorePlatform } from '#shared/contracts/sources.ts';
import { PermanentError, TransientError } from '#shared/kernel/errors.ts';
import { type Clocks, systemClocks } from '#shared/runtime/clocks.ts';
import { wholeEnvironment } from '#shared/runtime/config.ts';
import { findInstallation, findOperator, nothingRuns } from '#shared/runtime/installation.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { MasterKey } from '#shared/runtime/seal.ts';
import { isUnavailable, openStore, type Sql } from '#shared/store/connect.ts';
import { readRegistered } from '#shared/store/setup/connections.ts';
import { isSetUp } from '#shared/store/setup/installation.ts';
import { type Command, DATA_OPTION, type Invocation, type OptionSpec, StoppedError } from '../command.ts';
import { type Asker, openAsker } from './ask.ts';
import { isReached } from './platforms.ts';

const DEFAULT_DATA = join(fileURLToPath(new URL('../../..', import.meta.url)), '.parley');
/** The gateway reads its endpoints anew at least each second; by then it knows what has been written. */
const GATEWAY_KNOWS_MS = 1_300;
/** A change that no file system announces is found by the next look, and believed after two more. */
const RULES_KNOWN_MS = LIMITS.ruleLookMs + 3 * LIMITS.ruleSettleMs;

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What the commands that connect stores work with. */
export interface Door {
  readonly sql: Sql;
  readonly masterKey: MasterKey;
  readonly publicUrl: string | undefined;
  readonly clocks: Clocks;
  readonly asker: Asker;
  /** How long the gateway may take to know what was written. */
  readonly gatewayKnowsMs: number;
  /** The same of the coordinator and a rule folder: a store must not be taken up before its rules are. */
  readonly rulesKnownMs: number;
  concierge(platform: StorePlatform, url: string, credential: string): StoreConcierge;
  /** For what changes a shop in many steps: Ctrl-C aborts the signal, so that it ends between two of them. */
  untilStopped<Result>(work: (stop: AbortSignal) => Promise<Result>): Promise<Result>;
}

export const DOOR_OPTIONS: Readonly<Record<string, OptionSpec>> = DATA_OPTION;

const dataFolder = ({ data }: Invocation['options']) => (typeof data === 'string' ? data : DEFAULT_DATA);

/** Where the API of the system answers that runs on the data folder; undefined where none is known to. */
export function operatorOf(command: Command, options: Invocation['options']): string | undefined {
  if (command.asksApi === false) return undefined;
  const found = findOperator(dataFolder(options));
  const { DATABASE_URL, PARLEY_SETUP_DIR } = wholeEnvironment();
  // A folder that was named, and on which nothing runs, is no reason to ask another Parley.
  if (found === undefined && options.data !== undefined && !DATABASE_URL && !PARLEY_SETUP_DIR)
    throw nothingRuns(dataFolder(options));
  return found;
}

/**
 * The address that was named with the command goes before the one that Parley was started with, and that one, where the
 * Internet reaches it, before the one that the webhooks of the store were registered at.
 */
export async function at({ options }: Invocation, door: Door, store: string): Promise<Door> {
  const given = options['public-url'];
  if (typeof given === 'string') return { ...door, publicUrl: given };
  if (isReached(door.publicUrl)) return door;
  const registered = await readRegistered(door.sql, store);
  return registered?.publicUrl ? { ...door, publicUrl: registered.publicUrl } : door;
}

/** How a command gets its door; tests bring one that leads to fakes. */
export type WithDoor = <Result>(invocation: Invocation, work: (door: Door) => Promise<Result>) => Promise<Result>;

/** Opens the installation that is meant, and closes it whatever happens. These commands work without the operator API. */
export const withInstallation: WithDoor = async (invocation, work) => {
  const found = findInstallation(wholeEnvironment(), dataFolder(invocation.options));
  const sql = openStore({ url: found.databaseUrl, service: 'setup', connections: 1 });
  try {
    await checkReady(sql);
    return await work({
      sql,
      masterKey: found.masterKey,
      publicUrl: found.publicUrl,
      clocks: systemClocks,
      asker: openAsker(invocation.output.json),
      gatewayKnowsMs: GATEWAY_KNOWS_MS,
      rulesKnownMs: RULES_KNOWN_MS,
      concierge: (platform, url, credential) =>
        openConcierge(platform, openHttp(storeOrigin(platform, url)), credential, systemClocks),
      untilStopped: (work) => untilStopped(invocation, work),
    });
  } finally {
    await sql.end({ timeout: 1 });
  }
};

/** The second signal ends the process where it stands. */
async function untilStopped<Result>({ output }: Invocation, work: (stop: AbortSignal) => Promise<Result>) {
  const stopping = new AbortController();
  const stop = () => {
    output.note('Stopping; what was begun is taken back first.');
    stopping.abort(new StoppedError('Stopped'));
  };
  for (const signal of STOP_SIGNALS) process.once(signal, stop);
  try {
    return await work(stopping.signal);
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, stop);
  }
}

async function checkReady(sql: Sql): Promise<void> {
  const ready = await isSetUp(sql).catch((cause) => {
    if (!isUnavailable(cause)) throw cause;
    throw new TransientError(
      'timeout',
      'The database of this Parley does not answer. Is it running? Start it with "npm start".',
      { cause },
    );
  });
  if (!ready)
    throw new PermanentError(
      'bad-config',
      'This database holds no Parley yet. Start Parley with it once: "npm start".',
    );
}
