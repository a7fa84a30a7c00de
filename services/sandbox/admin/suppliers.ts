import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { seededDraw } from '../catalogue/draw.ts';
import type { PurchaseOrder } from '../world/records.ts';
import type { Pace } from '../world/steps.ts';
import type { LedgeredStore } from './ledgered.ts';

const request = z.object({
  key: z.string().min(1).max(200),
  supplier: z.string().min(1).max(100),
  lines: z
    .array(z.object({ sku: z.string().min(1).max(64), units: z.number().int().min(1).max(1_000_000) }))
    .min(1)
    .max(250),
});

export interface Reply {
  readonly status: 200 | 201 | 404 | 409 | 422;
  readonly body: object;
}

/** A supplier delivers after its lead time, give or take, and takes an order back until then. The key makes a repetition harmless. */
export class SupplierDesk {
  readonly #store: LedgeredStore;
  readonly #pace: Pace;

  constructor(store: LedgeredStore, pace: Pace) {
    this.#store = store;
    this.#pace = pace;
  }

  #find(key: string): PurchaseOrder | undefined {
    return this.#store.world.records.purchase.get(key);
  }

  #view(order: PurchaseOrder): object {
    return {
      key: order.key,
      supplier: order.supplier,
      lines: order.lines,
      placedAt: new Date(order.placedAtMs).toISOString(),
      expectedAt: new Date(order.arrivesAtMs).toISOString(),
      state: order.cancelled ? 'cancelled' : order.arrivesAtMs <= this.#store.nowMs() ? 'delivered' : 'placed',
    };
  }

  async place(body: unknown, header: string | undefined, action: string | null): Promise<Reply> {
    const parsed = request.safeParse(body);
    if (!parsed.success) return { status: 422, body: { error: 'bad-request', detail: z.prettifyError(parsed.error) } };
    const { world } = this.#store;
    const { key, supplier: name, lines } = parsed.data;
    if (header !== undefined && header !== key)
      return { status: 422, body: { error: 'key-mismatch', detail: 'Idempotency-Key and key differ' } };
    const supplier = world.catalogue.suppliers.get(name);
    if (!supplier) return { status: 422, body: { error: 'unknown-supplier' } };
    const foreign = lines
      .filter((line) => world.catalogue.bySku.get(line.sku)?.supplier !== name)
      .map((line) => line.sku);
    if (foreign.length > 0) return { status: 422, body: { error: 'not-supplied', skus: foreign } };
    const units = lines.reduce((sum, line) => sum + line.units, 0);
    if (units < supplier.minimumOrderUnits)
      return { status: 422, body: { error: 'below-minimum', minimumOrderUnits: supplier.minimumOrderUnits } };
    const digest = createHash('sha256').update(canonicalJson(parsed.data)).digest('hex');
    const outcome = await this.#store.write(
      { operation: 'purchaseOrderPlace', action, key: `purchase-order|${key}`, digest },
      (draft) => {
        const days = Math.max(
          1,
          supplier.leadTimeDays + supplier.leadTimeSdDays * seededDraw(world.seed).normal(`arrival|${key}`),
        );
        const order: PurchaseOrder = {
          key,
          supplier: name,
          lines,
          placedAtMs: draft.atMs,
          arrivesAtMs: Math.round(draft.atMs + days * this.#pace.dayMs),
          cancelled: false,
        };
        draft.put('purchase', key, order);
        draft.effect(`purchase-order:${key}`);
        return { answer: { key } };
      },
    );
    if ('faults' in outcome) return { status: 409, body: { error: outcome.faults[0]?.code ?? 'conflict' } };
    return { status: 201, body: this.#view(this.#find(key)!) };
  }

  async cancel(key: string, action: string | null): Promise<Reply> {
    const order = this.#find(key);
    if (!order) return { status: 404, body: { error: 'not-found' } };
    if (order.cancelled) return { status: 200, body: this.#view(order) };
    const outcome = await this.#store.write(
      { operation: 'purchaseOrderCancel', action, key: null, digest: '' },
      (draft) => {
        if (order.arrivesAtMs <= draft.atMs)
          return { faults: [{ field: null, message: 'Already delivered', code: 'delivered' }] };
        draft.put('purchase', key, { ...order, cancelled: true });
        draft.effect(`purchase-order:${key}`);
        return { answer: {} };
      },
    );
    if ('faults' in outcome) return { status: 409, body: { error: outcome.faults[0]?.code ?? 'conflict' } };
    return { status: 200, body: this.#view(this.#find(key)!) };
  }

  read(key: string): Reply {
    const order = this.#find(key);
    return order ? { status: 200, body: this.#view(order) } : { status: 404, body: { error: 'not-found' } };
  }
}
