import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Claim } from '../types.ts';
import { type ClaimFamily, type Reads, toRuns } from './reads.ts';
import type { Numbers } from './recorder.ts';

interface Told {
  claims?: Reads['claims'];
  claimsOn?: Reads['claimsOn'];
  orders?: Record<number, readonly number[]>;
  claimsOf?: Record<string, readonly number[]>;
  same?: Record<string, readonly [number, number]>;
  unwritten?: Reads['unwritten'];
}

/** Which claims a step of judging has seen: on resources and of actions. The first sight counts: within a step nothing moves. */
export class ClaimNotes {
  readonly #on = new Map<ResourceKey, readonly Claim[]>();
  readonly #of = new Map<string, readonly Claim[]>();
  readonly #same = new Map<string, Claim>();
  #now: Instant | undefined;

  /** What was found on a resource before; a round has one time, and what is asked of another is not answered from here. */
  known(resource: ResourceKey, now: Instant): readonly Claim[] | undefined {
    return now === this.#now ? this.#on.get(resource) : undefined;
  }

  on(resource: ResourceKey, now: Instant, claims: readonly Claim[]): readonly Claim[] {
    this.#now ??= now;
    if (!this.#on.has(resource)) this.#on.set(resource, claims);
    return claims;
  }

  of(action: string, claims: readonly Claim[]): void {
    this.#of.set(action, claims);
  }

  same(key: string, claim: Claim): void {
    this.#same.set(key, claim);
  }

  /** Adds to a record what was seen of claims. */
  tell(told: Told, numbers: Numbers, unwritten: ReadonlySet<string>): void {
    const families = new Families(numbers);
    const asked: number[] = [];
    for (const [resource, claims] of this.#on) {
      const number = numbers.of(resource);
      asked.push(number);
      const order = claims.map((claim) => families.add(claim));
      if (order.some((family, index) => index > 0 && family < order[index - 1]!)) {
        told.orders ??= {};
        told.orders[number] = order;
      }
    }
    for (const [action, claims] of this.#of) {
      told.claimsOf ??= {};
      told.claimsOf[action] = claims.flatMap((claim) => [families.add(claim), numbers.of(claim.resource)]);
    }
    for (const [key, claim] of this.#same) {
      told.same ??= {};
      told.same[key] = [families.add(claim), numbers.of(claim.resource)];
    }
    if (families.size > 0) told.claims = families.all();
    if (asked.length > 0) told.claimsOn = toRuns(asked.sort((a, b) => a - b));
    const whole = unwritten.size > 0 ? this.#seen().filter((claim) => unwritten.has(claim.claim)) : [];
    if (whole.length > 0) told.unwritten = [...new Map(whole.map((claim) => [claim.claim, claim])).values()];
  }

  #seen(): Claim[] {
    return [...this.#on.values(), ...this.#of.values(), ...this.#same.values()].flat();
  }
}

/** Claims put together that differ in their resource alone. */
class Families {
  readonly #numbers: Numbers;
  readonly #byKey = new Map<string, number>();
  readonly #families: { of: string; aspect: string; claim: Claim; on: Set<number> }[] = [];

  constructor(numbers: Numbers) {
    this.#numbers = numbers;
  }

  add(claim: Claim): number {
    const { of, aspect } = partsOf(claim);
    const key = `${of}\n${aspect}\n${claim.to}\n${claim.actionState}\n${claim.endedAs}`;
    let number = this.#byKey.get(key);
    if (number === undefined) {
      number = this.#families.length;
      this.#byKey.set(key, number);
      this.#families.push({ of, aspect, claim, on: new Set() });
    }
    this.#families[number]!.on.add(this.#numbers.of(claim.resource));
    return number;
  }

  get size(): number {
    return this.#families.length;
  }

  all(): ClaimFamily[] {
    return this.#families.map(({ of, aspect, claim, on }) => ({
      of,
      aspect,
      ...(claim.to === undefined ? {} : { to: claim.to }),
      ...(claim.actionState === undefined ? {} : { state: claim.actionState }),
      ...(claim.endedAs === undefined ? {} : { ended: claim.endedAs }),
      on: toRuns([...on].sort((a, b) => a - b)),
    }));
  }
}

/** A claim's id without the leaf that tells it from its brothers. */
function partsOf(claim: Claim): { of: string; aspect: string } {
  const ending = `/${claim.resource}/${claim.aspect}`;
  return claim.claim.endsWith(ending)
    ? { of: claim.claim.slice(0, -ending.length), aspect: claim.aspect }
    : { of: claim.claim, aspect: '' };
}
