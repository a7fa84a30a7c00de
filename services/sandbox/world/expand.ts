import type { Draw } from '../catalogue/draw.ts';
import type { Catalogue } from '../catalogue/goods.ts';
import { type Customer, countryOf } from '../catalogue/people.ts';
import { helpdeskText, type MessageTopic } from './helpdesk.ts';
import type { Order, OrderRoot } from './order.ts';
import type { Pace, Step } from './steps.ts';

const TRACKED = new Set(['DPD', 'Parcelforce', 'DHL Express']);

/** Shares of orders; docs/sandbox.md lists them all. */
const SHARE = {
  bankTransfer: 0.25,
  paypal: 0.25,
  lateDispatch: 0.05,
  delayed: 0.08,
  asksWhenDelayed: 0.4,
  asksWithoutTracking: 0.02,
  damaged: 0.01,
  wantsToCancel: 0.008,
  question: 0.007,
  dispute: 0.4,
  cardAttempts: 0.03,
  otherBillingAddress: 0.05,
};
const BANK_TRANSFER_FROM_MINOR = 30_000;
const LARGE_MINOR = 100_000;
const COURIER_FROM_MINOR = 5_000;

export function orderOf(
  root: OrderRoot,
  catalogue: Catalogue,
  customer: Customer | null,
  draw: Draw,
  pace: Pace,
): Order {
  const lines = root.lines.flatMap(([sku, units, priceMinor]) => {
    const variant = catalogue.bySku.get(sku);
    return variant === undefined ? [] : [{ variant, units, priceMinor }];
  });
  const subtotalMinor = lines.reduce((sum, line) => sum + line.units * line.priceMinor, 0);
  const totalMinor = subtotalMinor + root.shippingMinor;
  const { country, countryCode } = countryOf(root.country);
  const ref = `order|${root.id}`;
  const byTransfer = totalMinor >= BANK_TRANSFER_FROM_MINOR && draw.chance(`${ref}|transfer`, SHARE.bankTransfer);
  const gateway = byTransfer ? 'bank_transfer' : draw.chance(`${ref}|paypal`, SHARE.paypal) ? 'paypal' : 'card';
  return {
    id: root.id,
    name: root.name,
    atMs: root.atMs,
    customer,
    country,
    countryCode,
    lines,
    subtotalMinor,
    shippingMinor: root.shippingMinor,
    totalMinor,
    gateway,
    promisedAtMs: root.atMs + (countryCode === 'GB' ? 3 : 7) * pace.dayMs,
    state: {
      placed: false,
      paid: false,
      cancelledAtMs: null,
      fulfilled: new Set(),
      parcels: new Map(),
      refunds: [],
      refunded: new Map(),
      parked: [],
    },
  };
}

/** All that follows from an order by itself: payment, risk, parcels, letters to the helpdesk. */
export function stepsOfOrder(order: Order, first: boolean, draw: Draw, pace: Pace): Step[] {
  const ref = String(order.id);
  const name = `order|${order.id}`;
  const day = pace.dayMs;
  const steps: Step[] = [{ kind: 'order', atMs: order.atMs, ref, order }];
  const paidAfter = order.gateway === 'bank_transfer' ? (1 + 9 * draw.unit(`${name}|paid`)) * day : 1;
  steps.push({ kind: 'paid', atMs: order.atMs + paidAfter, ref, order });
  const risk = riskOf(order, first, draw);
  if (risk) {
    steps.push({ kind: 'risk', atMs: order.atMs + 0.0005 * day, ref, order, level: risk.level, signals: risk.signals });
    if (risk.level === 'high' && draw.chance(`${name}|dispute`, SHARE.dispute)) {
      steps.push({ kind: 'dispute', atMs: order.atMs + (8 + 12 * draw.unit(`${name}|disputed`)) * day, ref, order });
    }
  }
  return [...steps, ...parcelSteps(order, draw, pace)].map((step) => ({ ...step, atMs: Math.round(step.atMs) }));
}

