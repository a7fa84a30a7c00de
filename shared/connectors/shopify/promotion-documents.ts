export const CREATE_DISCOUNT = `mutation CreateDiscount($discount: DiscountAutomaticBasicInput!) {
  discountAutomaticBasicCreate(automaticBasicDiscount: $discount) {
    automaticDiscountNode { id } userErrors { field message code } } }`;

export const CHANGE_DISCOUNT = `mutation ChangeDiscount($id: ID!, $discount: DiscountAutomaticBasicInput!) {
  discountAutomaticBasicUpdate(id: $id, automaticBasicDiscount: $discount) {
    automaticDiscountNode { id } userErrors { field message code } } }`;

export const STOP_DISCOUNT = `mutation StopDiscount($id: ID!) {
  discountAutomaticDeactivate(id: $id) { automaticDiscountNode { id } userErrors { field message code } } }`;

export const CREATE_CODE = `mutation CreateCode($discount: DiscountCodeBasicInput!) {
  discountCodeBasicCreate(basicCodeDiscount: $discount) {
    codeDiscountNode { id } userErrors { field message code } } }`;

export const CHANGE_CODE = `mutation ChangeCode($id: ID!, $discount: DiscountCodeBasicInput!) {
  discountCodeBasicUpdate(id: $id, basicCodeDiscount: $discount) {
    codeDiscountNode { id } userErrors { field message code } } }`;

export const STOP_CODE = `mutation StopCode($id: ID!) {
  discountCodeDeactivate(id: $id) { codeDiscountNode { id } userErrors { field message code } } }`;

const COVERED = `title status updatedAt customerGets { items { ... on DiscountProducts {
    productVariants(first: $first, after: $variantsAfter) { pageInfo { hasNextPage endCursor } nodes { id } }
    products(first: $first, after: $productsAfter) { pageInfo { hasNextPage endCursor } nodes { id } } } } }`;

/** A number names a discount of either kind; it is asked for as both. */
export const READ_DISCOUNT = `query ReadDiscount($automatic: ID!, $code: ID!, $first: Int!, $variantsAfter: String, $productsAfter: String) {
  automatic: node(id: $automatic) { ... on DiscountAutomaticNode { id automaticDiscount { ... on DiscountAutomaticBasic { ${COVERED} } } } }
  code: node(id: $code) { ... on DiscountCodeNode { id codeDiscount { ... on DiscountCodeBasic { ${COVERED} } } } } }`;

export const FIND_DISCOUNT = `query FindDiscount($query: String!) { discountNodes(first: 5, query: $query) { nodes { id discount {
  ... on DiscountAutomaticBasic { title status } } } } }`;

export const FIND_CODE = `query FindCode($code: String!) { codeDiscountNodeByCode(code: $code) { id codeDiscount {
  ... on DiscountCodeBasic { title status } } } }`;
