import { hostname } from 'node:os';
import { openNatsBus } from '#shared/bus/nats-bus.ts';
import { aliveSubject } from '#shared/bus/subjects.ts';
import { openSmtp } from '#shared/connectors/mail/smtp-sender.ts';
import { toParleyError } from '#shared/kernel/errors.ts';
import { MINUTE_MS } from '#shared/kernel/time.ts';
import { sleep, systemClocks } from '#shared/runtime/clocks.ts';
import type { RunningService } from '#shared/runtime/lifecycle.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import { readMasterKey } from '#shared/runtime/seal.ts';
import { openStore } from '#shared/store/connect.ts';
import { listStores } from '#shared/store/executor/due-actions.ts';
import { listenForWork } from '#shared/store/executor/errands.ts';
import { ActionLoop } from './action-loop.ts';
import { Connectors } from './connectors.ts';
import { Counts } from './counts.ts';
import { type Deps, type Links, SERVICE } from './deps.ts';
import { FetchLoop } from './fetch-loop.ts';
import { lookAtUnknown, ownUpToAbandoned, tellRevocations } from './look-after.ts';
import { MailLoop } from './mail-loop.ts';
import { PollLoop } from './poll-loop.ts';
import { Seldom } from './seldom.ts';

export interface ExecutorConfig {
  readonly DATABASE_URL: string;
  readonly NATS_URL: string;
  readonly PARLEY_MASTER_KEY_FILE: string;
  readonly PARLEY_SMTP_URL: string;
  readonly PARLEY_MAIL_FROM: string;
  readonly PARLEY_PUBLIC_URL?: string | undefined;
  readonly PARLEY_PUBLIC_PORT: number;
  /** How often each store is gone through for what no webhook has told; 0: never. */
  readonly PARLEY_POLL_MINUTES: number;
}

export async function startExecutor(config: ExecutorConfig, logger: Logger): Promise<RunningService> {
  const master = readMasterKey(config.PARLEY_MASTER_KEY_FILE);
  const mail = openSmtp(config.PARLEY_SMTP_URL, config.PARLEY_MAIL_FROM);
  const sql = openStore({ url: config.DATABASE_URL, service: SERVICE });
  const bus = await openNatsBus({ url: config.NATS_URL, service: SERVICE, logger });
  const deps: Deps = {
    sql,
    bus,
    clocks: systemClocks,
    logger,
    master,
    mail,
    connectors: new Connectors({ master, clocks: systemClocks, logger }),
    counts: new Counts(),
    seldom: new Seldom(),
    owner: `${SERVICE}@${hostname()}`,
    links: linksOf(config),
  };
  const stopping = new AbortController();
  const loops = runLoops(deps, config, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await loops;
      mail.close();
      deps.connectors.close();
      await bus.close();
      await sql.end({ timeout: 2 });
    },
  };
}

export function linksOf(config: Pick<ExecutorConfig, 'PARLEY_PUBLIC_URL' | 'PARLEY_PUBLIC_PORT'>): Links {
  const configured = config.PARLEY_PUBLIC_URL?.replace(/\/+$/, '');
  return configured
    ? { base: configured, local: false }
    : { base: `http://127.0.0.1:${config.PARLEY_PUBLIC_PORT}`, local: true };
}

/** The loops: actions, mails, what is read from the stores, and the looking after of what has been left behind. Each stands still alone. */
async function runLoops(deps: Deps, config: ExecutorConfig, signal: AbortSignal): Promise<void> {
  let stores: readonly string[] = [];
  let restarted = true;
  const actions = new ActionLoop(deps, () => stores);
  const mails = new MailLoop(deps, () => stores);
  const fetches = new FetchLoop(deps, () => stores);
  const polls = new PollLoop(deps, config.PARLEY_POLL_MINUTES);
  const ring = () => {
    actions.ring();
    mails.ring();
  };
  void listen(deps, ring, signal);
  const alive = async () => {
    const state = actions.busy ? 'busy' : 'idle';
    deps.bus.signal(aliveSubject(SERVICE), JSON.stringify({ state, unavailable: deps.connectors.unavailable }));
  };
  const leftBehind = async () => {
    const known = await listStores(deps.sql);
    // Nothing is taken before the calls of an earlier life are owned up to: they bear the same name.
    await ownUpToAbandoned(known, restarted, deps);
    restarted = false;
    if (stores.length !== known.length) ring();
    stores = known;
    await tellRevocations(stores, deps);
  };
  await Promise.all([
    every(LIMITS.heartbeatMs, alive, deps, signal),
    every(LIMITS.lookIntoPostgresMs, leftBehind, deps, signal),
    every(LIMITS.lookIntoPostgresMs, () => lookAtUnknown(stores, deps), deps, signal),
    every(MINUTE_MS, async () => deps.counts.write(deps.logger), deps, signal),
    every(LIMITS.forgetFetchesMs, () => fetches.forget(), deps, signal),
    actions.run(signal),
    mails.run(signal),
    fetches.run(signal),
    polls.run(signal),
  ]);
  deps.counts.write(deps.logger);
}

async function every(ms: number, work: () => Promise<void>, deps: Deps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
    } catch (thrown) {
      deps.logger.error({ err: toParleyError(thrown) }, 'what was left behind could not be looked after');
    }
    await sleep(ms, signal);
  }
}

/** The doorbell is a convenience: without it work is found within a second. */
async function listen(deps: Deps, ring: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await listenForWork(deps.sql, ring);
      return;
    } catch (thrown) {
      deps.logger.warn({ err: toParleyError(thrown) }, 'not listening for work yet');
      await sleep(LIMITS.lookIntoPostgresMs, signal);
    }
  }
}
