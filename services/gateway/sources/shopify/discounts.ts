import { z } from 'zod';
import { type ResourceKey, resource } from '#shared/contracts/resource.ts';
import { BASIS_POINTS } from '#shared/kernel/money.ts';
import type { LastEvent } from '#shared/store/deliveries/history.ts';
import { clean, gidOf, idOfGid, present, sku, text, time } from '../../mapping/fields.ts';
import { defineTopic, type Said } from '../../mapping/topic.ts';

/** Shopify's own body says only title and status; what a discount takes off, and off what, is told by stores that add it. */
const own = gidOf('Discount\\w*');

const discount = z.object({
  admin_graphql_api_id: own,
  title: text,
  status: text,
  updated_at: time.nullish(),
  value: z.object({ percentage: z.number().min(0).max(1).nullish() }).nullish(),
  starts_at: time.nullish(),
  ends_at: time.nullish(),
  skus: z.array(sku).nullish(),
});

type Discount = z.infer<typeof discount>;

/** The topic is not signed, the body is: without `deleted_at` it is no deletion, whatever a header says. */
const deleted = z.object({ admin_graphql_api_id: own, deleted_at: time });

const discountOf = (body: { admin_graphql_api_id: string }) => `discount:${idOfGid(body.admin_graphql_api_id)}`;

const ACTIVE = new Set(['active', 'scheduled']);

const ended = (last: LastEvent, at: string): Said => ({
  type: 'promotion.changed',
  subject: last.subject,
  time: at,
  data: { ...last.data, active: false },
});

const running = (known: readonly LastEvent[]) => known.filter((last) => last.data.active === true);

/** What the discount is now for each SKU that it names. */
function saidOf(body: Discount, percentage: number, skus: readonly string[], at: string): Said[] {
  const data = present({
    promotion: idOfGid(body.admin_graphql_api_id),
    title: clean(body.title),
    discountBasisPoints: Math.round(percentage * BASIS_POINTS),
    startsAt: body.starts_at ?? at,
    endsAt: body.ends_at ?? undefined,
    active: ACTIVE.has(body.status.toLowerCase()),
  });
  const subjects: ResourceKey[] = skus.map((name) => resource('sku', name));
  return subjects.map((subject) => ({ type: 'promotion.changed', subject, time: at, data }));
}

function topicOf(name: string) {
  return defineTopic({
    topic: name,
    body: discount,
    versions: (body, { toldAt }) => [{ resource: discountOf(body), at: body.updated_at ?? toldAt }],
    wants: (body) => ({ promotions: [idOfGid(body.admin_graphql_api_id)] }),
    map: (body, { known, toldAt }) => {
      const at = body.updated_at ?? toldAt;
      const before = running(known.promotion(idOfGid(body.admin_graphql_api_id)));
      const percentage = body.value?.percentage ?? undefined;
      const isTold = body.skus && percentage !== undefined;
      const isActive = ACTIVE.has(body.status.toLowerCase());
      // Where nothing says what it covers, an end still ends what is known of it.
      if (!isTold && isActive) return { ignored: 'nothing-new' };
      const skus = isTold ? [...new Set(body.skus?.filter((one) => one !== undefined))].sort() : [];
      // A SKU that the discount no longer names has left it.
      const left = before.filter((last) => !skus.includes(last.subject.slice('sku:'.length)));
      const events = [...(isTold ? saidOf(body, percentage, skus, at) : []), ...left.map((last) => ended(last, at))];
      return events.length === 0 ? { ignored: 'nothing-new' } : { events };
    },
  });
}

export const discountTopics = [
  topicOf('discounts/create'),
  topicOf('discounts/update'),
  defineTopic({
    topic: 'discounts/delete',
    body: deleted,
    versions: (body) => [{ resource: discountOf(body), at: body.deleted_at }],
    wants: (body) => ({ promotions: [idOfGid(body.admin_graphql_api_id)] }),
    map: (body, { known }) => {
      const before = running(known.promotion(idOfGid(body.admin_graphql_api_id)));
      if (before.length === 0) return { ignored: 'nothing-new' };
      return { events: before.map((last) => ended(last, body.deleted_at)) };
    },
  }),
];
