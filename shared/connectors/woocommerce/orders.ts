import { orderCancel } from '#shared/contracts/actions/order-cancel.ts';
import { orderHold } from '#shared/contracts/actions/order-hold.ts';
import { orderRelease } from '#shared/contracts/actions/order-release.ts';
import { orderTag } from '#shared/contracts/actions/order-tag.ts';
import { PermanentError, TransientError } from '#shared/kernel/errors.ts';
import { afterEffect, done, failed, mustShow, unknown } from '../ends.ts';
import { actionMark } from '../idempotency.ts';
import { ACTION_KEY, holdMeta, holdsOf, metaText, TAGS_KEY } from './marks.ts';
import { type Errand, leafId, type Operation } from './operation.ts';
import { changeOrder, type Order, readOrder } from './order.ts';
import { ownRefund, payBack, remainingMinor } from './refunds.ts';

/** Nothing of these is left to be sent. A plugin's own status says nothing about that, so it may be held. */
const ENDED = new Set(['completed', 'cancelled', 'refunded', 'failed', 'trash']);
/** Not paid yet. */
const UNPAID = new Set(['pending', 'checkout-draft', 'auto-draft']);

const ownHold = (order: Order, handle: string) => holdsOf(order).find((hold) => hold.handle === handle);

/**
 * The platform has one status and no handles: the order goes on hold, and a mark a handle keeps the status to come back to.
 */
export const holdOrder: Operation = {
  async execute(errand) {
    const { handle } = orderHold.params.parse(errand.action.params);
    const id = leafId(errand, 'order');
    const order = await readOrder(errand, id);
    if (ENDED.has(order.status)) throw new PermanentError('store-conflict', `The order is ${order.status} already`);
    if (ownHold(order, handle)) return { handle, already: true };
    // The payment sets the status and would lift the hold unseen; until it has come, nothing leaves anyway.
    if (UNPAID.has(order.status)) throw new TransientError('store-conflict', 'The order is not paid yet');
    const held = { status: 'on-hold', meta_data: [holdMeta(handle, order.status)] };
    mustShow(ownHold(await changeOrder(errand, id, held), handle) !== undefined);
    return { handle };
  },
  async readBack(errand) {
    const { handle } = orderHold.params.parse(errand.action.params);
    const order = await readOrder(errand, leafId(errand, 'order'));
    return ownHold(order, handle) ? done({ handle }) : failed(`The order is ${order.status}`);
  },
};

/**
 * Releases the hold of this handle only. While another hold is left, or a person had put the order on hold before us, it
 * stays where it is; the last hold takes over what the first one would have come back to.
 */
export const releaseOrder: Operation = {
  async execute(errand) {
    const { handle } = orderRelease.params.parse(errand.action.params);
    const id = leafId(errand, 'order');
    const order = await readOrder(errand, id);
    const hold = ownHold(order, handle);
    if (!hold) return { handle, released: 0 };
    const [next] = holdsOf(order).filter((other) => other.handle !== handle);
    const gone = holdMeta(handle, '');
    const before = next?.before === 'on-hold' ? hold.before : next?.before;
    const change = next
      ? { meta_data: [gone, holdMeta(next.handle, before!)] }
      : { status: hold.before, meta_data: [gone] };
    mustShow(ownHold(await changeOrder(errand, id, change), handle) === undefined);
    return { handle, released: 1 };
  },
  async readBack(errand) {
    const { handle } = orderRelease.params.parse(errand.action.params);
    const order = await readOrder(errand, leafId(errand, 'order'));
    return ownHold(order, handle) ? failed('The order is still held under this handle') : done({ handle });
  },
};

/**
 * Cancels and pays back what is left of the payment, as other platforms do in one step. Here these are two, the money
 * first: an order that is cancelled and not paid back would look finished.
 */
export const cancelOrder: Operation = {
  async execute(errand) {
    const { restock, cancelReason } = orderCancel.params.parse(errand.action.params);
    const id = leafId(errand, 'order');
    const order = await readOrder(errand, id);
    if (order.status === 'cancelled') return { already: true };
    if (ENDED.has(order.status) && order.status !== 'failed') {
      throw new PermanentError('store-conflict', `The order is ${order.status} already`);
    }
    if (!restock) {
      throw new PermanentError('not-supported', 'This store puts the goods of a cancelled order back on the shelf');
    }
    const mark = { key: ACTION_KEY, value: actionMark(errand.action.action) };
    const cancel = async () => {
      const { status } = await changeOrder(errand, id, { status: 'cancelled', meta_data: [mark] });
      mustShow(status === 'cancelled');
    };
    const dueMinor = order.date_paid_gmt === null ? 0 : remainingMinor(order);
    if (dueMinor <= 0) {
      await cancel();
      return {};
    }
    await payBack(errand, order, dueMinor, `Cancelled (${cancelReason})`);
    await afterEffect('The money is on its way back', cancel);
    return { paidBackMinor: dueMinor };
  },
  async readBack(errand) {
    const id = leafId(errand, 'order');
    const { status } = await readOrder(errand, id);
    if (status === 'cancelled') return done({});
    const refund = await ownRefund(errand, id);
    return refund ? unknown('The order is paid back and not cancelled') : failed(`The order is ${status}`);
  },
};

interface Note {
  readonly note: string;
}

const tagNote = (tag: string) => `Parley: ${tag}`;

async function hasNote({ woo, call }: Errand, id: string, text: string): Promise<boolean> {
  const notes = await woo.get<Note[]>(`/orders/${id}/notes`, { type: 'internal' }, call);
  return notes.some(({ note }) => note === text);
}

const tagsOf = (order: Order) =>
  metaText(order.meta_data, TAGS_KEY)
    .split(',')
    .filter((tag) => tag !== '');

/**
 * Orders have no tags: a private note is what people see who open the order, and so it is what counts. The list beside
 * it is for ourselves: webhooks bring it back, so that nobody wishes for a tag that is there.
 */
export const tagOrder: Operation = {
  async execute(errand) {
    const { tag } = orderTag.params.parse(errand.action.params);
    const id = leafId(errand, 'order');
    const isNoted = await hasNote(errand, id, tagNote(tag));
    const tags = tagsOf(await readOrder(errand, id));
    if (!isNoted) await errand.woo.post(`/orders/${id}/notes`, { note: tagNote(tag) }, errand.call);
    if (tags.includes(tag)) return { tag, already: true };
    const list = { key: TAGS_KEY, value: [...tags, tag].join(',') };
    await afterEffect('The note is there', () => changeOrder(errand, id, { meta_data: [list] }));
    return { tag };
  },
  async readBack(errand) {
    const { tag } = orderTag.params.parse(errand.action.params);
    const isThere = await hasNote(errand, leafId(errand, 'order'), tagNote(tag));
    return isThere ? done({ tag }) : failed('The order has no such note');
  },
};
