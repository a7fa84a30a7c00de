import { citing, pass, propose } from '#shared/agent/propose.ts';
import type { Intent, Proposal } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { FactView } from '#shared/contracts/facts.ts';
import { nameOf } from '#shared/contracts/resource.ts';
import { formatMoney } from '#shared/kernel/money.ts';
import { HOUR_MS, type Instant, plus } from '#shared/kernel/time.ts';
import type { Briefing } from './briefing.ts';
import { barredFromGoodwill, flexOf, goodwillMinor } from './goodwill.ts';
import { notice, planned } from './notice.ts';
import { day, type OrderView, orderKey, orderOf } from './order-view.ts';

/** The same state is not told twice within this time. */
const KNOWS_MS = 24 * HOUR_MS;
/** Of the order: what a broken item costs on average, as nobody has said yet which it was. */
const DAMAGED_BASIS_POINTS = 2_000;
const COMPLAINT_BASIS_POINTS = 500;

interface Message {
  readonly customer?: string;
  readonly order?: string;
  readonly topic: string;
}

/**
 * Answers a customer's message by its topic and by facts alone. What the text of the message asks for takes no part, so
 * nobody can talk support into anything; and only the customer of the order is answered about it.
 */
export function answerMessage(event: Envelope, { facts }: Briefing, now: Instant): Proposal {
  const message = event.data as unknown as Message;
  if (!message.order) return pass('it names no order: for a person');
  const order = orderOf(orderKey(message.order), facts);
  if (!order) return pass('nothing is known of this order');
  const { customer } = order;
  if (!customer) return pass('a guest order: for a person');
  if (message.customer !== customer) return pass("it is not the writer's order: for a person");
  switch (message.topic) {
    case 'where-is-my-order':
      return tellState(order, customer, facts, now);
    case 'damaged':
      return makeUpForDamage(order, facts);
    case 'complaint':
      return makeUpForLateness(order, customer, facts, now);
    default:
      return pass(`a message of the kind "${message.topic}" is for somebody else`);
  }
}

function tellState(order: OrderView, customer: string, facts: FactView, now: Instant): Proposal {
  const { state, sentence } = stateOf(order);
  const told = order.told.answer;
  if (told?.about === state && told.at > plus(now, -KNOWS_MS)) return pass('the customer was told so within a day');
  const { name } = order.placed;
  const words = { subject: `Where your order ${name} is`, text: `You asked about your order ${name}. ${sentence}` };
  const intent = notice(order, customer, 'answer', words, `Asked where it is: ${state}`, facts);
  return propose([intent], [planned(order, { topic: 'answer', about: state })]);
}

/** What is known of the way of an order, shortest first: a name for it and the sentence that tells it. */
function stateOf(order: OrderView): { state: string; sentence: string } {
  const { shipment, placed } = order;
  if (order.cancelled) return { state: 'cancelled', sentence: 'It was cancelled and will not be sent.' };
  if (shipment?.status === 'delivered') {
    const when = shipment.at ? ` on ${day(shipment.at)}` : '';
    return {
      state: 'delivered',
      sentence: `${shipment.carrier} says that it was delivered${when}. If you do not have it, please answer this mail.`,
    };
  }
  if (shipment?.status === 'delayed' && shipment.estimatedAt) {
    const state = `delayed until ${day(shipment.estimatedAt)}`;
    return {
      state,
      sentence: `It is on its way with ${shipment.carrier} and late; it is expected about ${day(shipment.estimatedAt)}. We are sorry.`,
    };
  }
  if (shipment) {
    const promised = shipment.promisedAt ?? placed.promisedAt;
    const when = promised ? ` and was promised for ${day(promised)}` : '';
    return { state: 'in transit', sentence: `It has left our house with ${shipment.carrier}${when}.` };
  }
  // Why an order is held is not the customer's to learn from a mail.
  if (order.held)
    return {
      state: 'held',
      sentence: 'It has not left our house yet; we are checking something and write when it goes.',
    };
  const promised = placed.promisedAt ? ` It was promised for ${day(placed.promisedAt)}.` : '';
  return { state: 'not shipped', sentence: `It has not left our house yet.${promised} We write if that changes.` };
}

function makeUpForDamage(order: OrderView, facts: FactView): Proposal {
  const barred =
    barredFromGoodwill(order) ??
    (order.shipped ? undefined : 'it has not been sent, so nothing can have broken on the way');
  if (barred) return pass(barred);
  const amountMinor = goodwillMinor(order, DAMAGED_BASIS_POINTS, 'refund');
  if (amountMinor === 0) return pass('the order is too small for a part of it');
  const { currency, name, totalMinor } = order.placed;
  const intent: Intent = {
    action: 'refund.issue',
    objective: 'customer-care',
    params: { order: nameOf(order.key), amountMinor, currency, note: `Damaged on the way: ${name}` },
    ...flexOf(amountMinor),
    reason: `Says that something arrived damaged: ${formatMoney(amountMinor, currency)} of ${formatMoney(totalMinor, currency)}`,
    cites: citing(facts, order.key, 'placed', 'refunded', 'dispute', 'paid'),
  };
  return propose([intent], [planned(order, { topic: 'goodwill', about: String(amountMinor) })]);
}

/** A complaint is made up for where the facts bear it out: the promised day has passed and the order has not come. */
function makeUpForLateness(order: OrderView, customer: string, facts: FactView, now: Instant): Proposal {
  const promised = order.shipment?.promisedAt ?? order.placed.promisedAt;
  const late = promised !== undefined && promised < now && order.shipment?.status !== 'delivered';
  const barred = barredFromGoodwill(order) ?? (late ? undefined : 'the order is not late: for a person');
  if (barred) return pass(barred);
  const amountMinor = goodwillMinor(order, COMPLAINT_BASIS_POINTS, 'credit');
  if (amountMinor === 0) return pass('the order is too small for a part of it');
  const { currency, name } = order.placed;
  const intent: Intent = {
    action: 'credit.give',
    objective: 'customer-care',
    params: { customer, order: nameOf(order.key), amountMinor, currency, note: `For the wait for ${name}` },
    ...flexOf(amountMinor),
    reason: `Complains, and the order was promised for ${day(promised!)}: ${formatMoney(amountMinor, currency)}`,
    cites: citing(facts, order.key, 'placed', 'refunded', 'dispute', 'paid'),
  };
  return propose([intent], [planned(order, { topic: 'goodwill', about: String(amountMinor) })]);
}
