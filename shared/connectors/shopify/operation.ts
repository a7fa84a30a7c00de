import type { Clocks } from '#shared/runtime/clocks.ts';
import type { Call } from '../call.ts';
import type { Outcome, ReadBack, StoreAction } from '../connector.ts';
import type { SupplierDesk } from '../supplier-desk.ts';
import type { AdminClient } from './admin-client.ts';

/** One action on its way to the store. */
export interface Errand {
  readonly action: StoreAction;
  readonly admin: AdminClient;
  /** Where purchase orders go; a shop platform has no such place of its own. */
  readonly suppliers: SupplierDesk | undefined;
  readonly call: Call;
  readonly clocks: Clocks;
}

/** How one action type is carried out, and how to see whether it was. */
export interface Operation {
  execute(errand: Errand): Promise<Outcome>;
  readBack(errand: Errand): Promise<ReadBack>;
}

export const gid = (kind: string, id: string) => (id.startsWith('gid://') ? id : `gid://shopify/${kind}/${id}`);
