import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { PermanentError } from '#shared/kernel/errors.ts';
import type { RunningService } from '#shared/runtime/lifecycle.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Sql } from '#shared/store/connect.ts';
import { addRoots, forgetBefore, knownIds, openJournal, type Progress, rootsSince, waitingOutgoing } from '#shared/store/sandbox/journal.ts';
import { acceptedIds, effectsOf, senderFigures } from '#shared/store/sandbox/ledger.ts';
import { allRecords } from '#shared/store/sandbox/writes.ts';
import { adminApi } from './admin/graphql.ts';
import { LedgeredStore } from './admin/ledgered.ts';
import { adminServer } from './admin/server.ts';
import { supplierDesk } from './admin/suppliers.ts';
import { leakyBucket } from './admin/throttle.ts';
import { seededDraw } from './catalogue/draw.ts';
import type { Catalogue } from './catalogue/goods.ts';
import { Engine, type KeptDelivery } from './engine.ts';
import { liveCatalogue } from './live/catalogue.ts';
import { LIVE_PACE, type Root } from './live/roots.ts';
import { HORIZON_MS, runLive } from './live/trade.ts';
import { type Plan, planReplay, REPLAY_PACE } from './replay/plan.ts';
import { readInvoices } from './replay/read.ts';
import { runReplay, type Speed } from './replay/run.ts';
import { Journal } from './send/journal.ts';
import { poster, type StoreSecrets } from './send/post.ts';
import { Sender } from './send/sender.ts';
import { recordsOf } from './world/records.ts';
import { World } from './world/world.ts';

export interface SandboxOptions {
  readonly sql: Sql;
  readonly logger: Logger;
  readonly store: string;
  readonly seed: number;
  readonly speed: Speed;
  readonly replayFile: string | undefined;
  readonly gatewayUrl: string;
  readonly secrets: StoreSecrets;
  readonly host: string;
  readonly port: number;
}

const IN_FLIGHT = 16;

/** Live trading's own part of the journal: levels as of what is acknowledged, and where the drawing of roots has got to. */
interface LiveState {
  readonly levels: Record<string, number>;
  readonly nextRoot: number;
}

const secretFile = z.record(z.string(), z.object({ shopifySecret: z.string().min(1), worldSecret: z.string().startsWith('whsec_'), accessToken: z.string().min(1) }));

export async function readSecrets(file: string, store: string): Promise<StoreSecrets> {
  const parsed = secretFile.safeParse(await readFile(file, 'utf8').then(JSON.parse, () => undefined));
  const secrets = parsed.data?.[store];
  if (!secrets) throw new PermanentError('bad-config', `PARLEY_SANDBOX_SECRET_FILE: no secrets for store "${store}" in ${file}`);
  return secrets;
}

/** Opens the store where it was left, and lets it trade: the file when one is given, otherwise on its own. */
export async function startSandbox(options: SandboxOptions): Promise<RunningService & { port: number }> {
  const { sql, logger, store, seed, secrets } = options;
  const stop = new AbortController();
  const draw = seededDraw(seed);
  const plan = options.replayFile === undefined ? undefined : planReplay(await readInvoices(options.replayFile), seed);
  const catalogue: Catalogue = plan?.catalogue ?? liveCatalogue(draw);
  const progress = await openJournal(sql, store);
  const world = new World(store, seed, catalogue, recordsOf(await allRecords(sql, store)), plan ? 0 : Date.now());
  const live = new LiveBooks(world, progress.state as LiveState | null);
  const kept = plan ? [] : (await rootsSince(sql, store, new Date(Date.now() - HORIZON_MS).toISOString())).map((row) => row.root as Root);
  const known = await knownIds(sql, store, plan ? progress.position : (kept[0]?.n ?? 0));
  const { post, close } = poster(options.gatewayUrl, store, secrets, IN_FLIGHT);
  const journal: Journal = new Journal(sql, store, (): Progress => ({ position: engine.position, ended: engine.ended, state: plan ? null : live.state() }));
  const sender = new Sender({ post, inFlight: IN_FLIGHT, record: (row) => journal.add(row), logger });
  const engine = new Engine({ world, sender, known, position: progress.position, settled: (moved) => live.settle(moved) });
  engine.ended = progress.ended;

  const nowMs = plan ? () => world.clockMs : () => Date.now();
  const ledgered = new LedgeredStore({ sql, engine, nowMs });
  const server = await adminServer(
    {
      store,
      accessToken: secrets.accessToken,
      api: adminApi(ledgered, leakyBucket(() => performance.now())),
      desk: supplierDesk(ledgered, plan ? REPLAY_PACE : LIVE_PACE),
      ledger: async () => {
        await journal.flush();
        return { store, ...(await senderFigures(sql, store)), pending: sender.pending, position: engine.position, ended: engine.ended, ...planFigures(plan), effects: await effectsOf(sql, store) };
      },
      acceptedIds: async () => {
        await journal.flush();
        return acceptedIds(sql, store);
      },
    },
    options.host,
    options.port,
  );
  const trade = async () => {
    for (const row of await waitingOutgoing(sql, store)) engine.push(row.n, row.delivery as KeptDelivery);
    if (plan) return runReplay(plan, engine, sender, options.speed, stop.signal);
    const keep = (roots: readonly Root[]) => {
      live.nextRoot = Math.max(live.nextRoot, ...roots.map((root) => root.n + 1));
      return addRoots(sql, store, roots.map((root) => ({ n: root.n, at: new Date(root.atMs).toISOString(), root })));
    };
    await forgetBefore(sql, store, new Date(Date.now() - 7 * HORIZON_MS).toISOString());
    const nextRoot = Math.max(live.nextRoot, ...kept.map((root) => root.n + 1));
    return runLive({ engine, sender, draw, signal: stop.signal, nextRoot, kept, keep });
  };
  const trading = trade().then(async () => {
    await sender.idle();
    await journal.flush();
    if (plan && !stop.signal.aborted) logger.info({ position: engine.position }, 'replay sent');
  });
  return {
    port: server.port,
    stop: async () => {
      stop.abort();
      sender.stop();
      await trading;
      await server.close();
      await journal.flush();
      close();
      await sql.end({ timeout: 2 });
    },
  };
}

const planFigures = (plan: Plan | undefined) => (plan ? { steps: plan.steps.length, file: plan.account } : {});

/** Keeps the levels of live trading as of the acknowledged steps: what is not acknowledged happens again after a crash. */
class LiveBooks {
  readonly #levels: Map<number, number>;
  nextRoot: number;

  constructor(world: World, state: LiveState | null) {
    for (const [itemId, level] of Object.entries(state?.levels ?? {})) world.levels.set(Number(itemId), level);
    this.#levels = new Map(world.levels);
    this.nextRoot = state?.nextRoot ?? 0;
  }

  settle(moved: readonly [number, number][]): void {
    for (const [itemId, units] of moved) this.#levels.set(itemId, (this.#levels.get(itemId) ?? 0) + units);
  }

  state(): LiveState {
    return { levels: Object.fromEntries(this.#levels), nextRoot: this.nextRoot };
  }
}
