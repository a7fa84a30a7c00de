import { type Fact, factView } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { readConsentingBuyers } from '#shared/store/agents/consenting-buyers.ts';
import { readDearestShelves, readKnown, readStandingClaims, readUnshipped } from '#shared/store/agents/reads.ts';
import type { Sql } from '#shared/store/connect.ts';
import { readFacts } from '#shared/store/read-facts.ts';
import { inStores } from '#shared/store/transaction.ts';
import type { Reader } from './module.ts';
import type { StandingClaim } from './propose.ts';

/** Parts of one batch's questions that one statement can answer: the same attributes of any resources. */
class Question<Item extends { readonly resource: ResourceKey }> {
  readonly #wanted = new Set<ResourceKey>();
  readonly #answered: ((byResource: ReadonlyMap<ResourceKey, readonly Item[]>) => void)[] = [];
  readonly #failed: ((thrown: unknown) => void)[] = [];

  ask(resources: readonly ResourceKey[]): Promise<readonly Item[]> {
    for (const resource of resources) this.#wanted.add(resource);
    return new Promise((resolve, reject) => {
      this.#answered.push((byResource) => resolve(resources.flatMap((resource) => byResource.get(resource) ?? [])));
      this.#failed.push(reject);
    });
  }

  async put(read: (resources: readonly ResourceKey[]) => Promise<readonly Item[]>): Promise<void> {
    try {
      const byResource = Map.groupBy(await read([...this.#wanted]), (item) => item.resource);
      for (const answered of this.#answered) answered(byResource);
    } catch (thrown) {
      this.fail(thrown);
    }
  }

  fail(thrown: unknown): void {
    for (const failed of this.#failed) failed(thrown);
  }
}

/** Collects what is asked for until the event loop turns, asks for all of it in one transaction, and gives each asker its share. */
class Questions {
  readonly #sql: Sql;
  readonly #store: string;
  readonly #now: string;
  #facts = new Map<string, { readonly attributes: readonly string[]; readonly question: Question<Fact> }>();
  #claims: Question<StandingClaim> | undefined;
  #isFlushing = false;

  constructor(sql: Sql, store: string, now: string) {
    this.#sql = sql;
    this.#store = store;
    this.#now = now;
  }

  facts(resources: readonly ResourceKey[], attributes: readonly string[]): Promise<readonly Fact[]> {
    if (resources.length === 0 || attributes.length === 0) return Promise.resolve([]);
    const key = attributes.join(' ');
    const entry = this.#facts.get(key) ?? { attributes, question: new Question<Fact>() };
    this.#facts.set(key, entry);
    this.#soon();
    return entry.question.ask(resources);
  }

  claims(resources: readonly ResourceKey[]): Promise<readonly StandingClaim[]> {
    if (resources.length === 0) return Promise.resolve([]);
    this.#claims ??= new Question<StandingClaim>();
    this.#soon();
    return this.#claims.ask(resources);
  }

  #soon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    const facts = [...this.#facts.values()];
    const claims = this.#claims;
    this.#facts = new Map();
    this.#claims = undefined;
    this.#isFlushing = false;
    const store = this.#store;
    try {
      await inStores(this.#sql, [store], (tx) =>
        Promise.all([
          ...facts.map(({ attributes, question }) =>
            question.put((resources) => readFacts(tx, store, { resources, attributes })),
          ),
          claims?.put((resources) => readStandingClaims(tx, store, resources, this.#now)),
        ]),
      );
    } catch (thrown) {
      for (const { question } of facts) question.fail(thrown);
      claims?.fail(thrown);
    }
  }
}

/** A reader of one store for one batch of events. `now` is the store clock of the newest of them. */
export function openReader(sql: Sql, store: string, now: string): Reader {
  const questions = new Questions(sql, store, now);
  return {
    facts: async (resources, attributes) => factView(await questions.facts(resources, attributes)),
    claims: (resources) => questions.claims(resources),
    known: (attribute, limit) => inStores(sql, [store], (tx) => readKnown(tx, store, attribute, limit)),
    dearestShelves: (limit) => inStores(sql, [store], (tx) => readDearestShelves(tx, store, limit)),
    unshipped: (wanted) => inStores(sql, [store], (tx) => readUnshipped(tx, store, wanted)),
    consentingBuyers: (wanted) => inStores(sql, [store], (tx) => readConsentingBuyers(tx, store, wanted)),
  };
}
