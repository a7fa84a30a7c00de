import type { z } from 'zod';
import type { Path, Source } from '#shared/policy/source.ts';
import { readWritten, type Terms } from './values.ts';

/** Where something stands in a file of cases, for faults. */
export interface Place {
  readonly source: Source;
  readonly path: Path;
}

export function inside(place: Place, ...steps: (string | number)[]): Place {
  return { source: place.source, path: [...place.path, ...steps] };
}

const ENDINGS = ['', 'Minor', 'BasisPoints', 'At'] as const;

/**
 * Fields as people write them to fields of a contract: `price: £8` is `priceMinor: 800`, `discount: 15%` is
 * `discountBasisPoints: 1500`, `starts: now` is `startsAt`. A field that the contract does not have is a fault.
 */
export function readFields(
  written: Readonly<Record<string, unknown>>,
  known: readonly string[],
  terms: Terms,
  place: Place,
): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const [key, raw] of Object.entries(written)) {
    const { value, ending } = readWritten(raw, terms);
    const field = [`${key}${ending}`, key, key === 'amount' ? 'minor' : key].find((name) => known.includes(name));
    if (field === undefined) {
      const names = known.map(friendly);
      const right = names.includes(key) ? ` "${key}" is written as ${example(known, key)}.` : '';
      place.source.report(
        { path: place.path, key },
        `unknown field "${key}".${right}`,
        right ? undefined : { name: key, known: names },
      );
    } else {
      // A title "15%" is a title: money and percentages become numbers only where the contract has a number for them.
      const isText = field === key && (ending === 'Minor' || ending === 'BasisPoints') && field !== 'minor';
      read[field] = isText ? raw : deep(value, terms);
    }
  }
  return read;
}

/** Money, percentages and times inside of lists and groups, whatever they are called. */
function deep(value: unknown, terms: Terms): unknown {
  if (Array.isArray(value)) return value.map((item) => deep(readWritten(item, terms).value, terms));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, raw]) => {
      const { value: read, ending } = readWritten(raw, terms);
      return [ending === 'At' ? key : `${key}${ending}`, deep(read, terms)];
    }),
  );
}

/** The name of a field as people write it. */
export function friendly(field: string): string {
  const ending = ENDINGS.find((end) => end !== '' && field.endsWith(end) && field.length > end.length);
  return ending === undefined ? field : field.slice(0, -ending.length);
}

function example(known: readonly string[], key: string): string {
  if (known.includes(`${key}Minor`)) return 'money, such as £12.50';
  if (known.includes(`${key}BasisPoints`)) return 'a percentage, such as 15%';
  return 'a time, such as 2011-10-05 11:00, 2h ago or in 3 days';
}

type Shape = Readonly<Record<string, z.core.$ZodType>>;

/** Numbers that a contract wants as text (`sku: 22423`, `order: 563185`), and lists of them. */
export function asContractWants(fields: Record<string, unknown>, shape: Shape): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, textWhereWanted(value, shape[key])]));
}

function textWhereWanted(value: unknown, schema: z.core.$ZodType | undefined): unknown {
  const def = schema && inner(schema);
  if (def?.type === 'array' && Array.isArray(value)) return value.map((item) => textWhereWanted(item, def.element));
  if (def?.type === 'object' && typeof value === 'object' && value !== null)
    return asContractWants(value as Record<string, unknown>, def.shape ?? {});
  return def?.type === 'string' && typeof value === 'number' ? String(value) : value;
}

interface Def {
  readonly type: string;
  readonly innerType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly shape?: Shape;
}

function inner(schema: z.core.$ZodType): Def {
  let def = schema._zod.def as unknown as Def;
  while (def.innerType) def = def.innerType._zod.def as unknown as Def;
  return def;
}

export function isRequired(schema: z.core.$ZodType): boolean {
  return (schema._zod.def as unknown as Def).type !== 'optional';
}
