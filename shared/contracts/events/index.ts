import { actionDone } from './action-done.ts';
import { actionFailed } from './action-failed.ts';
import { actionRevoked } from './action-revoked.ts';
import { actionUnknown } from './action-unknown.ts';
import { answerLate } from './answer-late.ts';
import { answerMore } from './answer-more.ts';
import { bundleChanged } from './bundle-changed.ts';
import { campaignPlanned } from './campaign-planned.ts';
import { campaignScheduled } from './campaign-scheduled.ts';
import { categoryChanged } from './category-changed.ts';
import { claimBroken } from './claim-broken.ts';
import { competitorPriceChanged } from './competitor-price-changed.ts';
import { consentChanged } from './consent-changed.ts';
import { costChanged } from './cost-changed.ts';
import { customerChanged } from './customer-changed.ts';
import type { EventType } from './define.ts';
import { escalationDue } from './escalation-due.ts';
import { feedChanged } from './feed-changed.ts';
import { intentDue } from './intent-due.ts';
import { intentRefused } from './intent-refused.ts';
import { labelBought } from './label-bought.ts';
import { mapChanged } from './map-changed.ts';
import { markdownPlanned } from './markdown-planned.ts';
import { mentionDetected } from './mention-detected.ts';
import { messageReceived } from './message-received.ts';
import { noticePlanned } from './notice-planned.ts';
import { orderCancelled } from './order-cancelled.ts';
import { orderChanged } from './order-changed.ts';
import { orderFlagged } from './order-flagged.ts';
import { orderFulfilled } from './order-fulfilled.ts';
import { orderHeld } from './order-held.ts';
import { orderPaid } from './order-paid.ts';
import { orderPlaced } from './order-placed.ts';
import { orderRefunded } from './order-refunded.ts';
import { paymentDisputed } from './payment-disputed.ts';
import { priceChanged } from './price-changed.ts';
import { pricePlanned } from './price-planned.ts';
import { priceRecorded } from './price-recorded.ts';
import { productChanged } from './product-changed.ts';
import { promotionChanged } from './promotion-changed.ts';
import { reorderPlanned } from './reorder-planned.ts';
import { replayEnded } from './replay-ended.ts';
import { restockAnnounced } from './restock-announced.ts';
import { restockRequested } from './restock-requested.ts';
import { rulesActivated } from './rules-activated.ts';
import { rulesRefused } from './rules-refused.ts';
import { rulesRequested } from './rules-requested.ts';
import { rulesShadowed } from './rules-shadowed.ts';
import { rulingGiven } from './ruling-given.ts';
import { scheduleDue } from './schedule-due.ts';
import { shipmentDelayed } from './shipment-delayed.ts';
import { shipmentDelivered } from './shipment-delivered.ts';
import { stockChanged } from './stock-changed.ts';
import { stockOutExpected } from './stock-out-expected.ts';
import { stockReceived } from './stock-received.ts';
import { stockWrittenOff } from './stock-written-off.ts';
import { supplierDelayed } from './supplier-delayed.ts';
import { supplierListed } from './supplier-listed.ts';
import { trafficSpiked } from './traffic-spiked.ts';

/** Every event type there is. A new one is a file beside this one and a line here. */
const ALL = [
  orderPlaced,
  orderPaid,
  orderChanged,
  orderCancelled,
  orderRefunded,
  orderFlagged,
  orderFulfilled,
  orderHeld,
  shipmentDelayed,
  shipmentDelivered,
  paymentDisputed,
  stockChanged,
  stockReceived,
  stockWrittenOff,
  priceChanged,
  priceRecorded,
  costChanged,
  productChanged,
  categoryChanged,
  promotionChanged,
  customerChanged,
  consentChanged,
  messageReceived,
  restockRequested,
  competitorPriceChanged,
  trafficSpiked,
  mentionDetected,
  supplierDelayed,
  supplierListed,
  campaignScheduled,
  mapChanged,
  feedChanged,
  bundleChanged,
  labelBought,
  stockOutExpected,
  reorderPlanned,
  markdownPlanned,
  campaignPlanned,
  pricePlanned,
  restockAnnounced,
  noticePlanned,
  answerLate,
  answerMore,
  intentDue,
  intentRefused,
  claimBroken,
  escalationDue,
  scheduleDue,
  rulesActivated,
  rulesRequested,
  rulesRefused,
  rulesShadowed,
  rulingGiven,
  actionDone,
  actionFailed,
  actionUnknown,
  actionRevoked,
  replayEnded,
] as const;

export const EVENT_TYPES: ReadonlyMap<string, EventType> = new Map(
  ALL.map((type) => [type.type, type as unknown as EventType]),
);
