import type { Reader } from '#shared/agent/module.ts';
import type { StandingClaim } from '#shared/agent/propose.ts';
import { type Fact, factView } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';

export interface KnownWorld {
  /** Values by resource and attribute. */
  readonly facts: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly claims?: readonly StandingClaim[];
  /** What the lists of the reader hold, in order. */
  readonly shelves?: readonly ResourceKey[];
  readonly buyers?: readonly ResourceKey[];
}

/** A reader of a known world that gives no more than it is asked for, so that a test sees what `gather` forgot. */
export function fakeReader(world: KnownWorld, time: string): Reader {
  const all = Object.entries(world.facts).flatMap(([resource, values], index) =>
    Object.entries(values).map(
      ([attribute, value]): Fact => ({ resource: resource as ResourceKey, attribute, value, version: index + 1, time }),
    ),
  );
  return {
    facts: async (resources, attributes) =>
      factView(all.filter((fact) => resources.includes(fact.resource) && attributes.includes(fact.attribute as never))),
    claims: async (resources) => (world.claims ?? []).filter((claim) => resources.includes(claim.resource)),
    known: async (attribute, limit) =>
      all
        .filter((fact) => fact.attribute === attribute)
        .map((fact) => fact.resource)
        .slice(0, limit),
    unshipped: async ({ placedFrom, placedTo, limit }) =>
      all
        .filter((fact) => fact.attribute === 'placed' && fact.time >= placedFrom && fact.time <= placedTo)
        .map((fact) => fact.resource)
        .filter(
          (key) => !all.some((other) => other.resource === key && /^(fulfilled|cancelled)$/.test(other.attribute)),
        )
        .slice(0, limit),
    dearestShelves: async (limit) => (world.shelves ?? []).slice(0, limit),
    consentingBuyers: async ({ limit }) => (world.buyers ?? []).slice(0, limit),
  };
}
