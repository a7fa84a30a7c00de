import type { Reader } from '#shared/agent/module.ts';
import type { Intent } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { FactView } from '#shared/contracts/facts.ts';
import { kindOf, nameOf, resource } from '#shared/contracts/resource.ts';
import { SKU_READS, SUPPLIER_READS } from './agent.ts';
import type { Briefing } from './briefing.ts';
import { REVIEW } from './decide.ts';

/** How many SKUs a review looks over: those that changed last, which are those that sell. */
const SKUS_PER_REVIEW = 1_000;

/** Two steps: the SKUs and what stands on them, then the terms of their suppliers. */
export async function gather(event: Envelope, read: Reader): Promise<Briefing> {
  const skus = await skusOf(event, read);
  const keys = skus.map((sku) => resource('sku', sku));
  const [ofSkus, claims] = await Promise.all([read.facts(keys, SKU_READS), read.claims(keys)]);
  const suppliers = [...new Set(keys.flatMap((key) => ofSkus.get(key, 'supplier')?.value ?? []))];
  const ofSuppliers = await read.facts(
    suppliers.map((supplier) => resource('supplier', supplier)),
    SUPPLIER_READS,
  );
  return { skus, facts: either(ofSkus, ofSuppliers), claims };
}

async function skusOf(event: Envelope, read: Reader): Promise<string[]> {
  switch (event.type) {
    case 'order.placed':
    case 'order.cancelled':
      return distinct((event.data.lines as { sku: string }[]).map((line) => line.sku));
    case 'supplier.delayed':
      return distinct(event.data.skus as string[]);
    case 'schedule.due':
      return event.data.name === REVIEW ? (await read.known('available', SKUS_PER_REVIEW)).map(nameOf) : [];
    case 'intent.due':
    case 'intent.refused':
    case 'claim.broken': {
      const sku = (event.data.proposal as Intent | undefined)?.params.sku;
      return typeof sku === 'string' ? [sku] : [];
    }
    default:
      return kindOf(event.subject) === 'sku' ? [nameOf(event.subject)] : [];
  }
}

function distinct(skus: readonly string[]): string[] {
  return [...new Set(skus)];
}

function either(first: FactView, second: FactView): FactView {
  return { get: (key, attribute) => first.get(key, attribute) ?? second.get(key, attribute) };
}
