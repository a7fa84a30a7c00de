/**
 * What becomes of a parameter on which two intents of one type and target differ, so that one action can do what both
 * ask for. `hold`: they cannot be one action. `first`: the stronger one's value stands, as of a text or a note. `min`,
 * `max` and `sum` are for numbers, `earliest` and `latest` for times; a value that is left out is without bound: it
 * gives way to any under `min` and `earliest`, and stands under `max` and `latest`.
 */
export type Resolver = 'min' | 'max' | 'sum' | 'latest' | 'earliest' | 'first' | 'hold';

type Params = Readonly<Record<string, unknown>>;

/** The parameters of one action for both; undefined where one on which they differ is held, as every undeclared one is. */
export function mergeParams(
  resolve: Readonly<Partial<Record<string, Resolver>>> | undefined,
  stronger: Params,
  weaker: Params,
): Params | undefined {
  const merged: Record<string, unknown> = { ...stronger };
  for (const name of new Set([...Object.keys(stronger), ...Object.keys(weaker)])) {
    const [a, b] = [stronger[name], weaker[name]];
    if (alike(a, b)) continue;
    const resolver = resolve?.[name] ?? 'hold';
    if (resolver === 'hold') return undefined;
    const value = resolved(resolver, a, b);
    if (value === undefined) delete merged[name];
    else merged[name] = value;
  }
  return merged;
}

function resolved(resolver: Exclude<Resolver, 'hold'>, a: unknown, b: unknown): unknown {
  if (resolver === 'first') return a;
  if (a === undefined || b === undefined) return resolver === 'max' || resolver === 'latest' ? undefined : (a ?? b);
  if (resolver === 'sum') return (a as number) + (b as number);
  const aFirst = (a as number | string) < (b as number | string);
  return (resolver === 'min' || resolver === 'earliest') === aFirst ? a : b;
}

function alike(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [first, second] = [a as Params, b as Params];
  const keys = Object.keys(first);
  return keys.length === Object.keys(second).length && keys.every((key) => alike(first[key], second[key]));
}
