export const CREATE_DISCOUNT = `mutation CreateDiscount($discount: DiscountAutomaticBasicInput!) {
  discountAutomaticBasicCreate(automaticBasicDiscount: $discount) {
    automaticDiscountNode { id } userErrors { field message code } } }`;

export const CHANGE_DISCOUNT = `mutation ChangeDiscount($id: ID!, $discount: DiscountAutomaticBasicInput!) {
  discountAutomaticBasicUpdate(id: $id, automaticBasicDiscount: $discount) {
    automaticDiscountNode { id } userErrors { field message code } } }`;

export const STOP_DISCOUNT = `mutation StopDiscount($id: ID!) {
  discountAutomaticDeactivate(id: $id) { automaticDiscountNode { id } userErrors { field message code } } }`;

export const READ_DISCOUNT = `query ReadDiscount($id: ID!) { automaticDiscountNode(id: $id) { id automaticDiscount {
  ... on DiscountAutomaticBasic { title status customerGets { items { ... on DiscountProducts {
    productVariants(first: 250) { nodes { id } } products(first: 250) { nodes { id } } } } } } } } }`;

export const FIND_DISCOUNT = `query FindDiscount($query: String!) { automaticDiscountNodes(first: 5, query: $query) { nodes { id automaticDiscount {
  ... on DiscountAutomaticBasic { title status } } } } }`;
