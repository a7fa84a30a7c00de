import { createHash } from 'node:crypto';
import {
  buildSchema,
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  Kind,
  parse,
  specifiedRules,
  validate,
  valueFromASTUntyped,
} from 'graphql';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { gidOf } from '../catalogue/identity.ts';
import type { DiscountKind } from './discount-view.ts';
import type { Draft, Fault, LedgeredStore } from './ledgered.ts';
import { SCHEMA } from './schema.ts';
import type { Bucket } from './throttle.ts';
import { holdView, money, Views } from './views.ts';
import { createDiscount, switchDiscount, updateDiscount } from './writes-discounts.ts';
import { changeInventory, updateProduct, updateVariants } from './writes-goods.ts';
import {
  addTags,
  cancelOrder,
  createRefund,
  giveCredit,
  holdOrder,
  releaseOrder,
  type SplitInput,
  splitOrder,
} from './writes-orders.ts';

export interface Caller {
  /** `X-Parley-Action`: the action of which this write is to be the one effect. */
  readonly action: string | null;
}

interface Request {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
}

/** Shopify requires `@idempotent` on these from 2026-04 on; on store credit it is taken where given. */
const KEY_REQUIRED = new Set(['refundCreate', 'inventorySetQuantities', 'inventoryAdjustQuantities']);
const MUTATION_COST = 10;
const INPUT_ARRAY = 250;

export type AdminApi = (request: Request, caller: Caller) => Promise<object>;

// biome-ignore lint/suspicious/noExplicitAny: arguments are checked by the schema before a resolver sees them.
type Arguments = any;
type Decide<Answer> = (draft: Draft) => { answer: Answer } | { faults: readonly Fault[] };

export function adminApi(store: LedgeredStore, bucket: Bucket): AdminApi {
  const schema = buildSchema(SCHEMA);
  const views = new Views(store.world, () => store.nowMs());
  const root = { ...queries(views), ...mutations(store, views) };
  return async (request, caller) => {
    const checked = check(schema, request);
    if ('errors' in checked) return checked;
    const cost = checked.mutations > 0 ? checked.mutations * MUTATION_COST : 1;
    const costs = (actualQueryCost: number | null) => ({
      cost: { requestedQueryCost: cost, actualQueryCost, throttleStatus: bucket.status() },
    });
    if (!bucket.take(cost))
      return { errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }], extensions: costs(null) };
    const result: ExecutionResult = await execute({
      schema,
      document: checked.document,
      rootValue: root,
      contextValue: caller,
      variableValues: request.variables ?? {},
      operationName: request.operationName ?? null,
    });
    // A fault of ours is no answer of the store: the caller must not take it for a refusal.
    const fault = result.errors?.find((error) => error.originalError && !(error.originalError instanceof GraphQLError));
    if (fault) throw fault.originalError;
    return { ...result, extensions: costs(cost) };
  };
}

function check(
  schema: GraphQLSchema,
  request: Request,
): { document: DocumentNode; mutations: number } | { errors: object[] } {
  try {
    const document = parse(request.query, { maxTokens: 4_000 });
    const errors = validate(schema, document, specifiedRules);
    if (errors.length > 0) return { errors: errors.map((error) => error.toJSON()) };
    const mutations = document.definitions.reduce(
      (sum, definition) =>
        sum +
        (definition.kind === Kind.OPERATION_DEFINITION && definition.operation === 'mutation'
          ? definition.selectionSet.selections.length
          : 0),
      0,
    );
    return { document, mutations };
  } catch (error) {
    return { errors: [error instanceof GraphQLError ? error.toJSON() : { message: String(error) }] };
  }
}

