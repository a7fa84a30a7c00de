/** Reads of whole resources. Page sizes keep every query below the 1,000 points that one may cost. */
const ORDER_FIELDS = `id name test createdAt updatedAt cancelledAt cancelReason currencyCode tags sourceName
  displayFinancialStatus displayFulfillmentStatus paymentGatewayNames totalPriceSet { shopMoney { amount } }
  customer { id } shippingAddress { countryCodeV2 } billingAddress { countryCodeV2 } shippingLine { code title }
  customAttributes { key value }
  refunds(first: 50) { id }
  fulfillments(first: 50) { id status createdAt totalQuantity estimatedDeliveryAt trackingInfo(first: 1) { company } }`;

const LINES = `lineItems(first: 50, after: $after) { pageInfo { hasNextPage endCursor } nodes {
  sku quantity isGiftCard originalUnitPriceSet { shopMoney { amount } } product { id } } }`;

export const READ_ORDER = `query ReadOrder($id: ID!, $after: String) { order(id: $id) { ${ORDER_FIELDS} ${LINES} } }`;

export const READ_ORDER_LINES = `query ReadOrderLines($id: ID!, $after: String) { order(id: $id) { id ${LINES} } }`;

export const READ_REFUND = `query ReadRefund($id: ID!, $after: String) { node(id: $id) { id ... on Refund {
  createdAt totalRefundedSet { shopMoney { amount } } refundLineItems(first: 100, after: $after) {
    pageInfo { hasNextPage endCursor } nodes { quantity restockType lineItem { sku } } } } } }`;

export const LIST_ORDERS = `query ListOrders($query: String!, $after: String) {
  orders(first: 50, after: $after, query: $query, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor } nodes { id updatedAt } } }`;

const VARIANTS = `pageInfo { hasNextPage endCursor } nodes { id sku title price inventoryQuantity inventoryItem {
  id tracked unitCost { amount currencyCode } inventoryLevels(first: 2) { nodes { location { id } } } } }`;

const PRODUCT_FIELDS = 'id title vendor productType status updatedAt';

export const READ_WHOLE_PRODUCT = `query ReadWholeProduct($id: ID!, $after: String) { product(id: $id) { ${PRODUCT_FIELDS}
  variants(first: 100, after: $after) { ${VARIANTS} } } }`;

export const LIST_PRODUCTS = `query ListProducts($query: String!, $after: String) {
  products(first: 5, after: $after, query: $query, sortKey: UPDATED_AT) { pageInfo { hasNextPage endCursor }
    nodes { ${PRODUCT_FIELDS} variants(first: 20) { ${VARIANTS} } } } }`;

export const READ_STOCK = `query ReadStock($id: ID!) { inventoryItem(id: $id) { id tracked variants(first: 1) { nodes { product { id } } }
  inventoryLevels(first: 100) { nodes { location { id } quantities(names: ["available"]) { name quantity } } } } }`;

export const READ_CUSTOMER = `query ReadCustomer($id: ID!) { customer(id: $id) { id firstName lastName updatedAt tags
  defaultEmailAddress { emailAddress marketingState } defaultPhoneNumber { phoneNumber }
  defaultAddress { address1 address2 city zip country countryCodeV2 } } }`;
