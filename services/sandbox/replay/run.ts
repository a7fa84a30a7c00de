import { sleep } from '#shared/runtime/clocks.ts';
import type { Engine } from '../engine.ts';
import type { Sender } from '../send/sender.ts';
import { present } from '../world/present.ts';
import type { Step } from '../world/steps.ts';
import type { World } from '../world/world.ts';
import type { Plan } from './plan.ts';

/** `max`: as fast as it is taken. A number: that many times faster than the shop once traded. */
export type Speed = 'max' | number;

/** The plan and, between its steps, what purchase orders bring: a step of its own once its time has come. */
class Timeline {
  readonly #plan: Plan;
  readonly #world: World;
  readonly #arrived = new Set<string>();
  index = 0;

  constructor(plan: Plan, world: World) {
    this.#plan = plan;
    this.#world = world;
  }

  next(): { step: Step; position: number; after: number } | undefined {
    const step = this.#plan.steps[this.index];
    if (step === undefined) return undefined;
    if (step.kind !== 'end') {
      const arrival = this.#arrival(step.atMs);
      if (arrival) return { step: arrival, position: this.index, after: this.index };
    }
    this.index += 1;
    return { step, position: this.index - 1, after: this.index };
  }

  #arrival(untilMs: number): Step | undefined {
    for (const order of this.#world.records.purchase.values()) {
      if (order.cancelled || order.arrivesAtMs > untilMs) continue;
      for (const [place, line] of order.lines.entries()) {
        const ref = `${order.key}|${place}`;
        const variant = this.#world.catalogue.bySku.get(line.sku);
        if (variant === undefined || this.#arrived.has(ref)) continue;
        this.#arrived.add(ref);
        return { kind: 'arrival', atMs: order.arrivesAtMs, ref, variant, units: line.units, purchaseOrder: order.key };
      }
    }
    return undefined;
  }
}

/** Runs the plan from where it was; returns when it is at its end or the signal aborts. */
export async function runReplay(
  plan: Plan,
  engine: Engine,
  sender: Sender,
  speed: Speed,
  signal: AbortSignal,
): Promise<void> {
  const { world } = engine;
  const timeline = new Timeline(plan, world);
  foldUntil(timeline, world, engine.position);
  const wallStart = Date.now();
  const eventStart = Math.max(plan.steps[timeline.index]?.atMs ?? 0, plan.steps[plan.syncSteps]?.atMs ?? 0);
  for (;;) {
    await sender.room();
    if (signal.aborted) return;
    const atStart = timeline.index;
    const next = timeline.next();
    if (next === undefined) return;
    // The catalogue is known before anything is sold, and the end is told after everything else.
    if (atStart === plan.syncSteps || next.step.kind === 'end') await sender.idle();
    if (speed !== 'max')
      await sleep(Math.max(0, wallStart + (next.step.atMs - eventStart) / speed - Date.now()), signal);
    if (signal.aborted) return;
    engine.enter(next.step, next.position, next.after);
  }
}

/** What was acknowledged before a restart happens again in memory, silently. */
function foldUntil(timeline: Timeline, world: World, position: number): void {
  while (timeline.index < position) {
    const next = timeline.next();
    if (next === undefined) return;
    present(world, next.step);
  }
}
