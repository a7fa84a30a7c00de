import { derivedHex } from '../catalogue/draw.ts';
import type { Variant } from '../catalogue/goods.ts';
import { ID_BASE, lineId } from '../catalogue/identity.ts';
import type { Order } from '../world/order.ts';
import { addressBody, customerFields } from './catalogue.ts';
import { amount, iso, moneySet } from './money.ts';

/** What differs between the webhooks of one order. */
export interface OrderView {
  readonly updatedAtMs: number;
  readonly paid: boolean;
  readonly fulfilled: boolean;
  readonly cancelledAtMs: number | null;
  readonly cancelReason: string | null;
  readonly restocked: boolean;
  readonly tags: readonly string[];
  readonly subscribed: boolean;
}

const ZERO = moneySet(0);

/** An order in Shopify's shape, about 1 KB a line. Built as text: stringifying an object of this size costs three times as much. */
export function orderBody(order: Order, view: OrderView): string {
  const gone = view.cancelledAtMs !== null;
  const created = iso(order.atMs);
  const financial = gone ? (view.paid ? 'refunded' : 'voided') : view.paid ? 'paid' : 'pending';
  const [subtotal, shipping, total] = [order.subtotalMinor, order.shippingMinor, order.totalMinor];
  const current = gone ? 0 : total;
  const email = order.customer === null ? 'null' : `"${order.customer.email}"`;
  const number = Number(order.name.replace(/\D/g, '')) || 0;
  const customer =
    order.customer === null ? 'null' : `{${customerFields(order.customer, view.subscribed, order.atMs)}}`;
  const address = order.customer === null ? guestAddress(order) : addressBody(order.customer);
  const token = derivedHex(order.name);
  return `{"id":${order.id},"admin_graphql_api_id":"gid://shopify/Order/${order.id}","app_id":580111,"browser_ip":null,"buyer_accepts_marketing":${view.subscribed},"cancel_reason":${gone ? `"${view.cancelReason}"` : 'null'},"cancelled_at":${gone ? `"${iso(view.cancelledAtMs!)}"` : 'null'},"cart_token":null,"checkout_id":null,"checkout_token":null,"client_details":null,"closed_at":null,"confirmation_number":"${token.slice(0, 9).toUpperCase()}","confirmed":true,"contact_email":${email},"created_at":"${created}","currency":"GBP",${totals(subtotal, shipping, total, current, gone)},"customer_locale":"en","device_id":null,"discount_codes":[],"email":${email},"estimated_taxes":false,"financial_status":"${financial}","fulfillment_status":${view.fulfilled ? '"fulfilled"' : 'null'},"landing_site":null,"landing_site_ref":null,"location_id":null,"merchant_of_record_app_id":null,"name":"${order.name}","note":null,"note_attributes":[{"name":"promised_at","value":"${iso(order.promisedAtMs)}"}],"number":${number},"order_number":${number},"order_status_url":"https://shop.example.invalid/orders/${token}","payment_gateway_names":["${order.gateway}"],"phone":null,"po_number":null,"presentment_currency":"GBP","processed_at":"${created}","reference":null,"referring_site":null,"source_identifier":null,"source_name":"web","source_url":null,"tags":${JSON.stringify(view.tags.join(', '))},"tax_exempt":false,"tax_lines":[],"taxes_included":true,"test":false,"token":"${token}","total_outstanding":"${amount(view.paid ? 0 : current)}","total_tip_received":"0.00","total_weight":0,"updated_at":"${iso(view.updatedAtMs)}","user_id":null,"billing_address":${address},"customer":${customer},"discount_applications":[],"fulfillments":[],"line_items":[${order.lines.map((line, index) => lineBody(order.id, index, line.variant, line.units, line.priceMinor, gone ? 0 : line.units)).join(',')}],"payment_terms":null,"refunds":[${gone ? cancellationRefund(order, view) : ''}],"shipping_address":${address},"shipping_lines":[${shipping > 0 ? shippingLine(order.id, shipping) : ''}]}`;
}

