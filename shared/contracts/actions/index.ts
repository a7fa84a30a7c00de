import { campaignSend } from './campaign-send.ts';
import { couponGive } from './coupon-give.ts';
import { creditGive } from './credit-give.ts';
import type { ActionType } from './define.ts';
import { feedPush } from './feed-push.ts';
import { noticeSend } from './notice-send.ts';
import { orderCancel } from './order-cancel.ts';
import { orderHold } from './order-hold.ts';
import { orderRelease } from './order-release.ts';
import { orderSplit } from './order-split.ts';
import { orderTag } from './order-tag.ts';
import { orderUpgrade } from './order-upgrade.ts';
import { priceSet } from './price-set.ts';
import { productArchive } from './product-archive.ts';
import { promotionEnd } from './promotion-end.ts';
import { promotionLaunch } from './promotion-launch.ts';
import { promotionPause } from './promotion-pause.ts';
import { refundIssue } from './refund-issue.ts';
import { reorderCancel } from './reorder-cancel.ts';
import { reorderPlace } from './reorder-place.ts';
import { shippingOffer } from './shipping-offer.ts';
import { stockCorrect } from './stock-correct.ts';
import { stockReserve } from './stock-reserve.ts';

/** Every action type there is. A new one is a file beside this one and a line here; the coordinator does not change. */
const ALL = [
  priceSet,
  promotionLaunch,
  promotionPause,
  promotionEnd,
  stockCorrect,
  stockReserve,
  reorderPlace,
  reorderCancel,
  productArchive,
  orderHold,
  orderRelease,
  orderSplit,
  orderCancel,
  refundIssue,
  creditGive,
  noticeSend,
  campaignSend,
  orderTag,
  shippingOffer,
  orderUpgrade,
  couponGive,
  feedPush,
] as const;

export const ACTION_TYPES: ReadonlyMap<string, ActionType> = new Map(
  ALL.map((type) => [type.type, type as unknown as ActionType]),
);
