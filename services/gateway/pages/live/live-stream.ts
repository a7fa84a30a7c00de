import { type Clocks, sleep } from '#shared/runtime/clocks.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Sql, Transaction } from '#shared/store/connect.ts';
import type { Seen } from '#shared/store/pages/feed.ts';
import { readStoreViews, type StoreView } from '#shared/store/pages/stores.ts';
import { inStores } from '#shared/store/transaction.ts';
import type { LiveFeed } from '../../live.ts';
import { clocksBlock, type StatusView, servicesBlock, totalsBlock, waitingBlock } from '../html/summary.ts';
import { type Filter, filterQuery } from './filter.ts';
import { type Frame, readFrame, readFronts, renderFrame } from './frame.ts';
import { type Position, writePosition } from './position.ts';
import type { Services } from './services.ts';
import { readStatus } from './status.ts';

/** Rows of a kind in one frame; a stream that has more shows the newest and says how many there were. */
const ROWS_PER_FRAME = 20;
const FRAME_GAP_MS = 200;
/** Frames that had to leave something out come once a second, so that "20 of 214 a second" is what it says. */
const SAMPLED_GAP_MS = 1_000;
const STATUS_GAP_MS = 1_000;
/** Counting may take this share of the time at most: what takes 50 ms is done every second, what takes 500 ms every ten. */
const STATUS_SHARE = 20;
const KEEP_ALIVE_MS = 10_000;

export interface Message {
  readonly event: 'rows' | 'status' | 'alive';
  readonly data: unknown;
  readonly id?: string;
}

export interface Viewer {
  readonly filter: Filter;
  readonly as: 'html' | 'json';
  /** `now`: only what comes from here on. */
  position: Position | 'now';
  /** Resolves when the viewer has taken the message; until then it is sent nothing and simply stays behind. */
  send(message: Message): Promise<void>;
}

interface Seat {
  readonly viewer: Viewer;
  busy: boolean;
  lastAtMs: number;
  /** The status that it was sent last. */
  status: string;
}

interface LiveDeps {
  readonly sql: Sql;
  readonly clocks: Clocks;
  readonly logger: Logger;
  readonly live: LiveFeed;
}

/**
 * Follows Postgres for everybody who looks on. The bus only rings; what is sent has been read, so nothing is shown that
 * is not saved. It runs while there are viewers and holds nothing for them: each has a position, and whoever is slow is
 * behind, and gets the newest of what it missed.
 */
export class LiveStream {
  readonly #deps: LiveDeps;
  readonly #services: Services;
  readonly #seats = new Set<Seat>();
  #running = false;
  #rung = false;
  #ring: () => void = () => {};
  #sampled = false;
  #status: StatusView | undefined;
  #statusDueMs = 0;

  constructor(deps: LiveDeps, services: Services) {
    this.#deps = deps;
    this.#services = services;
  }

  get viewers(): number {
    return this.#seats.size;
  }