function queries(views: Views) {
  return {
    node: ({ id }: Arguments) => views.node(id),
    product: ({ id }: Arguments) => views.productBy(id),
    productVariant: ({ id }: Arguments) => views.variantBy(id),
    inventoryItem: ({ id }: Arguments) => views.itemBy(id),
    order: ({ id }: Arguments) => views.orderBy(id),
    fulfillmentOrder: ({ id }: Arguments) => views.fulfillmentOrderBy(id),
    customer: ({ id }: Arguments) => views.customerBy(id),
    orders: ({ query, ...page }: Arguments) => views.ordersBy(query, page),
    products: ({ query, ...page }: Arguments) => views.productsBy(query, page),
    automaticDiscountNode: ({ id }: Arguments) => views.discountBy(id),
    automaticDiscountNodes: ({ first, query }: Arguments) => ({
      nodes: views
        .discountsBy(query ?? undefined, first ?? 50)
        .filter((each) => each.code === undefined)
        .map((each) => views.discount(each)),
    }),
    discountNodes: ({ first, query }: Arguments) => ({
      nodes: views.discountsBy(query ?? undefined, first ?? 50).map((each) => views.anyDiscount(each)),
    }),
    codeDiscountNodeByCode: ({ code }: Arguments) => views.codeDiscountBy(code),
    // A cancellation is done before its answer leaves, so every job that anybody can ask for is done.
    job: ({ id }: Arguments) => ({ id, done: true }),
  };
}

function idempotencyKey(info: GraphQLResolveInfo): string | null {
  const directive = info.fieldNodes[0]?.directives?.find((each) => each.name.value === 'idempotent');
  const value = directive?.arguments?.find((each) => each.name.value === 'key')?.value;
  return value === undefined ? null : String(valueFromASTUntyped(value, info.variableValues));
}

/** One mutation: its key, its write, its answer in Shopify's shape; `errors` names the list in which faults are reported. */
const mutationOf =
  (store: LedgeredStore) =>
  <Answer>(
    decide: (draft: Draft, args: Arguments) => ReturnType<Decide<Answer>>,
    show: (answer: Answer) => object,
    empty: object,
    errors = 'userErrors',
  ) =>
  async (args: Arguments, caller: Caller, info: GraphQLResolveInfo) => {
    for (const list of Object.values(args)) {
      if (Array.isArray(list) && list.length > INPUT_ARRAY)
        throw new GraphQLError(
          `The input array size of ${list.length} is greater than the maximum allowed of ${INPUT_ARRAY}.`,
        );
    }
    const key = idempotencyKey(info);
    if (key === null && KEY_REQUIRED.has(info.fieldName)) {
      throw new GraphQLError(`The @idempotent directive is required for the ${info.fieldName} mutation.`, {
        extensions: { code: 'BAD_REQUEST' },
      });
    }
    const digest = createHash('sha256').update(canonicalJson(args)).digest('hex');
    const outcome = await store.write({ operation: info.fieldName, action: caller.action, key, digest }, (draft) =>
      decide(draft, args),
    );
    const none = { userErrors: [], ...(errors === 'userErrors' ? {} : { [errors]: [] }) };
    return 'faults' in outcome ? { ...empty, ...none, [errors]: outcome.faults } : { ...show(outcome.answer), ...none };
  };

function mutations(store: LedgeredStore, views: Views) {
  return { ...goodsMutations(store, views), ...orderMutations(store, views) };
}

function goodsMutations(store: LedgeredStore, views: Views) {
  const mutation = mutationOf(store);
  const inventory = (answer: object) => ({ inventoryAdjustmentGroup: answer });
  return {
    productVariantsBulkUpdate: mutation(
      updateVariants,
      (answer) => ({
        product: views.productBy(answer.product),
        productVariants: answer.variants.map((id) => views.variantBy(id)),
      }),
      { product: null, productVariants: null },
    ),
    productUpdate: mutation(updateProduct, (answer) => ({ product: views.productBy(answer.product) }), {
      product: null,
    }),
    ...discountMutations(store, views),
    inventorySetQuantities: mutation(
      (draft, { input }) => changeInventory(draft, input, input.quantities, 'quantities'),
      inventory,
      { inventoryAdjustmentGroup: null },
    ),
    inventoryAdjustQuantities: mutation(
      (draft, { input }) => changeInventory(draft, input, input.changes, 'changes'),
      inventory,
      { inventoryAdjustmentGroup: null },
    ),
  };
}