export const cancellationRefundId = (order: number) => order - ID_BASE.order + ID_BASE.refund + 500_000_000;

/** A cancelled order tells by its refund whether the goods are back on the shelf. */
function cancellationRefund(order: Order, view: OrderView): string {
  const at = iso(view.cancelledAtMs!);
  const id = cancellationRefundId(order.id);
  return `{"id":${id},"order_id":${order.id},"created_at":"${at}","note":null,"processed_at":"${at}","restock":${view.restocked},"refund_line_items":[],"transactions":[]}`;
}

function totals(subtotal: number, shipping: number, total: number, current: number, gone: boolean): string {
  const currentSubtotal = gone ? 0 : subtotal;
  return `"current_subtotal_price":"${amount(currentSubtotal)}","current_subtotal_price_set":${moneySet(currentSubtotal)},"current_total_additional_fees_set":null,"current_total_discounts":"0.00","current_total_discounts_set":${ZERO},"current_total_duties_set":null,"current_total_price":"${amount(current)}","current_total_price_set":${moneySet(current)},"current_total_tax":"0.00","current_total_tax_set":${ZERO},"original_total_additional_fees_set":null,"original_total_duties_set":null,"subtotal_price":"${amount(subtotal)}","subtotal_price_set":${moneySet(subtotal)},"total_discounts":"0.00","total_discounts_set":${ZERO},"total_line_items_price":"${amount(subtotal)}","total_line_items_price_set":${moneySet(subtotal)},"total_price":"${amount(total)}","total_price_set":${moneySet(total)},"total_shipping_price_set":${moneySet(shipping)},"total_tax":"0.00","total_tax_set":${ZERO}`;
}

const constant = new Map<number, string>();

/** What is the same in every line of one variant, escaped once. */
function variantFields(variant: Variant): string {
  let text = constant.get(variant.variantId);
  if (text === undefined) {
    const title = JSON.stringify(variant.title);
    text = `"fulfillment_service":"manual","fulfillment_status":null,"gift_card":false,"grams":${variant.grams},"name":${title},"product_exists":true,"product_id":${variant.productId},"properties":[],"requires_shipping":true,"sku":${JSON.stringify(variant.sku)},"taxable":true,"title":${title},"total_discount":"0.00","total_discount_set":${ZERO},"variant_id":${variant.variantId},"variant_inventory_management":"shopify","variant_title":${JSON.stringify(variant.option)},"vendor":"${variant.supplier}","tax_lines":[],"duties":[],"discount_allocations":[]`;
    constant.set(variant.variantId, text);
  }
  return text;
}

export function lineBody(
  order: number,
  index: number,
  variant: Variant,
  units: number,
  priceMinor: number,
  current: number,
): string {
  const id = lineId(order, index);
  return `{"id":${id},"admin_graphql_api_id":"gid://shopify/LineItem/${id}","attributed_staffs":[],"current_quantity":${current},"fulfillable_quantity":${current},"quantity":${units},"price":"${amount(priceMinor)}","price_set":${moneySet(priceMinor)},${variantFields(variant)}}`;
}

function shippingLine(order: number, minor: number): string {
  return `{"id":${order},"carrier_identifier":null,"code":"standard","discounted_price":"${amount(minor)}","discounted_price_set":${moneySet(minor)},"is_removed":false,"phone":null,"price":"${amount(minor)}","price_set":${moneySet(minor)},"requested_fulfillment_service_id":null,"source":"shopify","title":"Standard","tax_lines":[],"discount_allocations":[]}`;
}

/** A guest has no record and no name; the country of the order is all that the file tells. */
function guestAddress(order: Order): string {
  return `{"first_name":null,"address1":"1 Example Street","phone":null,"city":"Exampleton","zip":"ZZ1 1ZZ","province":null,"country":"${order.country}","last_name":"Guest","address2":null,"company":null,"latitude":null,"longitude":null,"name":"Guest","country_code":"${order.countryCode}","province_code":null}`;
}
