export const READ_FULFILMENT = `query ReadFulfilment($id: ID!) { order(id: $id) { id cancelledAt fulfillmentOrders(first: 50) {
  nodes { id status fulfillmentHolds { id handle heldByRequestingApp } } } } }`;

export const READ_FULFILMENT_LINES = `query ReadFulfilmentLines($id: ID!) { order(id: $id) { id cancelledAt fulfillmentOrders(first: 50) {
  nodes { id status lineItems(first: 250) { nodes { id sku remainingQuantity } } } } } }`;

export const HOLD = `mutation Hold($id: ID!, $hold: FulfillmentOrderHoldInput!) {
  fulfillmentOrderHold(id: $id, fulfillmentHold: $hold) {
    fulfillmentHold { id } fulfillmentOrder { id status } userErrors { field message code } } }`;

export const RELEASE = `mutation Release($id: ID!, $holds: [ID!]) {
  fulfillmentOrderReleaseHold(id: $id, holdIds: $holds) { fulfillmentOrder { id status } userErrors { field message code } } }`;

export const SPLIT = `mutation Split($splits: [FulfillmentOrderSplitInput!]!) {
  fulfillmentOrderSplit(fulfillmentOrderSplits: $splits) {
    fulfillmentOrderSplits { fulfillmentOrder { id } remainingFulfillmentOrder { id } } userErrors { field message code } } }`;

export const CANCEL_ORDER = `mutation CancelOrder($order: ID!, $reason: OrderCancelReason!, $restock: Boolean!, $note: String) {
  orderCancel(orderId: $order, reason: $reason, restock: $restock, notifyCustomer: false,
    refundMethod: { originalPaymentMethodsRefund: true }, staffNote: $note) {
    job { id done } orderCancelUserErrors { field message code } } }`;

export const READ_CANCELLED = `query ReadCancelled($id: ID!) { order(id: $id) { id cancelledAt } }`;

export const TAG = `mutation Tag($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { node { id } userErrors { field message } } }`;

export const READ_TAGS = `query ReadTags($id: ID!) { order(id: $id) { id tags } }`;
