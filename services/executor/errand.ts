import type { StoreAction, StoreConnector } from '#shared/connectors/connector.ts';
import { factView } from '#shared/contracts/facts.ts';
import type { TakenAction } from '#shared/store/executor/due-actions.ts';
import { hasDoubleCredit, openPurchaseOrder, ownDiscounts, readSettings } from '#shared/store/executor/errands.ts';
import { readFacts } from '#shared/store/read-facts.ts';
import { inStores } from '#shared/store/transaction.ts';
import type { Deps } from './deps.ts';
import { laneOf } from './lanes.ts';

export interface PreparedErrand {
  readonly connector: StoreConnector;
  readonly action: StoreAction;
}

/** All that a connector needs to know of an action, read once before its call or its look. */
export function prepareErrand(taken: TakenAction, deps: Deps): Promise<PreparedErrand> {
  const { store, type, leaves, params } = taken;
  return inStores(deps.sql, [store], async (tx) => {
    const connector = await deps.connectors.of(tx, store);
    const { currency } = await readSettings(tx, store);
    const facts = factView(await readFacts(tx, store, { resources: leaves, attributes: ['product', 'promotions'] }));
    const stops = type === 'promotion.pause' || type === 'promotion.end';
    const discounts = stops ? await ownDiscounts(tx, store, leaves) : [];
    const purchaseOrder =
      type === 'reorder.cancel' ? await openPurchaseOrder(tx, store, leaves[0]!, String(params.supplier)) : undefined;
    const hasDouble = type === 'credit.give' && (await hasDoubleCredit(tx, store, taken.action));
    const action: StoreAction = {
      store,
      action: taken.action,
      type,
      params,
      leaves,
      notBefore: taken.notBefore,
      facts,
      expectedMinor: expectedMinor(taken),
      currency,
      discounts,
      purchaseOrder,
      hasDouble,
      lane: laneOf(type),
    };
    return { connector, action };
  });
}

/** The inverse of a price was made from the price on which the decision rested. */
function expectedMinor({ type, inverse }: TakenAction): number | undefined {
  if (type !== 'price.set') return undefined;
  const minor = inverse?.find((one) => one.action === 'price.set')?.params.priceMinor;
  return typeof minor === 'number' ? minor : undefined;
}