function discountMutations(store: LedgeredStore, views: Views) {
  const mutation = mutationOf(store);
  type Kept = { discount: string };
  const automatic = (answer: Kept) => ({ automaticDiscountNode: views.discountBy(answer.discount) });
  const byCode = (answer: Kept) => ({ codeDiscountNode: views.discountBy(answer.discount) });
  const none = { automaticDiscountNode: null };
  const noCode = { codeDiscountNode: null };
  const turn = (active: boolean, kind: DiscountKind) => (draft: Draft, args: Arguments) =>
    switchDiscount(draft, args, active, kind);
  return {
    discountAutomaticBasicCreate: mutation(createDiscount, automatic, none),
    discountAutomaticBasicUpdate: mutation(updateDiscount, automatic, none),
    discountAutomaticActivate: mutation(turn(true, 'DiscountAutomaticNode'), automatic, none),
    discountAutomaticDeactivate: mutation(turn(false, 'DiscountAutomaticNode'), automatic, none),
    discountCodeBasicCreate: mutation(createDiscount, byCode, noCode),
    discountCodeBasicUpdate: mutation(updateDiscount, byCode, noCode),
    discountCodeActivate: mutation(turn(true, 'DiscountCodeNode'), byCode, noCode),
    discountCodeDeactivate: mutation(turn(false, 'DiscountCodeNode'), byCode, noCode),
  };
}

function orderMutations(store: LedgeredStore, views: Views) {
  const mutation = mutationOf(store);
  return {
    fulfillmentOrderHold: mutation(
      holdOrder,
      (answer) => ({
        fulfillmentHold: holdView(answer.hold),
        fulfillmentOrder: views.fulfillmentOrderBy(answer.fulfillmentOrder),
        remainingFulfillmentOrder: null,
      }),
      { fulfillmentHold: null, fulfillmentOrder: null },
    ),
    fulfillmentOrderReleaseHold: mutation(
      releaseOrder,
      (answer) => ({ fulfillmentOrder: views.fulfillmentOrderBy(answer.fulfillmentOrder) }),
      { fulfillmentOrder: null },
    ),
    fulfillmentOrderSplit: mutation(
      splitOne,
      (answer) => ({
        fulfillmentOrderSplits: [
          {
            fulfillmentOrder: views.fulfillmentOrderBy(answer.to),
            remainingFulfillmentOrder: views.fulfillmentOrderBy(answer.from),
          },
        ],
      }),
      { fulfillmentOrderSplits: null },
    ),
    orderCancel: mutation(
      cancelOrder,
      (answer) => ({ job: { id: answer.job, done: false } }),
      { job: null },
      'orderCancelUserErrors',
    ),
    refundCreate: mutation(
      (draft, { input }) => createRefund(draft, input, views),
      (answer) => ({ order: views.orderBy(answer.order), refund: views.refund(answer.refund) }),
      { order: null, refund: null },
    ),
    tagsAdd: mutation(addTags, (answer) => ({ node: views.node(answer.id) }), { node: null }),
    storeCreditAccountCredit: mutation(
      giveCredit,
      (answer) => ({ storeCreditAccountTransaction: transaction(answer) }),
      { storeCreditAccountTransaction: null },
    ),
  };
}

function splitOne(
  draft: Draft,
  args: { fulfillmentOrderSplits: readonly SplitInput[] },
): ReturnType<typeof splitOrder> {
  const [split, more] = args.fulfillmentOrderSplits;
  if (split === undefined || more !== undefined) {
    return {
      faults: [
        {
          field: ['fulfillmentOrderSplits'],
          message: 'Exactly one fulfillment order can be split in one call.',
          code: null,
        },
      ],
    };
  }
  return splitOrder(draft, split);
}

function transaction(answer: { account: number; minor: number; balance: number; transaction: number; atMs: number }) {
  const account = { id: gidOf('StoreCreditAccount', answer.account), balance: money(answer.balance) };
  return {
    id: gidOf('StoreCreditAccountCreditTransaction', answer.transaction),
    amount: money(answer.minor),
    balanceAfterTransaction: money(answer.balance),
    createdAt: new Date(answer.atMs).toISOString(),
    account,
  };
}
