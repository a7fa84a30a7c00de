/** The part of Shopify's Admin GraphQL schema (2026-07) that Parley writes to, in our own words; names, types and codes are Shopify's. */
export const SCHEMA = /* GraphQL */ `
directive @idempotent(key: String!) on FIELD
scalar Money
scalar Decimal
scalar DateTime
scalar CurrencyCode
scalar UnsignedInt64
interface Node { id: ID! }
type UserError { field: [String!] message: String! }
type CodedError { field: [String!] message: String! code: String }

type Query {
  node(id: ID!): Node
  product(id: ID!): Product
  productVariant(id: ID!): ProductVariant
  inventoryItem(id: ID!): InventoryItem
  order(id: ID!): Order
  fulfillmentOrder(id: ID!): FulfillmentOrder
  customer(id: ID!): Customer
  orders(first: Int, after: String, query: String, sortKey: OrderSortKeys): OrderConnection!
  products(first: Int, after: String, query: String, sortKey: ProductSortKeys): ProductConnection!
  automaticDiscountNode(id: ID!): DiscountAutomaticNode
  automaticDiscountNodes(first: Int, query: String): DiscountAutomaticNodeConnection!
  discountNodes(first: Int, query: String): DiscountNodeConnection!
  codeDiscountNodeByCode(code: String!): DiscountCodeNode
  job(id: ID!): Job
}

type PageInfo { hasNextPage: Boolean! endCursor: String }
type OrderConnection { nodes: [Order!]! pageInfo: PageInfo! }
type Product implements Node { id: ID! title: String! vendor: String! productType: String! updatedAt: DateTime! status: ProductStatus! variants(first: Int, after: String): ProductVariantConnection! }
type ProductVariantConnection { nodes: [ProductVariant!]! pageInfo: PageInfo! }
type ProductVariant implements Node { id: ID! sku: String title: String! price: Money! compareAtPrice: Money inventoryQuantity: Int inventoryItem: InventoryItem! product: Product! }
type InventoryItem implements Node { id: ID! sku: String tracked: Boolean! variants(first: Int): ProductVariantConnection unitCost: MoneyV2 inventoryLevel(locationId: ID!): InventoryLevel inventoryLevels(first: Int): InventoryLevelConnection! }
type InventoryLevelConnection { nodes: [InventoryLevel!]! }
type Location implements Node { id: ID! }
type InventoryLevel { id: ID! location: Location! quantities(names: [String!]!): [InventoryQuantity!]! }
type InventoryQuantity { id: ID! name: String! quantity: Int! }
type Order implements Node {
  id: ID! name: String! cancelledAt: DateTime cancelReason: OrderCancelReason tags: [String!]! closed: Boolean!
  displayFulfillmentStatus: String! displayFinancialStatus: String
  totalPriceSet: MoneyBag! totalRefundedSet: MoneyBag!
  fulfillmentOrders(first: Int): FulfillmentOrderConnection!
  lineItems(first: Int, after: String): LineItemConnection!
  test: Boolean! createdAt: DateTime! updatedAt: DateTime! currencyCode: CurrencyCode! sourceName: String paymentGatewayNames: [String!]!
  customer: Customer shippingAddress: MailingAddress billingAddress: MailingAddress shippingLine: ShippingLine customAttributes: [Attribute!]!
  fulfillments(first: Int): [Fulfillment!]!
  refunds(first: Int): [Refund!]!
  transactions(first: Int): [OrderTransaction!]!
}
type OrderTransaction implements Node { id: ID! kind: OrderTransactionKind! status: OrderTransactionStatus! gateway: String amountSet: MoneyBag! }
type MoneyBag { shopMoney: MoneyV2! }
type MoneyV2 { amount: Decimal! currencyCode: CurrencyCode! }
type MailingAddress { address1: String address2: String city: String zip: String country: String countryCodeV2: String }
type ShippingLine { code: String title: String! }
type Attribute { key: String! value: String }
type Fulfillment implements Node { id: ID! status: String! createdAt: DateTime! totalQuantity: Int! estimatedDeliveryAt: DateTime trackingInfo(first: Int): [FulfillmentTrackingInfo!]! }
type FulfillmentTrackingInfo { company: String }
type LineItemConnection { nodes: [LineItem!]! pageInfo: PageInfo! }
type LineItem implements Node { id: ID! sku: String quantity: Int! currentQuantity: Int! refundableQuantity: Int! isGiftCard: Boolean! originalUnitPriceSet: MoneyBag! product: Product }
type Refund implements Node { id: ID! note: String createdAt: DateTime totalRefundedSet: MoneyBag! refundLineItems(first: Int, after: String): RefundLineItemConnection! }
type RefundLineItemConnection { nodes: [RefundLineItem!]! pageInfo: PageInfo! }
type RefundLineItem { quantity: Int! restockType: RefundLineItemRestockType! lineItem: LineItem! }
type FulfillmentOrderConnection { nodes: [FulfillmentOrder!]! }
type FulfillmentOrder implements Node {
  id: ID! status: FulfillmentOrderStatus! orderId: ID!
  fulfillmentHolds: [FulfillmentHold!]!
  lineItems(first: Int): FulfillmentOrderLineItemConnection!
}
type FulfillmentOrderLineItemConnection { nodes: [FulfillmentOrderLineItem!]! }
type FulfillmentOrderLineItem implements Node { id: ID! sku: String totalQuantity: Int! remainingQuantity: Int! }
type FulfillmentHold implements Node { id: ID! handle: String reason: FulfillmentHoldReason! reasonNotes: String heldByRequestingApp: Boolean! displayReason: String! }
type CustomerEmailAddress { emailAddress: String! marketingState: String! }
type CustomerPhoneNumber { phoneNumber: String! }
type Customer implements Node { id: ID! firstName: String lastName: String updatedAt: DateTime! defaultEmailAddress: CustomerEmailAddress defaultPhoneNumber: CustomerPhoneNumber defaultAddress: MailingAddress tags: [String!]! storeCreditAccounts(first: Int): StoreCreditAccountConnection! }
type StoreCreditAccountConnection { nodes: [StoreCreditAccount!]! }
type StoreCreditAccount implements Node { id: ID! balance: MoneyV2! transactions(first: Int, reverse: Boolean = false): StoreCreditAccountTransactionConnection! }
type StoreCreditAccountTransactionConnection { nodes: [StoreCreditAccountCreditTransaction!]! }
type StoreCreditAccountCreditTransaction { id: ID! amount: MoneyV2! balanceAfterTransaction: MoneyV2! createdAt: DateTime! account: StoreCreditAccount! }
type DiscountAutomaticNodeConnection { nodes: [DiscountAutomaticNode!]! }
type DiscountAutomaticNode implements Node { id: ID! automaticDiscount: DiscountAutomaticBasic! }
type DiscountAutomaticBasic { title: String! status: DiscountStatus! startsAt: DateTime! endsAt: DateTime summary: String! createdAt: DateTime! updatedAt: DateTime! customerGets: DiscountCustomerGets! }
type DiscountCodeNode implements Node { id: ID! codeDiscount: DiscountCodeBasic! }
type DiscountCodeBasic { title: String! status: DiscountStatus! startsAt: DateTime! endsAt: DateTime summary: String! createdAt: DateTime! updatedAt: DateTime! usageLimit: Int appliesOncePerCustomer: Boolean! customerGets: DiscountCustomerGets! }
type DiscountNodeConnection { nodes: [DiscountNode!]! }
type DiscountNode implements Node { id: ID! discount: Discount! }
union Discount = DiscountAutomaticBasic | DiscountCodeBasic
type DiscountCustomerGets { items: DiscountItems! value: DiscountCustomerGetsValue! }
union DiscountItems = AllDiscountItems | DiscountProducts
type AllDiscountItems { allItems: Boolean! }
type DiscountProducts { products(first: Int, after: String): ProductConnection! productVariants(first: Int, after: String): ProductVariantConnection! }
type ProductConnection { nodes: [Product!]! pageInfo: PageInfo! }
union DiscountCustomerGetsValue = DiscountPercentage
type DiscountPercentage { percentage: Float! }
type Job { id: ID! done: Boolean! }

enum OrderSortKeys { PROCESSED_AT UPDATED_AT }
enum ProductSortKeys { ID UPDATED_AT }
enum ProductStatus { ACTIVE ARCHIVED DRAFT }
enum DiscountStatus { ACTIVE EXPIRED SCHEDULED }
enum FulfillmentOrderStatus { OPEN IN_PROGRESS ON_HOLD CLOSED CANCELLED INCOMPLETE SCHEDULED }
enum FulfillmentHoldReason { AWAITING_PAYMENT AWAITING_RETURN_ITEMS HIGH_RISK_OF_FRAUD INCORRECT_ADDRESS INVENTORY_OUT_OF_STOCK ONLINE_STORE_POST_PURCHASE_CROSS_SELL OTHER UNKNOWN_DELIVERY_DATE }
enum OrderCancelReason { CUSTOMER DECLINED FRAUD INVENTORY OTHER STAFF }
enum RefundLineItemRestockType { CANCEL LEGACY_RESTOCK NO_RESTOCK RETURN }
enum OrderTransactionStatus { AWAITING_RESPONSE ERROR FAILURE PENDING SUCCESS UNKNOWN }
enum OrderTransactionKind { REFUND SALE CAPTURE AUTHORIZATION VOID }

input ProductVariantsBulkInput { id: ID price: Money compareAtPrice: Money }
input ProductUpdateInput { id: ID! status: ProductStatus }
input DiscountAutomaticBasicInput { title: String startsAt: DateTime endsAt: DateTime combinesWith: DiscountCombinesWithInput customerGets: DiscountCustomerGetsInput }
input DiscountCodeBasicInput { title: String code: String startsAt: DateTime endsAt: DateTime usageLimit: Int appliesOncePerCustomer: Boolean context: DiscountContextInput combinesWith: DiscountCombinesWithInput customerGets: DiscountCustomerGetsInput }
input DiscountContextInput @oneOf { all: DiscountBuyerSelection customers: DiscountCustomersInput }
input DiscountCustomersInput { add: [ID!] remove: [ID!] }
enum DiscountBuyerSelection { ALL }
input DiscountCombinesWithInput { productDiscounts: Boolean = false orderDiscounts: Boolean = false shippingDiscounts: Boolean = false }
input DiscountCustomerGetsInput { value: DiscountCustomerGetsValueInput items: DiscountItemsInput }
input DiscountCustomerGetsValueInput { percentage: Float }
input DiscountItemsInput { all: Boolean products: DiscountProductsInput }
input DiscountProductsInput { productsToAdd: [ID!] productsToRemove: [ID!] productVariantsToAdd: [ID!] productVariantsToRemove: [ID!] }
input InventorySetQuantitiesInput { name: String! reason: String! referenceDocumentUri: String quantities: [InventoryQuantityInput!]! }
input InventoryQuantityInput { inventoryItemId: ID! locationId: ID! quantity: Int! changeFromQuantity: Int }
input InventoryAdjustQuantitiesInput { name: String! reason: String! referenceDocumentUri: String changes: [InventoryChangeInput!]! }
input InventoryChangeInput { inventoryItemId: ID! locationId: ID! delta: Int! changeFromQuantity: Int ledgerDocumentUri: String }
input FulfillmentOrderHoldInput { reason: FulfillmentHoldReason! reasonNotes: String handle: String = "" notifyMerchant: Boolean = false externalId: String }
input FulfillmentOrderSplitInput { fulfillmentOrderId: ID! fulfillmentOrderLineItems: [FulfillmentOrderLineItemInput!]! }
input FulfillmentOrderLineItemInput { id: ID! quantity: Int! }
input OrderCancelRefundMethodInput @oneOf { originalPaymentMethodsRefund: Boolean }
input RefundInput { orderId: ID! note: String notify: Boolean allowOverRefunding: Boolean = false refundLineItems: [RefundLineItemInput!] shipping: ShippingRefundInput transactions: [OrderTransactionInput!] }
input RefundLineItemInput { lineItemId: ID! quantity: Int! restockType: RefundLineItemRestockType locationId: ID }
input ShippingRefundInput { amount: Money }
input OrderTransactionInput { amount: Money! gateway: String! kind: OrderTransactionKind! orderId: ID! parentId: ID }
input StoreCreditAccountCreditInput { creditAmount: MoneyInput! expiresAt: DateTime notify: Boolean = false }
input MoneyInput { amount: Decimal! currencyCode: CurrencyCode! }

type ProductVariantsBulkUpdatePayload { product: Product productVariants: [ProductVariant!] userErrors: [CodedError!]! }
type ProductUpdatePayload { product: Product userErrors: [UserError!]! }
type CodeDiscountPayload { codeDiscountNode: DiscountCodeNode userErrors: [CodedError!]! }
type DiscountPayload { automaticDiscountNode: DiscountAutomaticNode userErrors: [CodedError!]! }
type InventoryAdjustmentGroup { id: ID! reason: String! changes: [InventoryChange!]! }
type InventoryChange { name: String! delta: Int! quantityAfterChange: Int }
type InventoryPayload { inventoryAdjustmentGroup: InventoryAdjustmentGroup userErrors: [CodedError!]! }
type FulfillmentOrderHoldPayload { fulfillmentHold: FulfillmentHold fulfillmentOrder: FulfillmentOrder remainingFulfillmentOrder: FulfillmentOrder userErrors: [CodedError!]! }
type FulfillmentOrderReleaseHoldPayload { fulfillmentOrder: FulfillmentOrder userErrors: [CodedError!]! }
type FulfillmentOrderSplitResult { fulfillmentOrder: FulfillmentOrder! remainingFulfillmentOrder: FulfillmentOrder! }
type FulfillmentOrderSplitPayload { fulfillmentOrderSplits: [FulfillmentOrderSplitResult!] userErrors: [CodedError!]! }
type OrderCancelPayload { job: Job orderCancelUserErrors: [CodedError!]! userErrors: [UserError!]! }
type RefundCreatePayload { order: Order refund: Refund userErrors: [CodedError!]! }
type TagsAddPayload { node: Node userErrors: [UserError!]! }
type StoreCreditAccountCreditPayload { storeCreditAccountTransaction: StoreCreditAccountCreditTransaction userErrors: [CodedError!]! }

type Mutation {
  productVariantsBulkUpdate(productId: ID!, variants: [ProductVariantsBulkInput!]!, allowPartialUpdates: Boolean = false): ProductVariantsBulkUpdatePayload
  productUpdate(product: ProductUpdateInput!): ProductUpdatePayload
  discountAutomaticBasicCreate(automaticBasicDiscount: DiscountAutomaticBasicInput!): DiscountPayload
  discountAutomaticBasicUpdate(id: ID!, automaticBasicDiscount: DiscountAutomaticBasicInput!): DiscountPayload
  discountAutomaticActivate(id: ID!): DiscountPayload
  discountAutomaticDeactivate(id: ID!): DiscountPayload
  discountCodeBasicCreate(basicCodeDiscount: DiscountCodeBasicInput!): CodeDiscountPayload
  discountCodeBasicUpdate(id: ID!, basicCodeDiscount: DiscountCodeBasicInput!): CodeDiscountPayload
  discountCodeActivate(id: ID!): CodeDiscountPayload
  discountCodeDeactivate(id: ID!): CodeDiscountPayload
  inventorySetQuantities(input: InventorySetQuantitiesInput!): InventoryPayload
  inventoryAdjustQuantities(input: InventoryAdjustQuantitiesInput!): InventoryPayload
  fulfillmentOrderHold(id: ID!, fulfillmentHold: FulfillmentOrderHoldInput!): FulfillmentOrderHoldPayload
  fulfillmentOrderReleaseHold(id: ID!, holdIds: [ID!], externalId: String): FulfillmentOrderReleaseHoldPayload
  fulfillmentOrderSplit(fulfillmentOrderSplits: [FulfillmentOrderSplitInput!]!): FulfillmentOrderSplitPayload
  orderCancel(orderId: ID!, reason: OrderCancelReason!, restock: Boolean!, notifyCustomer: Boolean = false, staffNote: String = null, refund: Boolean, refundMethod: OrderCancelRefundMethodInput): OrderCancelPayload
  refundCreate(input: RefundInput!): RefundCreatePayload
  tagsAdd(id: ID!, tags: [String!]!): TagsAddPayload
  storeCreditAccountCredit(id: ID!, creditInput: StoreCreditAccountCreditInput!): StoreCreditAccountCreditPayload
}
`;
