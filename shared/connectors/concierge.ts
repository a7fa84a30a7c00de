/** Who a store says that it is. */
export interface ShopCard {
  /**
   * The platform's own id of the shop, which stays when its name changes. Where the platform has none, it is the shop's
   * place on the web.
   */
  readonly id: string;
  readonly name: string;
  readonly currency: string;
  readonly zone: string;
  /** Where people go: its domain. */
  readonly domain: string;
  /** How far the store's clock is ahead of ours, to the second; absent where it does not say. */
  readonly clockAheadMs?: number | undefined;
}

/** One thing that a credential allows or not, in the words of a merchant and in the platform's. */
export interface Ability {
  /** Goes on from "Parley can …": `change prices`. */
  readonly can: string;
  /** As the merchant finds it in the platform's settings: `write_products`. */
  readonly scope: string;
  readonly granted: boolean;
  /** Without it there is nothing to decide about, so that the store is not connected. */
  readonly essential: boolean;
  /** Action types that fail without it. */
  readonly actions: readonly string[];
  /** Without it no webhook can be registered, so that the shop is connected only where none is wanted. */
  readonly forWebhooks?: true;
}

/** A webhook that the platform has been told to send. */
export interface RegisteredWebhook {
  readonly id: string;
  readonly topic: string;
  readonly address: string;
  /** False where the platform has stopped sending it. */
  readonly active: boolean;
}

export interface Registration {
  readonly made: readonly string[];
  /** Were there already and are right. */
  readonly kept: readonly string[];
  readonly refused: readonly { readonly topic: string; readonly why: string }[];
}

export interface Registering {
  /** Those that are right are told the secret as well. */
  readonly renew?: boolean;
  /** Aborted, nothing is registered after the call that is under way, and its reason is thrown. */
  readonly stop?: AbortSignal | undefined;
}

/**
 * Connects a store, and looks after the connection. It is used by the commands `parley store …` and by nobody else; no
 * service registers or removes a webhook.
 */
export interface StoreConcierge {
  whoIsThere(): Promise<ShopCard>;
  scopes(): Promise<readonly Ability[]>;
  /** Where the merchant changes what is allowed. */
  readonly whereScopesAre: string;
  /** The topics that `register` asks for under the scopes that the credential has. */
  topics(): Promise<readonly string[]>;
  /** All that the credential shows, whoever made them. */
  webhooks(): Promise<readonly RegisteredWebhook[]>;
  /**
   * Every topic that Parley understands, sent to `address`; asked again it changes only what is not right. `secret` goes
   * along where the platform lets the receiver choose it.
   */
  register(address: string, secret: string, how?: Registering): Promise<Registration>;
  /** Those that go to exactly this address; answers how many. */
  unregister(address: string): Promise<number>;
  /** Ends the connections that are kept open. */
  close(): void;
}

/** What the credential does not allow. */
export function missingOf(abilities: readonly Ability[]): readonly Ability[] {
  return abilities.filter(({ granted }) => !granted);
}

/** By the `Date` of an answer; it has whole seconds and took a moment to come, so that less than two seconds is none. */
export function clockAheadMs(date: string | undefined, nowMs: number): number | undefined {
  const theirs = date === undefined ? Number.NaN : Date.parse(date);
  if (Number.isNaN(theirs)) return undefined;
  const ahead = theirs - nowMs;
  return Math.abs(ahead) < 2_000 ? 0 : Math.round(ahead / 1_000) * 1_000;
}
