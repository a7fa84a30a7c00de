import { openHttp, storeOrigin } from '#shared/connectors/outbound.ts';
import { CASES, type ProductIds } from '#shared/connectors/testing/contract.ts';
import type { FakePlatform } from '#shared/connectors/testing/fake-platform.ts';
import type { StorePlatform } from '#shared/contracts/sources.ts';
import { createLogger } from '#shared/runtime/logger.ts';
import { seal } from '#shared/runtime/seal.ts';
import { ActionLoop } from '../action-loop.ts';
import { Connectors } from '../connectors.ts';
import type { Deps } from '../deps.ts';
import { lookAtUnknown, ownUpToAbandoned } from '../look-after.ts';
import { actionRow, type Bench, openBench, STORE, seedAction, toldEnds } from './bench.ts';
import { type Crash, Life, type Sent } from './life.ts';

type Case = (typeof CASES)[number];

/** A platform whose connector is struck. */
export interface Platform {
  readonly platform: StorePlatform;
  readonly credential: string;
  readonly ids: ProductIds;
  readonly refuses: readonly string[];
  /** Actions that take more than one call with an effect, and how many of them make the action done. */
  readonly calls: Readonly<Record<string, { readonly all: number; readonly enough?: number }>>;
  fake(): FakePlatform;
}

/** Which action is struck where; the second strikes the process that takes over. */
export interface CrashPoint {
  readonly platform: string;
  readonly type: string;
  readonly first: Crash;
  readonly second?: Crash | undefined;
}

export interface Aftermath {
  readonly point: CrashPoint;
  readonly state: string;
  readonly effects: number;
  /** Writes that followed a write of unknown end without a look between them. */
  readonly blindRetries: number;
  /** What must not be; empty when all is well. */
  readonly faults: readonly string[];
}

const ROUNDS = 12;
/** From then on an end that stays unknown has had its last look. */
const LAST_LOOK = 6;
const ACTION = 'struck';

/** One database, on which one action after another is struck. */
export class CrashStage {
  readonly #bench: Bench;
  readonly #platforms: ReadonlyMap<string, Platform>;

  private constructor(bench: Bench, platforms: readonly Platform[]) {
    this.#bench = bench;
    this.#platforms = new Map(platforms.map((each) => [each.platform, each]));
  }

  static async open(platforms: readonly Platform[]): Promise<CrashStage> {
    return new CrashStage(await openBench(), platforms);
  }

  close(): Promise<void> {
    return this.#bench.close();
  }

  /** Cases that reach a store at all. */
  casesOf({ refuses }: Platform): Case[] {
    return CASES.filter(({ type }) => !refuses.includes(type));
  }

  /** How often an executor waits for the outside while it carries the action out undisturbed. */
  async waitsOf(platform: string, type: string): Promise<number> {
    const never = { at: Number.POSITIVE_INFINITY, misfortune: 'die-before' } as const;
    const run = await this.#begin({ platform, type, first: never });
    await run.work(run.life(never));
    const { state } = await this.#end(run);
    if (state !== 'done') throw new Error(`${platform} ${type} ends ${state} undisturbed`);
    return run.lives[0]!.waits;
  }

  async strike(point: CrashPoint): Promise<Aftermath> {
    const run = await this.#begin(point);
    const first = run.life(point.first);
    const working = run.work(first);
    await Promise.race([working, first.struck]);
    const isStopped = point.first.misfortune.startsWith('stop');
    if (first.isDead || isStopped) {
      // What is on its way may arrive while the next process looks, and after.
      await run.lookAfter(run.life(point.second, isStopped ? 'executor@other' : undefined), { early: true });
      await Promise.all(run.onItsWay);
      await run.settle(isStopped ? 'executor@other' : undefined);
      if (isStopped) first.resume();
    }
    await working;
    await Promise.all(run.onItsWay);
    await run.settle();
    return await this.#end(run);
  }

