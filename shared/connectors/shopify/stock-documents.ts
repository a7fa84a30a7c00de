export const READ_LEVEL = `query ReadLevel($id: ID!) { inventoryItem(id: $id) { id inventoryLevels(first: 2) {
  nodes { location { id } quantities(names: ["available"]) { name quantity } } } } }`;

export const SET_LEVEL = `mutation SetLevel($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id } userErrors { field message code } } }`;

export const ADJUST_LEVEL = `mutation AdjustLevel($input: InventoryAdjustQuantitiesInput!, $key: String!) {
  inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id } userErrors { field message code } } }`;
