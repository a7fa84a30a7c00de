import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Claim } from '../types.ts';
import { type ClaimFamily, type Reads, toRuns } from './reads.ts';
import type { Numbers } from './recorder.ts';

type Parts = Pick<Reads, 'claims' | 'claimsOn' | 'orders' | 'claimsOf' | 'same' | 'unwritten'>;
type Named<Part> = { [Key in keyof Part]-?: Part[Key] & {} };

/** Which claims a step of judging has seen: on resources and of actions. The first sight counts: within a step nothing moves. */
export class ClaimNotes {
  readonly #numbers: Numbers;
  readonly #on = new Map<number, readonly Claim[]>();
  readonly #of = new Map<string, readonly Claim[]>();
  readonly #same = new Map<string, Claim>();

  constructor(numbers: Numbers) {
    this.#numbers = numbers;
  }

  on(resource: ResourceKey, claims: readonly Claim[]): void {
    const number = this.#numbers.of(resource);
    if (!this.#on.has(number)) this.#on.set(number, claims);
  }

  of(action: string, claims: readonly Claim[]): void {
    this.#of.set(action, claims);
  }

  same(key: string, claim: Claim): void {
    this.#same.set(key, claim);
  }

  parts(unwritten: ReadonlySet<string>): Named<Parts> {
    const families = new Families(this.#numbers);
    const orders: Record<number, number[]> = {};
    const asked = [...this.#on].sort(([a], [b]) => a - b);
    for (const [number, claims] of asked) {
      const order = claims.map((claim) => families.add(claim));
      if (order.some((family, index) => index > 0 && family < order[index - 1]!)) orders[number] = order;
    }
    const claimsOf = [...this.#of].map(
      ([action, claims]) =>
        [action, claims.flatMap((claim) => [families.add(claim), this.#numbers.of(claim.resource)])] as const,
    );
    const same = [...this.#same].map(
      ([key, claim]) => [key, [families.add(claim), this.#numbers.of(claim.resource)] as const] as const,
    );
    const seen = [...this.#on.values(), ...this.#of.values(), ...this.#same.values()].flat();
    const whole = seen.filter((claim) => unwritten.has(claim.claim));
    return {
      claims: families.all(),
      claimsOn: toRuns(asked.map(([number]) => number)),
      orders,
      claimsOf: Object.fromEntries(claimsOf),
      same: Object.fromEntries(same),
      unwritten: [...new Map(whole.map((claim) => [claim.claim, claim])).values()],
    };
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