  async #begin(point: CrashPoint): Promise<Run> {
    const platform = this.#platforms.get(point.platform)!;
    const one = CASES.find(({ type }) => type === point.type)!;
    const fake = platform.fake();
    await fake.open();
    if (one.given) fake.given(one.given);
    await connect(this.#bench, platform, fake.url);
    await seedCase(this.#bench, one);
    return new Run(this.#bench, platform, point, fake);
  }

  async #end(run: Run): Promise<Aftermath> {
    const { point, platform, fake } = run;
    const { sql } = this.#bench.database;
    const { state } = await actionRow(this.#bench.database, ACTION);
    const told = await toldEnds(this.#bench.database, ACTION);
    const letters = await sql`select 1 from dead_letters where ref = ${ACTION}`;
    const effects = fake.effectsOf(ACTION);
    const { all, enough = all } = platform.calls[point.type] ?? { all: 1 };
    const blindRetries = blindRetriesIn(run.sent);
    const faults = [
      ...(effects > all ? [`${effects} effects`] : []),
      ...(blindRetries > 0 ? [`${blindRetries} blind retries`] : []),
      ...(state === 'done' && effects < enough ? [`done with ${effects} of ${all} effects`] : []),
      ...(state === 'failed' && effects !== 0 ? [`failed with ${effects} effects`] : []),
      ...(state === 'unknown' && letters.length !== 1 ? [`unknown, and ${letters.length} letters about it`] : []),
      ...(['done', 'failed', 'unknown'].includes(state) ? [] : [`left ${state}`]),
      ...(told.at(-1) === `action.${state}` ? [] : [`last told ${told.at(-1) ?? 'nothing'}, and is ${state}`]),
      ...(told.filter((end) => end !== 'action.unknown').length > 1 ? [`told ${told.join(', ')}`] : []),
    ];
    await fake.close();
    return { point, state, effects, blindRetries, faults };
  }
}

/** One action, its store, and all processes that have to do with it. */
class Run {
  readonly point: CrashPoint;
  readonly platform: Platform;
  readonly fake: FakePlatform;
  readonly lives: Life[] = [];
  readonly sent: Sent[] = [];
  readonly onItsWay: Promise<unknown>[] = [];
  readonly #bench: Bench;
  readonly #deps = new Map<Life, Deps>();

  constructor(bench: Bench, platform: Platform, point: CrashPoint, fake: FakePlatform) {
    this.#bench = bench;
    this.platform = platform;
    this.point = point;
    this.fake = fake;
  }

  life(crash: Crash | undefined, owner = 'executor@one'): Life {
    const life = new Life(crash, this.sent, this.onItsWay);
    const plain = this.#bench.life(owner);
    const logger = life.logger(createLogger('executor', 'silent'));
    const { clocks } = life;
    const door = () => openHttp(storeOrigin('sandbox', this.fake.url), { nowMs: clocks.nowMs });
    const connectors = new Connectors({ master: this.#bench.master, clocks, logger, open: () => life.door(door()) });
    this.lives.push(life);
    this.#deps.set(life, { ...plain, sql: life.sql(plain.sql), clocks, logger, connectors });
    return life;
  }

  /** Takes what is due and carries it out, until it has ended or the process has. */
  async work(life: Life): Promise<void> {
    const loop = new ActionLoop(this.#deps.get(life)!, () => [STORE]);
    const over = AbortSignal.abort();
    try {
      await loop.tick();
      await loop.run(over);
    } catch (thrown) {
      if (!life.isDead && !this.point.first.misfortune.startsWith('lose')) throw thrown;
    }
  }

  /** What a process does about what was left behind. `early`: while a request of the last one may still be on its way. */
  async lookAfter(life: Life, { early }: { early: boolean }): Promise<void> {
    const deps = this.#deps.get(life)!;
    try {
      const isOther = deps.owner !== 'executor@one';
      if (isOther)
        await this.#sql`update actions set call_by = clock_timestamp() - interval '1 second' where state = 'calling'`;
      await ownUpToAbandoned([STORE], !isOther, deps);
      await this.#makeDue(early && !isOther);
      await this.work(life);
      await lookAtUnknown([STORE], deps);
    } catch (thrown) {
      if (!life.isDead && !this.point.second?.misfortune.startsWith('lose')) throw thrown;
    }
    deps.connectors.close();
  }

  /** Processes without misfortune come and go until the action has its end. */
  async settle(owner?: string): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      if (await this.#isSettled()) return;
      if (round >= LAST_LOOK)
        await this.#sql`update actions set ended_at = clock_timestamp() - interval '2 hours' where state = 'unknown'`;
      await this
        .#sql`update actions set call_by = clock_timestamp() - interval '1 second' where state in ('calling', 'unknown')`;
      await this.lookAfter(this.life(undefined, owner), { early: false });
    }
  }

  async #isSettled(): Promise<boolean> {
    const [row] = await this.#sql`
      select 1 from actions where action = ${ACTION} and (state in ('done', 'failed', 'revoked') or (state = 'unknown' and next_look_at is null))`;
    return row !== undefined;
  }

  async #makeDue(early: boolean): Promise<void> {
    await this.#sql`update actions set next_look_at = null where state = 'pending'`;
    await this
      .#sql`update actions set next_look_at = clock_timestamp() - interval '1 second' where state = 'unknown' and next_look_at is not null`;
    if (!early)
      await this.#sql`update actions set call_by = clock_timestamp() - interval '1 second' where state = 'unknown'`;
  }

  get #sql() {
    return this.#bench.database.sql;
  }
}

/** A write whose end nobody has learned, and another before anybody has looked. */
export function blindRetriesIn(sent: readonly Sent[]): number {
  let open = false;
  let blind = 0;
  for (const { kind, told } of sent) {
    if (kind === 'read') open = open && !told;
    else {
      if (open) blind += 1;
      open = !told;
    }
  }
  return blind;
}

async function connect(
  { database, master }: Bench,
  { platform, credential, ids }: Platform,
  url: string,
): Promise<void> {
  const { sql } = database;
  const sealed = seal(master, `credential:${STORE}:${platform}`, Buffer.from(credential));
  await sql`delete from credentials`;
  await sql`insert into credentials (store, platform, sealed, url) values (${STORE}, ${platform}, ${sealed}, ${url})`;
  for (const [resource, value] of Object.entries(ids))
    await sql`update facts set value = ${sql.json(value)} where resource = ${resource} and attribute = 'product'`;
}

async function seedCase({ database }: Bench, { type, leaves, params, more = {} }: Case): Promise<void> {
  const { sql } = database;
  await sql`delete from actions`;
  await sql`delete from dead_letters`;
  await sql`delete from events`;
  const inverse = [{ action: type, params: { priceMinor: more.expectedMinor } }];
  await seedAction(database, { action: ACTION, type, leaves, params, ...(more.expectedMinor ? { inverse } : {}) });
  for (const discount of more.discounts ?? []) {
    await seedAction(database, {
      action: `launch-${discount}`,
      type: 'promotion.launch',
      leaves,
      params: {},
      state: 'done',
    });
    await sql`update actions set outcome = ${sql.json({ discount })}, ended_at = clock_timestamp() where action = ${`launch-${discount}`}`;
  }
  if (more.purchaseOrder) {
    await seedAction(database, { action: more.purchaseOrder, type: 'reorder.place', leaves, params, state: 'done' });
    await sql`update actions set ended_at = clock_timestamp() where action = ${more.purchaseOrder}`;
  }
}
