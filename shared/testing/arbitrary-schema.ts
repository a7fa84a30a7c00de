import fc from 'fast-check';
import type { z } from 'zod';

/** What a zod schema says of itself, as far as our contracts use it. */
interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly entries?: Readonly<Record<string, string>>;
  readonly values?: readonly unknown[];
}

const INSTANT = fc.integer({ min: 0, max: 4_102_444_800_000 }).map((ms) => new Date(ms).toISOString());

/** Texts of every form that a contract asks for; the schema itself chooses those that fit. */
const TEXT = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9]{0,11}$/),
  fc.constantFrom(
    'GBP',
    'EUR',
    'price.set',
    'notice.send',
    'campaign.send',
    'sku:85123A',
    'category:candles',
    'customer:17850',
  ),
  INSTANT,
  fc.uuid({ version: 7 }),
  fc.string({ maxLength: 12 }),
);
const NUMBER = fc.oneof(
  fc.integer({ min: -3, max: 70 }),
  fc.integer({ min: 0, max: 10_000 }),
  fc.double({ min: 0, max: 300, noNaN: true }),
);

/** Samples of a schema, made from the schema: a contract that changes is sampled anew without anybody's help. */
export function arbitraryOf(schema: z.ZodType): fc.Arbitrary<unknown> {
  const definition = schema.def as unknown as Definition;
  const fits = (value: unknown) => schema.safeParse(value).success;
  switch (definition.type) {
    case 'object':
      return fc
        .record(Object.fromEntries(Object.entries(definition.shape!).map(([key, of]) => [key, arbitraryOf(of)])))
        .map(withoutAbsent);
    case 'array':
      return fc.array(arbitraryOf(definition.element!), { maxLength: 4 }).filter(fits);
    case 'optional':
      return fc.option(arbitraryOf(definition.innerType!), { nil: undefined });
    case 'enum':
      return fc.constantFrom(...Object.values(definition.entries!));
    case 'literal':
      return fc.constantFrom(...definition.values!);
    case 'boolean':
      return fc.boolean();
    case 'number':
      return NUMBER.filter(fits);
    case 'string':
    case 'custom':
      return TEXT.filter(fits);
    case 'record':
      return fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fc.oneof(fc.integer(), fc.string({ maxLength: 5 })), {
        maxKeys: 3,
      });
    case 'unknown':
      return fc.jsonValue({ maxDepth: 1 });
    default:
      throw new Error(`No samples of a schema of type ${definition.type}`);
  }
}

/** As it comes over the bus: an absent key and an undefined value are one thing. */
function withoutAbsent(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}
