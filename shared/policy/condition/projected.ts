import type { Derived } from '#shared/contracts/actions/define.ts';
import type { Projection } from '#shared/contracts/projection.ts';
import type { FieldType, Values } from './vocabulary.ts';

/** Kinds of things that guardrails look at. */
export type Guarded = 'sku' | 'order' | 'customer' | 'budget';

interface Field {
  readonly of: readonly Guarded[];
  readonly type: FieldType;
  readonly reads: keyof Projection;
  /**
   * What moves it: a derived quantity that action types declare; `facts` where no action of ours does; `any` where a layer of
   * any action may.
   */
  readonly moves: Derived | 'facts' | 'any';
}

const EVERYTHING: readonly Guarded[] = ['sku', 'order', 'customer', 'budget'];

const sku = (type: FieldType, reads: keyof Projection, moves: Field['moves']): Field => ({
  of: ['sku'],
  type,
  reads,
  moves,
});
const order = (type: FieldType, reads: keyof Projection, moves: Field['moves']): Field => ({
  of: ['order'],
  type,
  reads,
  moves,
});
const customer = (type: FieldType, reads: keyof Projection, moves: Field['moves']): Field => ({
  of: ['customer'],
  type,
  reads,
  moves,
});

/** What a guardrail can look at under `projected`: a field more is a line more. */
export const PROJECTED = {
  list: sku('money', 'listMinor', 'net-price'),
  net: sku('money', 'netMinor', 'net-price'),
  cost: sku('money', 'costMinor', 'net-price'),
  margin: sku('percent', 'marginBasisPoints', 'net-price'),
  discount: sku('percent', 'discountBasisPoints', 'net-price'),
  advertised: sku('money', 'advertisedMinor', 'net-price'),
  map: sku('money', 'mapMinor', 'facts'),
  lowest: sku('money', 'lowestMinor', 'facts'),
  rise: sku('percent', 'riseBasisPoints', 'net-price'),
  feed: sku('money', 'feedMinor', 'net-price'),
  owed: sku('money', 'owedMinor', 'net-price'),
  available: sku('count', 'availableToPromise', 'available-to-promise'),
  left: sku('count', 'leftUnits', 'available-to-promise'),
  drift: sku('count', 'driftUnits', 'available-to-promise'),
  clearing: sku('flag', 'clearing', 'any'),
  archived: sku('flag', 'archived', 'any'),
  reorder: sku('count', 'reorderUnits', 'cover'),
  refund: order('money', 'refundMinor', 'refundable'),
  refundable: order('money', 'refundableMinor', 'refundable'),
  damaged: order('flag', 'damaged', 'facts'),
  restocks: order('flag', 'restocks', 'any'),
  shipped: order('flag', 'shipped', 'facts'),
  labelled: order('flag', 'labelled', 'facts'),
  held: order('flag', 'held', 'delivery'),
  strangeRelease: order('flag', 'strangeRelease', 'delivery'),
  disputed: { of: ['order', 'customer'], type: 'flag', reads: 'disputed', moves: 'facts' },
  contacts: customer('count', 'contacts', 'contacts'),
  complaint: customer('flag', 'complaint', 'facts'),
  consent: customer('flag', 'consent', 'facts'),
  sinceOrder: customer('duration', 'sinceOrderMs', 'facts'),
  coupons: customer('count', 'coupons', 'coupons'),
  offered: customer('count', 'offeredUnits', 'contacts'),
  outdated: customer('flag', 'outdated', 'contacts'),
  overpromised: customer('flag', 'overpromised', 'contacts'),
  spend: { of: EVERYTHING, type: 'money', reads: 'spendMinor', moves: 'spend' },
  states: { of: EVERYTHING, type: 'texts', reads: 'states', moves: 'any' },
} as const satisfies Readonly<Record<string, Field>>;

const TABLE: Readonly<Record<string, Field>> = PROJECTED;

export function projectedFieldsOf(on: Guarded): readonly string[] {
  return Object.keys(TABLE).filter((name) => TABLE[name]?.of.includes(on));
}

/** Which derived quantity a field belongs to, by its whole path: an action that moves none of those that a rule reads cannot break it. */
export const DERIVED: Readonly<Record<string, Derived>> = Object.fromEntries(
  Object.entries(TABLE).flatMap(([name, { moves }]) =>
    moves === 'facts' || moves === 'any' ? [] : [[`projected.${name}`, moves]],
  ),
);

/** What moves any of these fields: `any` where every action may, else the derived quantities. */
export function movedBy(names: readonly string[]): ReadonlySet<Derived> | 'any' {
  const moves = names.flatMap((name) => TABLE[name]?.moves ?? []);
  const derived = moves.filter((one) => one !== 'any' && one !== 'facts');
  return moves.includes('any') || derived.length === 0 ? 'any' : new Set(derived);
}

/** Takes the fields that a condition reads out of a projection; what is missing there is left out. */
export function projectedReader(names: readonly string[]): (projected: Projection) => Values {
  const fields = names.map((name) => [name, TABLE[name]?.reads ?? 'states'] as const);
  return (projected) => {
    const values: Record<string, unknown> = {};
    for (const [name, reads] of fields) {
      const value = projected[reads];
      // However many layers name a state, a condition looks at each state once.
      if (value !== undefined) values[name] = Array.isArray(value) && value.length > 1 ? [...new Set(value)] : value;
    }
    return values;
  };
}