  /** Undefined when there are as many viewers as may be; otherwise how to leave. */
  join(viewer: Viewer): (() => void) | undefined {
    if (this.#seats.size >= LIMITS.liveViewers) return undefined;
    const seat: Seat = { viewer, busy: false, lastAtMs: this.#deps.clocks.nowMs(), status: '' };
    this.#seats.add(seat);
    if (this.#running) this.#wake();
    else void this.#run();
    return () => this.#seats.delete(seat);
  }

  #wake(): void {
    this.#rung = true;
    this.#ring();
  }

  async #run(): Promise<void> {
    this.#running = true;
    const unlisten = this.#deps.live.listen(() => this.#wake());
    while (this.#seats.size > 0) {
      this.#rung = false;
      await this.#tick();
      await sleep(this.#sampled ? SAMPLED_GAP_MS : FRAME_GAP_MS);
      if (!this.#sampled && !this.#rung) await this.#ringOr(LIMITS.lookIntoPostgresMs - FRAME_GAP_MS);
    }
    unlisten();
    this.#running = false;
  }

  #ringOr(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#ring = () => {
        clearTimeout(timer);
        this.#ring = () => {};
        resolve();
      };
    });
  }

  async #tick(): Promise<void> {
    try {
      const ready = [...this.#seats].filter((seat) => !seat.busy);
      if (ready.length === 0) return;
      const names = (await inStores(this.#deps.sql, [], readStoreViews)).map((row) => row.store);
      const rows = await inStores(this.#deps.sql, names, async (tx) => {
        const stores = await readStoreViews(tx);
        const fronts = await readFronts(tx, stores);
        await this.#countAnew(tx, names);
        return this.#readRows(tx, ready, stores, fronts);
      });
      const statuses = new Map<string, StatusMessages>();
      for (const seat of ready) await this.#post(seat, rows.get(seat), statuses);
    } catch (thrown) {
      this.#sampled = false;
      this.#deps.logger.warn({ err: thrown }, 'live page: could not read; looking again in a second');
    }
  }

  /** Viewers with the same filter who have come equally far are given the same frame, read and rendered once. */
  async #readRows(
    tx: Transaction,
    ready: readonly Seat[],
    stores: readonly StoreView[],
    fronts: ReadonlyMap<string, Seen>,
  ): Promise<Map<Seat, { frame: Frame; body: object }>> {
    this.#sampled = false;
    const alike = new Map<string, Seat[]>();
    for (const seat of ready) {
      const { as, filter, position } = seat.viewer;
      const key = `${as} ${filterQuery(filter)} ${position === 'now' ? position : writePosition(position)}`;
      alike.set(key, [...(alike.get(key) ?? []), seat]);
    }
    const rows = new Map<Seat, { frame: Frame; body: object }>();
    for (const seats of alike.values()) {
      const { filter, position, as } = seats[0]!.viewer;
      const frame = await readFrame(tx, fronts, position === 'now' ? fronts : position, filter, ROWS_PER_FRAME);
      if (frame.of > frame.shown) this.#sampled = true;
      const body =
        as === 'json' ? { events: frame.events, judged: frame.judged } : await renderFrame(frame, stores, filter);
      for (const seat of seats) {
        seat.viewer.position = frame.position;
        if (frame.of > 0) rows.set(seat, { frame, body });
      }
    }
    return rows;
  }

  async #post(
    seat: Seat,
    rows: { frame: Frame; body: object } | undefined,
    statuses: Map<string, StatusMessages>,
  ): Promise<void> {
    const nowMs = this.#deps.clocks.nowMs();
    const messages: Message[] = [];
    if (rows) {
      const { frame, body } = rows;
      const data = { ...body, shown: frame.shown, of: frame.of, ms: Math.max(1, nowMs - seat.lastAtMs) };
      messages.push({ event: 'rows', data, id: writePosition(frame.position) });
      seat.lastAtMs = nowMs;
    }
    const status = await this.#statusFor(seat.viewer, statuses);
    if (status && status.text !== seat.status) {
      seat.status = status.text;
      messages.push({ event: 'status', data: status.data });
    }
    if (messages.length === 0 && nowMs - seat.lastAtMs > KEEP_ALIVE_MS) {
      messages.push({ event: 'alive', data: '' });
      seat.lastAtMs = nowMs;
    }
    if (messages.length > 0) void this.#send(seat, messages);
  }

  async #send(seat: Seat, messages: readonly Message[]): Promise<void> {
    seat.busy = true;
    try {
      for (const message of messages) await seat.viewer.send(message);
      seat.busy = false;
    } catch {
      this.#seats.delete(seat);
    }
  }

  /** A status as each kind of viewer gets it, made once a tick for all who chose the same store. */
  async #statusFor(viewer: Viewer, made: Map<string, StatusMessages>): Promise<StatusMessages | undefined> {
    if (!this.#status) return undefined;
    const key = `${viewer.as} ${viewer.filter.store ?? ''}`;
    let status = made.get(key);
    if (!status) {
      const view = ofStore(this.#status, viewer.filter.store);
      const data = viewer.as === 'json' ? view : await renderStatus(view);
      status = { data, text: JSON.stringify(data) };
      made.set(key, status);
    }
    return status;
  }

  async #countAnew(tx: Transaction, names: readonly string[]): Promise<void> {
    const startedMs = this.#deps.clocks.nowMs();
    if (startedMs < this.#statusDueMs) return;
    this.#status = await readStatus(tx, this.#services, names);
    const endedMs = this.#deps.clocks.nowMs();
    this.#statusDueMs = endedMs + Math.max(STATUS_GAP_MS, (endedMs - startedMs) * STATUS_SHARE);
  }
}

interface StatusMessages {
  readonly data: object;
  readonly text: string;
}

/** The same status, of one store only where one was chosen. */
export function ofStore<View extends StatusView>(view: View, store: string | undefined): View {
  if (!store) return view;
  const mine = <Row extends { store: string }>(rows: readonly Row[]) => rows.filter((row) => row.store === store);
  return {
    ...view,
    stores: mine(view.stores),
    totals: mine(view.totals),
    open: mine(view.open),
    rules: mine(view.rules),
  };
}

export async function renderStatus(view: StatusView): Promise<Record<string, string>> {
  return {
    totals: String(await totalsBlock(view)),
    waiting: String(await waitingBlock(view)),
    clocks: String(await clocksBlock(view)),
    services: String(await servicesBlock(view)),
  };
}
