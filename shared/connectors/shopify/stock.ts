import { stockCorrect } from '#shared/contracts/actions/stock-correct.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { idempotencyKey } from '../idempotency.ts';
import { done, type Errand, failed, gid, type Operation, productOf, unknown } from './operation.ts';
import { READ_LEVEL, SET_LEVEL } from './stock-documents.ts';

interface LevelRead {
  inventoryItem: {
    inventoryLevels: { nodes: { location: { id: string }; quantities: { name: string; quantity: number }[] }[] };
  } | null;
}

/** Level and place of the item; an item at several places cannot be corrected by one figure. */
async function readLevel({ admin, action, call }: Errand): Promise<{ location: string; level: number | undefined }> {
  const id = gid('InventoryItem', productOf(action).inventoryItem);
  const { inventoryItem } = await admin.read<LevelRead>(READ_LEVEL, { id }, call);
  const [level, other] = inventoryItem?.inventoryLevels.nodes ?? [];
  if (!level) throw new PermanentError('not-found', 'The store keeps no stock of this item');
  if (other) throw new PermanentError('store-conflict', 'The item is kept at several locations');
  const available = level.quantities.find((quantity) => quantity.name === 'available');
  return { location: level.location.id, level: available?.quantity };
}

export const correctStock: Operation = {
  async execute(errand) {
    const { level, expected } = stockCorrect.params.parse(errand.action.params);
    const { location } = await readLevel(errand);
    const quantity = {
      inventoryItemId: gid('InventoryItem', productOf(errand.action).inventoryItem),
      locationId: location,
      quantity: level,
      changeFromQuantity: expected,
    };
    const input = { name: 'available', reason: 'correction', quantities: [quantity] };
    await errand.admin.write(SET_LEVEL, { input, key: idempotencyKey(errand.action.action) }, errand.call);
    return { level };
  },
  async readBack(errand) {
    const { level, expected } = stockCorrect.params.parse(errand.action.params);
    const shown = (await readLevel(errand)).level;
    if (shown === level) return done({ level });
    return shown === expected ? failed(`The level is still ${expected}`) : unknown(`The level is ${shown}`);
  },
};

/** The platform has no reservation without an order: the hold is the claim in our own books, and nothing is called. */
export const reserveStock: Operation = {
  execute: async () => ({ kept: 'own-books' }),
  readBack: async () => done({ kept: 'own-books' }),
};
