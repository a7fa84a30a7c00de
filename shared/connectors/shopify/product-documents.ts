/** Reads and writes of products and prices. */
export const READ_PRICE = `query ReadPrice($id: ID!) { productVariant(id: $id) { id price } }`;

export const SET_PRICE = `mutation SetPrice($product: ID!, $variants: [ProductVariantsBulkInput!]!) {
  productVariantsBulkUpdate(productId: $product, variants: $variants, allowPartialUpdates: false) {
    productVariants { id price } userErrors { field message code } } }`;

export const READ_PRODUCT = `query ReadProduct($id: ID!) { product(id: $id) { id status variants(first: 2) { nodes { id } } } }`;

export const ARCHIVE_PRODUCT = `mutation ArchiveProduct($product: ProductUpdateInput!) {
  productUpdate(product: $product) { product { id status } userErrors { field message } } }`;
