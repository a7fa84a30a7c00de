import { z } from 'zod';
import { couponPromotion } from '#shared/connectors/woocommerce/marks.ts';
import { resource } from '#shared/contracts/resource.ts';
import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
import { BASIS_POINTS } from '#shared/kernel/money.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { PlatformId } from '#shared/store/deliveries/history.ts';
import { amount, clean, id, present, text } from '../../mapping/fields.ts';
import { defineTopic, type MappingContext, type Said } from '../../mapping/topic.ts';
import { gmt } from './fields.ts';

const coupon = z.object({
  id,
  /** Needed, with the kind of discount: the topic is not signed, and nothing else that a shop tells of has the two. */
  code: text,
  status: text.nullish(),
  amount: amount.nullish(),
  discount_type: text,
  date_created_gmt: gmt.nullish(),
  date_modified_gmt: gmt.nullish(),
  date_expires_gmt: gmt.nullish(),
  usage_count: z.number().nullish(),
  usage_limit: z.number().nullish(),
  product_ids: z.array(id).nullish(),
  email_restrictions: z.array(text).nullish(),
});

type Coupon = z.infer<typeof coupon>;

const promotionOf = (body: { id: string }) => couponPromotion(body.id);
const changedAt = (body: Coupon, toldAt: Instant) => body.date_modified_gmt ?? body.date_created_gmt ?? toldAt;

/**
 * A code that takes a share off named products is a promotion of theirs. One for certain addresses, or that can be used
 * once, is a gift to somebody; one for the whole basket says nothing of any product.
 */
function isPromotion(body: Coupon): boolean {
  const isForSome = (body.email_restrictions?.length ?? 0) > 0 || body.usage_limit === 1;
  return body.discount_type === 'percent' && (body.product_ids?.length ?? 0) > 0 && !isForSome;
}

function isActive(body: Coupon, toldAt: Instant): boolean {
  const isUsedUp = !!body.usage_limit && (body.usage_count ?? 0) >= body.usage_limit;
  const isOver = !!body.date_expires_gmt && body.date_expires_gmt <= toldAt;
  return (body.status ?? 'publish') === 'publish' && !isUsedUp && !isOver;
}

/** WooCommerce lets a coupon name products and single variations alike. */
const namesOf = (id: string): PlatformId[] => [
  { kind: 'product', id },
  { kind: 'variant', id },
];

function saidOf(body: Coupon, { known, toldAt }: MappingContext): Said[] {
  const at = changedAt(body, toldAt);
  const products = isPromotion(body) ? (body.product_ids ?? []) : [];
  const skus = new Set(products.flatMap((product) => namesOf(product).flatMap((name) => known.skus(name))));
  const before = known.promotion(promotionOf(body));
  const data = present({
    promotion: promotionOf(body),
    title: clean(body.code),
    discountBasisPoints: Math.min(BASIS_POINTS, Math.round(Number(body.amount ?? 0) * 100)),
    startsAt: body.date_created_gmt ?? at,
    endsAt: body.date_expires_gmt ?? undefined,
    active: isActive(body, toldAt),
  });
  const said = [...skus].sort().map((sku) => ({
    type: 'promotion.changed',
    subject: resource('sku', sku),
    time: at,
    data,
  }));
  const isNew = (event: Said) => {
    const last = before.find((one) => one.subject === event.subject);
    return last ? canonicalJson(last.data as Json) !== canonicalJson(event.data as Json) : event.data.active === true;
  };
  return [...said.filter(isNew), ...ends(body, [...skus], known, at)];
}

/** What it no longer covers, it has left. */
function ends(body: { id: string }, kept: readonly string[], known: MappingContext['known'], at: Instant): Said[] {
  return known
    .promotion(promotionOf(body))
    .filter((last) => last.data.active === true && !kept.includes(last.subject.slice('sku:'.length)))
    .map((last) => ({ type: last.type, subject: last.subject, time: at, data: { ...last.data, active: false } }));
}

export const couponTopics = [
  ...['coupon.created', 'coupon.updated', 'coupon.restored', 'fetched/coupon'].map((topic) =>
    defineTopic({
      topic,
      body: coupon,
      versions: (body, { toldAt }) => [{ resource: `coupon:${body.id}`, at: changedAt(body, toldAt) }],
      wants: (body) => ({
        promotions: [promotionOf(body)],
        skus: (body.product_ids ?? []).flatMap(namesOf),
      }),
      map: (body, context) => {
        const events = saidOf(body, context);
        return events.length > 0 ? { events } : { ignored: 'nothing-new' };
      },
    }),
  ),
  defineTopic({
    /** As of our clock and not of the shop's, so it is no version: one that is restored at once must not look older. */
    topic: 'gone/coupon',
    body: z.object({ id }),
    wants: (body) => ({ promotions: [promotionOf(body)] }),
    map: (body, { known, toldAt }) => {
      const events = ends(body, [], known, toldAt);
      return events.length > 0 ? { events } : { ignored: 'nothing-new' };
    },
  }),
];
