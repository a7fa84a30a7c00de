import { type Fact, factView } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { readConsentingBuyers } from '#shared/store/agents/consenting-buyers.ts';
import { readDearestShelves, readKnown, readStandingClaims } from '#shared/store/agents/reads.ts';
import type { Sql } from '#shared/store/connect.ts';
import { readFacts } from '#shared/store/read-facts.ts';
import { inStores } from '#shared/store/transaction.ts';
import type { Reader } from './module.ts';
import type { StandingClaim } from './propose.ts';

interface Waiting<Item> {
  readonly resources: readonly ResourceKey[];
  readonly attributes: readonly string[];
  readonly resolve: (items: readonly Item[]) => void;
  readonly reject: (thrown: unknown) => void;
}

/** Collects what is asked for until the event loop turns, asks once for all of it, and gives each asker its share. */
class Collector<Item extends { resource: ResourceKey }> {
  #waiting: Waiting<Item>[] = [];
  readonly #read: (resources: ResourceKey[], attributes: string[]) => Promise<readonly Item[]>;

  constructor(read: (resources: ResourceKey[], attributes: string[]) => Promise<readonly Item[]>) {
    this.#read = read;
  }

  ask(resources: readonly ResourceKey[], attributes: readonly string[]): Promise<readonly Item[]> {
    if (resources.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => void this.#flush());
      this.#waiting.push({ resources, attributes, resolve, reject });
    });
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const resources = [...new Set(waiting.flatMap((entry) => entry.resources))];
    const attributes = [...new Set(waiting.flatMap((entry) => entry.attributes))];
    try {
      const byResource = new Map<ResourceKey, Item[]>();
      for (const item of await this.#read(resources, attributes)) {
        const list = byResource.get(item.resource);
        if (list) list.push(item);
        else byResource.set(item.resource, [item]);
      }
      for (const entry of waiting) entry.resolve(entry.resources.flatMap((resource) => byResource.get(resource) ?? []));
    } catch (thrown) {
      for (const entry of waiting) entry.reject(thrown);
    }
  }
}

/** A reader of one store for one batch of events. `now` is the store clock of the newest of them. */
export function openReader(sql: Sql, store: string, now: string): Reader {
  const facts = new Collector<Fact>((resources, attributes) =>
    inStores(sql, [store], (tx) => readFacts(tx, store, { resources, attributes })),
  );
  const claims = new Collector<StandingClaim>((resources) =>
    inStores(sql, [store], (tx) => readStandingClaims(tx, store, resources, now)),
  );
  return {
    facts: async (resources, attributes) => factView(await facts.ask(resources, attributes)),
    claims: (resources) => claims.ask(resources, []),
    known: (attribute, limit) => inStores(sql, [store], (tx) => readKnown(tx, store, attribute, limit)),
    dearestShelves: (limit) => inStores(sql, [store], (tx) => readDearestShelves(tx, store, limit)),
    consentingBuyers: (wanted) => inStores(sql, [store], (tx) => readConsentingBuyers(tx, store, wanted)),
  };
}
