import { PermanentError } from '#shared/kernel/errors.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import {
  type Ability,
  clockAheadMs,
  type RegisteredWebhook,
  type Registering,
  type Registration,
  type ShopCard,
  type StoreConcierge,
} from '../concierge.ts';
import {
  type CallKind,
  faultOfErrors,
  faultOfStatus,
  faultOfUserErrors,
  type GraphqlError,
  type UserError,
} from '../faults.ts';
import type { Http } from '../outbound.ts';
import { type Page, wholeByCursor } from '../pages.ts';
import { type AccessToken, accessTokenOf } from './access-token.ts';
import {
  READ_SCOPES,
  READ_WEBHOOKS,
  REGISTER_WEBHOOK,
  UNREGISTER_WEBHOOK,
  WHO_IS_THERE,
} from './concierge-documents.ts';
import { abilitiesOf, hasScope, WEBHOOK_TOPICS } from './scopes.ts';

const ADMIN_PATH = '/admin/api/2026-07/graphql.json';
const JSON_TYPE = 'application/json';

interface Webhooks {
  readonly webhookSubscriptions: Page<{ readonly id: string; readonly topic: string; readonly uri: string }>;
}

type Refusable = Readonly<Record<string, { readonly userErrors: readonly UserError[] } | undefined>>;

/** Connects a shop of Shopify's, by a token or an app of its own. */
export class ShopifyConcierge implements StoreConcierge {
  readonly whereScopesAre =
    'the app in the Dev Dashboard (Versions, then the access scopes; release the version and approve it in the shop), or for an older custom app in Settings, Apps and sales channels, Develop apps, Configuration';
  readonly #http: Http;
  readonly #clocks: Clocks;
  readonly #token: AccessToken;
  #date: string | undefined;

  constructor(http: Http, credential: string, clocks: Clocks) {
    this.#http = http;
    this.#clocks = clocks;
    this.#token = accessTokenOf(credential, http, clocks);
  }

  async whoIsThere(): Promise<ShopCard> {
    const { shop } = await this.#ask<{
      shop: { id: string; name: string; myshopifyDomain: string; currencyCode: string; ianaTimezone: string };
    }>('read', WHO_IS_THERE);
    return {
      id: shop.id,
      name: shop.name,
      currency: shop.currencyCode,
      zone: shop.ianaTimezone,
      domain: shop.myshopifyDomain,
      clockAheadMs: clockAheadMs(this.#date, this.#clocks.nowMs()),
    };
  }

  async scopes(): Promise<readonly Ability[]> {
    return abilitiesOf(await this.#granted());
  }

  async topics(): Promise<readonly string[]> {
    const granted = await this.#granted();
    return WEBHOOK_TOPICS.filter(({ scope }) => !scope || hasScope(granted, scope)).map(({ topic }) => topic);
  }

  async webhooks(): Promise<readonly RegisteredWebhook[]> {
    const found = await wholeByCursor((after) =>
      this.#ask<Webhooks>('read', READ_WEBHOOKS, { after }).then((page) => page.webhookSubscriptions),
    );
    return found.map(({ id, topic, uri }) => ({ id, topic, address: uri, active: true }));
  }

  /** Shopify signs with the app's own secret, so that none is sent along. */
  async register(address: string, _secret: string, { stop }: Registering = {}): Promise<Registration> {
    const granted = await this.#granted();
    const there = new Set((await this.webhooks()).filter((row) => row.address === address).map(({ topic }) => topic));
    const made: string[] = [];
    const kept: string[] = [];
    const refused: { topic: string; why: string }[] = [];
    for (const { topic, scope } of WEBHOOK_TOPICS) {
      stop?.throwIfAborted();
      if (there.has(topic)) kept.push(topic);
      else if (scope && !hasScope(granted, scope)) refused.push({ topic, why: `needs ${scope}` });
      else
        try {
          await this.#change(REGISTER_WEBHOOK, { topic, uri: address });
          made.push(topic);
        } catch (thrown) {
          if (!(thrown instanceof PermanentError)) throw thrown;
          refused.push({ topic, why: thrown.message });
        }
    }
    return { made, kept, refused };
  }

  async unregister(address: string): Promise<number> {
    const ours = (await this.webhooks()).filter((row) => row.address === address);
    for (const { id } of ours) await this.#change(UNREGISTER_WEBHOOK, { id });
    return ours.length;
  }

  close(): void {
    this.#http.close();
  }

  async #granted(): Promise<ReadonlySet<string>> {
    const { currentAppInstallation } = await this.#ask<{
      currentAppInstallation: { accessScopes: { handle: string }[] };
    }>('read', READ_SCOPES);
    return new Set(currentAppInstallation.accessScopes.map(({ handle }) => handle));
  }

  async #change(document: string, variables: object): Promise<void> {
    const data = await this.#ask<Refusable>('write', document, variables);
    const errors = Object.values(data).flatMap((payload) => payload?.userErrors ?? []);
    if (errors.length > 0) throw faultOfUserErrors(errors, 'write');
  }

  async #ask<Data>(kind: CallKind, query: string, variables: object = {}): Promise<Data> {
    const token = await this.#token.get();
    const answer = await this.#http.ask(
      {
        method: 'POST',
        path: ADMIN_PATH,
        headers: { 'content-type': JSON_TYPE, accept: JSON_TYPE, 'x-shopify-access-token': token },
        body: JSON.stringify({ query, variables }),
      },
      kind,
    );
    this.#date = answer.headers.date;
    if (answer.status !== 200) throw faultOfStatus(answer.status, kind);
    const { data, errors } = parsed(answer.text);
    if (errors && errors.length > 0) throw faultOfErrors(errors, kind);
    if (!data) throw new PermanentError('unknown-shape', 'The shop answered without data');
    return data as Data;
  }
}

function parsed(text: string): { data?: unknown; errors?: GraphqlError[] } {
  try {
    return JSON.parse(text) as { data?: unknown; errors?: GraphqlError[] };
  } catch {
    throw new PermanentError('unknown-shape', 'What answers there does not speak the Admin API');
  }
}
