import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { PermanentError } from '#shared/kernel/errors.ts';
import type { RunningService } from '#shared/runtime/lifecycle.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Sql } from '#shared/store/connect.ts';
import {
  addRoots,
  forgetBefore,
  knownIds,
  openJournal,
  type Progress,
  rootsSince,
  waitingOutgoing,
} from '#shared/store/sandbox/journal.ts';
import { acceptedIds, effectsOf, senderFigures } from '#shared/store/sandbox/ledger.ts';
import { allRecords } from '#shared/store/sandbox/writes.ts';
import { adminApi } from './admin/graphql.ts';
import { LedgeredStore } from './admin/ledgered.ts';
import { type AdminServices, adminServer } from './admin/server.ts';
import { SupplierDesk } from './admin/suppliers.ts';
import { leakyBucket } from './admin/throttle.ts';
import { seededDraw } from './catalogue/draw.ts';
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

const secretFile = z.record(
  z.string(),
  z.object({
    shopifySecret: z.string().min(1),
    worldSecret: z.string().startsWith('whsec_'),
    accessToken: z.string().min(1),
  }),
);

export async function readSecrets(file: string, store: string): Promise<StoreSecrets> {
  const parsed = secretFile.safeParse(await readFile(file, 'utf8').then(JSON.parse, () => undefined));
  const secrets = parsed.data?.[store];
  if (!secrets)
    throw new PermanentError('bad-config', `PARLEY_SANDBOX_SECRET_FILE: no secrets for store "${store}" in ${file}`);
  return secrets;
}

/** The store as it was left, with everything that trades and writes. */
interface Shop {
  readonly plan: Plan | undefined;
  readonly engine: Engine;
  readonly sender: Sender;
  readonly journal: Journal;
  readonly live: LiveBooks;
  readonly kept: readonly Root[];
  close(): void;
}

async function openShop(options: SandboxOptions): Promise<Shop> {
  const { sql, logger, store, seed, secrets } = options;
  const plan = options.replayFile === undefined ? undefined : planReplay(await readInvoices(options.replayFile), seed);
  const catalogue = plan?.catalogue ?? liveCatalogue(seededDraw(seed));
  const progress = await openJournal(sql, store);
  const world = new World(store, seed, catalogue, recordsOf(await allRecords(sql, store)), plan ? 0 : Date.now());
  const live = new LiveBooks(world, progress.state as LiveState | null);
  const since = new Date(Date.now() - HORIZON_MS).toISOString();
  const kept = plan ? [] : (await rootsSince(sql, store, since)).map((row) => row.root as Root);
  const known = await knownIds(sql, store, plan ? progress.position : (kept[0]?.n ?? 0));
  const { post, close } = poster(options.gatewayUrl, store, secrets, IN_FLIGHT);
  const reached = (): Progress => ({
    position: engine.position,
    ended: engine.ended,
    state: plan ? null : live.state(),
  });
  const journal = new Journal(sql, store, reached);
  const sender = new Sender({ post, inFlight: IN_FLIGHT, record: (row) => journal.add(row), logger });
  const { position, ended } = progress;
  const engine = new Engine({ world, sender, known, position, ended, settled: (moved) => live.settle(moved) });
  return { plan, engine, sender, journal, live, kept, close };
}

function servicesOf(options: SandboxOptions, shop: Shop): AdminServices {
  const { sql, store } = options;
  const { plan, engine, sender, journal } = shop;
  const nowMs = plan ? () => engine.world.clockMs : () => Date.now();
  const ledgered = new LedgeredStore({ sql, engine, nowMs });
  const bucket = leakyBucket(() => performance.now());
  return {
    api: adminApi(ledgered, bucket),
    desk: new SupplierDesk(ledgered, plan ? REPLAY_PACE : LIVE_PACE),
    progress: () => ({ acknowledged: sender.acknowledged, pending: sender.pending, ended: engine.ended }),
    ledger: async () => {
      await journal.flush();
      const { position, ended } = engine;
      const file = plan ? { steps: plan.steps.length, file: plan.account } : {};
      const sent = await senderFigures(sql, store);
      return {
        store,
        ...sent,
        pending: sender.pending,
        position,
        ended,
        ...file,
        effects: await effectsOf(sql, store),
      };
    },
    acceptedIds: async () => {
      await journal.flush();
      return acceptedIds(sql, store);
    },
  };
}

async function trade(options: SandboxOptions, shop: Shop, signal: AbortSignal): Promise<void> {
  const { sql, store, logger } = options;
  const { plan, engine, sender, journal, live, kept } = shop;
  for (const row of await waitingOutgoing(sql, store)) engine.push(row.n, row.delivery as KeptDelivery);
  if (plan) {
    await runReplay(plan, engine, sender, options.speed, signal);
  } else {
    await forgetBefore(sql, store, new Date(Date.now() - 7 * HORIZON_MS).toISOString());
    const keep = (roots: readonly Root[]) => {
      live.nextRoot = Math.max(live.nextRoot, ...roots.map((root) => root.n + 1));
      const rows = roots.map((root) => ({ n: root.n, at: new Date(root.atMs).toISOString(), root }));
      return addRoots(sql, store, rows);
    };
    const nextRoot = Math.max(live.nextRoot, ...kept.map((root) => root.n + 1));
    await runLive({ engine, sender, draw: seededDraw(options.seed), signal, nextRoot, kept, keep });
  }
  await sender.idle();
  await journal.flush();
  if (plan && !signal.aborted) logger.info({ position: engine.position }, 'replay sent');
}

/**
 * Opens the store and lets it trade: the file when one is given, otherwise on its own. The Admin API listens at once; a file
 * takes a second or more to read, and whoever asks meanwhile waits for it.
 */
export async function startSandbox(options: SandboxOptions): Promise<RunningService & { port: number }> {
  const { store, secrets, host, port, sql } = options;
  const stop = new AbortController();
  const opening = openShop(options);
  const opened = opening.then((shop) => servicesOf(options, shop));
  // Trading begins when the services stand; a file that cannot be read ends the process here, as an unhandled rejection.
  const trading = opened.then(async () => trade(options, await opening, stop.signal));
  const server = await adminServer({ store, accessToken: secrets.accessToken, host, port, opened });
  return {
    port: server.port,
    stop: async () => {
      stop.abort();
      const shop = await opening;
      shop.sender.stop();
      await trading;
      await server.close();
      await shop.journal.flush();
      shop.close();
      await sql.end({ timeout: 2 });
    },
  };
}

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
