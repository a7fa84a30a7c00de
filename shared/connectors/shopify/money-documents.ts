export const READ_PAYMENTS = `query ReadPayments($id: ID!) { order(id: $id) { id transactions(first: 20) {
  id kind status gateway amountSet { shopMoney { amount currencyCode } } } refunds(first: 100) { id note } } }`;

export const REFUND = `mutation Refund($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) { refund { id } userErrors { field message } } }`;

export const GIVE_CREDIT = `mutation GiveCredit($id: ID!, $credit: StoreCreditAccountCreditInput!) {
  storeCreditAccountCredit(id: $id, creditInput: $credit) {
    storeCreditAccountTransaction { id amount { amount currencyCode } } userErrors { field message code } } }`;

export const READ_CREDITS = `query ReadCredits($id: ID!) { customer(id: $id) { id storeCreditAccounts(first: 10) { nodes { id
  transactions(first: 50, reverse: true) { nodes { amount { amount currencyCode } createdAt } } } } } }`;
