import type { Product, Variant } from '../catalogue/goods.ts';
import { LOCATION_ID } from '../catalogue/goods.ts';
import { gidOf } from '../catalogue/identity.ts';
import type { Customer } from '../catalogue/people.ts';
import { amount, iso } from './money.ts';

export interface ProductView {
  readonly status: string;
  price(variant: Variant): number;
  compareAt(variant: Variant): number | null;
  level(variant: Variant): number;
}

export function productBody(product: Product, view: ProductView, atMs: number): string {
  const at = iso(atMs);
  return JSON.stringify({
    admin_graphql_api_id: gidOf('Product', product.id),
    body_html: null,
    created_at: at,
    handle: product.handle,
    id: product.id,
    product_type: product.category,
    published_at: at,
    template_suffix: null,
    title: product.title,
    updated_at: at,
    vendor: product.variants[0]?.supplier ?? null,
    status: view.status,
    published_scope: 'global',
    tags: product.category,
    variants: product.variants.map((variant, index) => ({
      admin_graphql_api_id: gidOf('ProductVariant', variant.variantId),
      barcode: null,
      compare_at_price: compareAtText(view.compareAt(variant)),
      created_at: at,
      id: variant.variantId,
      inventory_policy: 'continue',
      position: index + 1,
      price: amount(view.price(variant)),
      product_id: product.id,
      sku: variant.sku,
      taxable: true,
      title: variant.option,
      updated_at: at,
      option1: variant.option,
      option2: null,
      option3: null,
      image_id: null,
      inventory_item_id: variant.itemId,
      inventory_quantity: view.level(variant),
      old_inventory_quantity: view.level(variant),
    })),
    options: [{ name: 'Title', position: 1, values: product.variants.map((variant) => variant.option) }],
    images: [],
    image: null,
    media: [],
    variant_gids: product.variants.map((variant) => ({
      admin_graphql_api_id: gidOf('ProductVariant', variant.variantId),
      updated_at: at,
    })),
    has_variants_that_requires_components: false,
  });
}

const compareAtText = (minor: number | null) => (minor === null ? null : amount(minor));

export function itemBody(variant: Variant, atMs: number): string {
  return JSON.stringify({
    id: variant.itemId,
    sku: variant.sku,
    created_at: iso(atMs),
    updated_at: iso(atMs),
    requires_shipping: true,
    cost: amount(variant.costMinor),
    country_code_of_origin: null,
    province_code_of_origin: null,
    harmonized_system_code: null,
    tracked: true,
    country_harmonized_system_codes: [],
    admin_graphql_api_id: gidOf('InventoryItem', variant.itemId),
  });
}

export function levelBody(itemId: number, available: number, atMs: number): string {
  return `{"inventory_item_id":${itemId},"location_id":${LOCATION_ID},"available":${available},"updated_at":"${iso(atMs)}","admin_graphql_api_id":"gid://shopify/InventoryLevel/${LOCATION_ID}?inventory_item_id=${itemId}"}`;
}

export function customerBody(customer: Customer, subscribed: boolean, atMs: number): string {
  return `{${customerFields(customer, subscribed, atMs)},"addresses":[${addressBody(customer)}]}`;
}

export function customerFields(customer: Customer, subscribed: boolean, atMs: number): string {
  const at = iso(atMs);
  const consent = `{"state":"${subscribed ? 'subscribed' : 'not_subscribed'}","opt_in_level":${subscribed ? '"single_opt_in"' : 'null'},"consent_updated_at":"${at}"}`;
  return `"id":${customer.id},"email":"${customer.email}","created_at":"${at}","updated_at":"${at}","first_name":"${customer.firstName}","last_name":"${customer.lastName}","state":"disabled","note":null,"verified_email":true,"multipass_identifier":null,"tax_exempt":false,"phone":"${customer.phone}","email_marketing_consent":${consent},"sms_marketing_consent":null,"tags":"","currency":"GBP","tax_exemptions":[],"admin_graphql_api_id":"gid://shopify/Customer/${customer.id}","default_address":${addressBody(customer)}`;
}

export function addressBody(customer: Customer): string {
  return `{"first_name":"${customer.firstName}","address1":"${customer.street}","phone":"${customer.phone}","city":"${customer.city}","zip":"${customer.zip}","province":null,"country":"${customer.country}","last_name":"${customer.lastName}","address2":null,"company":null,"latitude":null,"longitude":null,"name":"${customer.firstName} ${customer.lastName}","country_code":"${customer.countryCode}","province_code":null}`;
}