function riskOf(order: Order, first: boolean, draw: Draw): { level: 'medium' | 'high'; signals: string[] } | undefined {
  const name = `order|${order.id}|risk`;
  const found: [string, number][] = [];
  if (order.gateway !== 'bank_transfer' && draw.chance(`${name}|attempts`, SHARE.cardAttempts))
    found.push(['several card attempts', 0.5]);
  if (draw.chance(`${name}|billing`, SHARE.otherBillingAddress))
    found.push(['billing and shipping addresses differ', 0.3]);
  if (first) found.push(['first order of this customer', 0.05]);
  if (order.totalMinor >= LARGE_MINOR) found.push(['unusually large total', 0.15]);
  if (order.customer === null) found.push(['guest checkout', 0.1]);
  const score = found.reduce((sum, [, weight]) => sum + weight, 0);
  if (score < 0.35) return undefined;
  return { level: score >= 0.6 ? 'high' : 'medium', signals: found.map(([signal]) => signal) };
}

function carrierOf(order: Order, draw: Draw): string {
  if (order.countryCode !== 'GB') return 'DHL Express';
  return order.totalMinor < COURIER_FROM_MINOR
    ? 'Royal Mail'
    : draw.pick(`order|${order.id}|carrier`, ['DPD', 'Parcelforce', 'DPD']);
}

function parcelSteps(order: Order, draw: Draw, pace: Pace): Step[] {
  const name = `order|${order.id}`;
  const ref = String(order.id);
  const day = pace.dayMs;
  const carrier = carrierOf(order, draw);
  const late = draw.chance(`${name}|late`, SHARE.lateDispatch) ? 2 + 2 * draw.unit(`${name}|lateness`) : 0;
  const leftAt = order.atMs + (0.3 + 0.7 * draw.unit(`${name}|dispatch`) + late) * day;
  const steps: Step[] = [{ kind: 'fulfil', atMs: leftAt, ref, order, carrier }];
  const say = (topic: MessageTopic, atMs: number) => {
    if (order.customer !== null) steps.push(messageStep(order, order.customer, topic, atMs, draw));
  };
  if (draw.chance(`${name}|cancel`, SHARE.wantsToCancel)) say('cancel', order.atMs + 0.03 * day);
  if (draw.chance(`${name}|question`, SHARE.question)) say('question', order.atMs + 0.2 * day);
  if (late > 0 && draw.chance(`${name}|complaint`, SHARE.asksWhenDelayed))
    say('complaint', order.promisedAtMs + 0.1 * day);
  if (!TRACKED.has(carrier)) {
    if (draw.chance(`${name}|asks`, SHARE.asksWithoutTracking))
      say('where-is-my-order', order.promisedAtMs + 0.5 * day);
    return steps;
  }
  const usual = order.countryCode === 'GB' ? 0.8 + draw.unit(`${name}|transit`) : 2 + 3 * draw.unit(`${name}|transit`);
  let deliveredAt = leftAt + usual * day;
  if (draw.chance(`${name}|delay`, SHARE.delayed)) {
    const knownAt = Math.max(leftAt + 0.2 * day, order.promisedAtMs - 0.3 * day);
    const estimatedAtMs = Math.round(
      Math.max(knownAt, order.promisedAtMs) + (1 + 3 * draw.unit(`${name}|delays`)) * day,
    );
    steps.push({
      kind: 'transit',
      atMs: knownAt,
      ref: `${ref}|delayed`,
      order,
      carrier,
      status: 'delayed',
      estimatedAtMs,
    });
    if (draw.chance(`${name}|asks`, SHARE.asksWhenDelayed)) say('where-is-my-order', knownAt + 0.2 * day);
    deliveredAt = estimatedAtMs;
  }
  steps.push({
    kind: 'transit',
    atMs: deliveredAt,
    ref: `${ref}|delivered`,
    order,
    carrier,
    status: 'delivered',
    estimatedAtMs: Math.round(deliveredAt),
  });
  if (draw.chance(`${name}|damaged`, SHARE.damaged)) say('damaged', deliveredAt + 0.1 * day);
  return steps;
}

function messageStep(order: Order, customer: Customer, topic: MessageTopic, atMs: number, draw: Draw): Step {
  const message = `${order.id}-${topic}`;
  const data = {
    message,
    customer: String(customer.id),
    order: String(order.id),
    channel: draw.pick(`message|${message}`, ['email', 'chat', 'form']),
    topic,
    text: helpdeskText(topic, order.name, draw.unit(`text|${message}`)),
  };
  return { kind: 'world', atMs, ref: message, type: 'message.received', key: `order:${order.id}`, data, order };
}
