export const WHO_IS_THERE = `query WhoIsThere { shop { id name myshopifyDomain currencyCode ianaTimezone } }`;

export const READ_SCOPES = `query ReadScopes { currentAppInstallation { accessScopes { handle } } }`;

export const READ_WEBHOOKS = `query ReadWebhooks($after: String) {
  webhookSubscriptions(first: 100, after: $after) { nodes { id topic uri } pageInfo { hasNextPage endCursor } } }`;

export const REGISTER_WEBHOOK = `mutation RegisterWebhook($topic: WebhookSubscriptionTopic!, $uri: String!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: { uri: $uri, format: JSON }) {
    webhookSubscription { id } userErrors { field message } } }`;

export const UNREGISTER_WEBHOOK = `mutation UnregisterWebhook($id: ID!) {
  webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { field message } } }`;
