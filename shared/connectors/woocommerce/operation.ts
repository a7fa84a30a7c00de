import { nameOf } from '#shared/contracts/resource.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { toInstant } from '#shared/kernel/time.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import type { Call } from '../call.ts';
import type { Outcome, ReadBack, StoreAction } from '../connector.ts';
import type { WooClient } from './woo-client.ts';

/** One action on its way to the store. */
export interface Errand {
  readonly action: StoreAction;
  readonly woo: WooClient;
  readonly call: Call;
  readonly clocks: Clocks;
}

/** How one action type is carried out, and how to see whether it was. */
export interface Operation {
  execute(errand: Errand): Promise<Outcome>;
  readBack(errand: Errand): Promise<ReadBack>;
}

/** An id that becomes a part of an address; every id of WooCommerce is a number. */
export function wooId(id: string, what: string): string {
  if (!/^\d{1,20}$/.test(id)) throw new PermanentError('not-found', `The store knows no ${what} of this name`);
  return id;
}

/** The order or the customer that the action is about. */
export const leafId = ({ action }: Errand, what: string) => wooId(nameOf(action.leaves[0]!), what);

export const nowOf = ({ clocks }: Errand) => toInstant(clocks.nowMs());
