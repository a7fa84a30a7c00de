import { sleep } from '#shared/runtime/clocks.ts';
import type { Draw } from '../catalogue/draw.ts';
import type { Engine } from '../engine.ts';
import { syncSteps } from '../replay/sync.ts';
import type { Sender } from '../send/sender.ts';
import { present } from '../world/present.ts';
import type { Step } from '../world/steps.ts';
import { LIVE_PACE, OPENING_ROOTS, ROOTS_PER_MINUTE, type Root, rootOf, stepsOfRoot } from './roots.ts';

/** Nothing of a root is younger than this: disputes come last, after up to twenty days of the shop. */
export const HORIZON_MS = 24 * LIVE_PACE.dayMs;
const LOOK_MS = 1_000;
/** A shop that was closed for a while opens again; it does not catch up. */
const CLOSED_MS = 60_000;
/** The opening goes faster, for whoever starts the system and looks. */
const OPENING_PACE = 4;

interface LiveOptions {
  readonly engine: Engine;
  readonly sender: Sender;
  readonly draw: Draw;
  readonly signal: AbortSignal;
  readonly nextRoot: number;
  readonly kept: readonly Root[];
  keep(roots: readonly Root[]): Promise<void>;
}

interface Due {
  readonly step: Step;
  readonly n: number;
}

/** Trades until the signal aborts: draws roots, writes them down, and lets their steps happen when their time comes. */
export async function runLive(options: LiveOptions): Promise<void> {
  const { engine, sender, draw, signal } = options;
  const { world } = engine;
  const due: Due[] = [];
  const add = (root: Root) => {
    for (const step of stepsOfRoot(root, world.catalogue, draw)) due.push({ step, n: root.n });
    due.sort((a, b) => a.step.atMs - b.step.atMs);
  };
  await openShop(engine, sender, signal);
  for (const root of options.kept) add(root);
  const unfinished = due.splice(0, due.length).filter((each) => !happened(engine, each));
  due.push(...unfinished);
  let n = options.nextRoot;
  let nextAtMs = Date.now();
  while (!signal.aborted) {
    const now = Date.now();
    if (nextAtMs < now - CLOSED_MS) nextAtMs = now;
    const fresh: Root[] = [];
    while (nextAtMs <= now) {
      fresh.push(rootOf(n, nextAtMs, world.catalogue, draw, (variant) => world.level(variant.itemId)));
      nextAtMs += gapMs(n, draw);
      n += 1;
    }
    await options.keep(fresh);
    for (const root of fresh) add(root);
    addArrivals(engine, due);
    while (due.length > 0 && due[0]!.step.atMs <= now && !signal.aborted) {
      const { step, n: position } = due.shift()!;
      await sender.room();
      engine.enter(step, position, engine.position);
    }
    await sleep(
      Math.max(
        10,
        Math.min(LOOK_MS, nextAtMs - Date.now(), (due[0]?.step.atMs ?? Number.POSITIVE_INFINITY) - Date.now()),
      ),
      signal,
    );
  }
}

function gapMs(n: number, draw: Draw): number {
  const pace = n < OPENING_ROOTS ? OPENING_PACE : 1;
  return Math.round((-Math.log(1 - draw.unit(`gap|${n}`)) * 60_000) / (ROOTS_PER_MINUTE * pace));
}

/** The catalogue is told once; after a restart its webhooks are known and cost nothing. */
async function openShop(engine: Engine, sender: Sender, signal: AbortSignal): Promise<void> {
  for (const step of syncSteps(engine.world.catalogue, Date.now())) {
    await sender.room();
    if (signal.aborted) return;
    engine.enter(step, -1, engine.position);
  }
  await sender.idle();
}

/** A step whose webhooks are all known took place before the restart: it counts in the store's memory, but moves no stock again. */
function happened(engine: Engine, { step }: Due): boolean {
  if (step.atMs > Date.now()) return false;
  engine.world.frozen = true;
  try {
    const deliveries = present(engine.world, step);
    return deliveries.length > 0 && deliveries.every((delivery) => engine.isKnown(delivery.id));
  } finally {
    engine.world.frozen = false;
  }
}

/** Purchase orders bring their goods when their time has come; in live trading that is looked up each second. */
function addArrivals(engine: Engine, due: Due[]): void {
  const now = Date.now();
  for (const order of engine.world.records.purchase.values()) {
    if (order.cancelled || order.arrivesAtMs > now) continue;
    for (const [place, line] of order.lines.entries()) {
      const variant = engine.world.catalogue.bySku.get(line.sku);
      if (variant === undefined) continue;
      const step: Step = {
        kind: 'arrival',
        atMs: order.arrivesAtMs,
        ref: `${order.key}|${place}`,
        variant,
        units: line.units,
        purchaseOrder: order.key,
      };
      if (happened(engine, { step, n: 0 }) || due.some((each) => each.step.ref === step.ref)) continue;
      due.unshift({ step, n: -1 });
    }
  }
}
