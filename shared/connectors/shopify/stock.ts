import { stockCorrect } from '#shared/contracts/actions/stock-correct.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { done, failed, productOf, unknown } from '../ends.ts';
import { idempotencyKey } from '../idempotency.ts';
import { type Errand, gid, type Operation } from './operation.ts';
import { ADJUST_LEVEL, READ_LEVEL, SET_LEVEL } from './stock-documents.ts';

interface LevelRead {
  inventoryItem: {
    inventoryLevels: { nodes: { location: { id: string }; quantities: { name: string; quantity: number }[] }[] };
  } | null;
}

function itemOf(action: Errand['action']): string {
  const { inventoryItem } = productOf(action);
  if (!inventoryItem) throw new PermanentError('not-found', 'The store keeps no stock of this item');
  return gid('InventoryItem', inventoryItem);
}

/** Level and place of the item; an item at several places cannot be corrected by one figure. */
async function readLevel({ admin, action, call }: Errand): Promise<{ location: string; level: number | undefined }> {
  const id = itemOf(action);
  const { inventoryItem } = await admin.read<LevelRead>(READ_LEVEL, { id }, call);
  const [level, other] = inventoryItem?.inventoryLevels.nodes ?? [];
  if (!level) throw new PermanentError('not-found', 'The store keeps no stock of this item');
  if (other) throw new PermanentError('store-conflict', 'The item is kept at several locations');
  const available = level.quantities.find((quantity) => quantity.name === 'available');
  return { location: level.location.id, level: available?.quantity };
}

/** The level is compared and set in one: where a sale came between, it is refused and overwrites nothing. */
export const correctStock: Operation = {
  async execute(errand) {
    const { level, expected } = stockCorrect.params.parse(errand.action.params);
    const { location } = await readLevel(errand);
    const place = {
      inventoryItemId: itemOf(errand.action),
      locationId: location,
      changeFromQuantity: expected,
    };
    const input = { name: 'available', reason: 'correction' };
    const key = idempotencyKey(errand.action.action);
    // A level is set to what was counted. Below nothing, where more is sold than there is, the platform only lets it be moved.
    if (level >= 0) {
      const quantities = [{ ...place, quantity: level }];
      await errand.admin.write(SET_LEVEL, { input: { ...input, quantities }, key }, errand.call);
    } else {
      const changes = [{ ...place, delta: level - expected }];
      await errand.admin.write(ADJUST_LEVEL, { input: { ...input, changes }, key }, errand.call);
    }
    return { level };
  },
  async readBack(errand) {
    const { level, expected } = stockCorrect.params.parse(errand.action.params);
    const shown = (await readLevel(errand)).level;
    if (shown === level) return done({ level });
    return shown === expected ? failed(`The level is still ${expected}`) : unknown(`The level is ${shown}`);
  },
};
