import { resourceKey } from '#shared/contracts/resource.ts';
import { type Command, EXIT, UsageError } from '../command.ts';

interface Known {
  readonly resource: string;
  readonly facts: readonly {
    readonly store: string;
    readonly attribute: string;
    readonly value: unknown;
    readonly version: number;
    readonly time: string;
    readonly source: string;
  }[];
  readonly claims: readonly {
    readonly store: string;
    readonly aspect: string;
    readonly from: string | null;
    readonly to: string | null;
    readonly exclusive: boolean;
    readonly owner: string;
  }[];
}

export const contextGet: Command = {
  name: 'context get',
  operands: 'RESOURCE',
  about: 'Shows what is believed about a resource, and who holds it.',
  takes: [1, 1],
  options: { store: { type: 'string', value: 'STORE', about: 'in this store only' } },
  examples: ['context get sku:85123A', 'context get order:563185 --store sandbox --json'],
  async run({ api, operands, options, output }) {
    if (!resourceKey.safeParse(operands[0]).success)
      throw new UsageError(`"${operands[0]}" is not a resource key such as sku:85123A or order:563185.`);
    const known = await api.get<Known>(`/api/facts/${encodeURIComponent(operands[0]!)}`);
    const mine = <Row extends { store: string }>(rows: readonly Row[]) =>
      rows.filter((row) => options.store === undefined || row.store === options.store);
    const found = { resource: known.resource, facts: mine(known.facts), claims: mine(known.claims) };
    for (const store of new Set([...found.facts, ...found.claims].map((row) => row.store))) {
      output.say(output.style('bold', `${found.resource} in ${store}`));
      output.table(
        found.facts
          .filter((fact) => fact.store === store)
          .map((fact) => [
            `  ${fact.attribute}`,
            `v${fact.version}`,
            fact.time.slice(0, 19),
            fact.source,
            JSON.stringify(fact.value),
          ]),
      );
      const claims = found.claims.filter((claim) => claim.store === store);
      for (const claim of claims)
        output.table([
          [
            `  held: ${claim.aspect}`,
            `by ${claim.owner}`,
            claim.exclusive ? 'exclusive' : 'shared',
            `${claim.from?.slice(0, 19) ?? '…'} to ${claim.to?.slice(0, 19) ?? 'open end'}`,
          ],
        ]);
    }
    output.result(found);
    return found.facts.length + found.claims.length > 0 ? EXIT.done : EXIT.notFound;
  },
};
