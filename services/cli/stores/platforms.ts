import type { StorePlatform } from '#shared/contracts/sources.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { UsageError } from '../command.ts';
import type { Asked } from './credentials.ts';

export const PLATFORM_NAMES = ['shopify', 'woocommerce', 'bigcommerce'] as const;
export type PlatformName = (typeof PLATFORM_NAMES)[number];

/** What a merchant typed, as the rows want it. */
export interface Secrets {
  /** As it is sealed for the executor. */
  readonly credential: string;
  /** What webhooks are signed with, where the platform has one of its own; else Parley draws one. */
  readonly signing?: string;
}

/** How the shops of one platform are connected. A new platform is an entry here, a concierge and a connector. */
export interface Platform {
  readonly title: string;
  readonly shopQuestion: string;
  readonly asked: readonly Asked[];
  /** Names that its own credential files hold and nobody needs. */
  readonly alsoInFiles: readonly string[];
  /** The base of its API for a shop as a person names it. */
  urlOf(shop: string): string;
  /** Where the shop may be that does not answer there: at the address of which that one is a page. */
  pageOf?(url: string): string | undefined;
  /** The shop that a credentials file names itself. */
  shopIn(given: ReadonlyMap<string, string>): string | undefined;
  secretsOf(values: ReadonlyMap<string, string>): Secrets;
  /** Where the credential is looked up, for one that was refused. */
  readonly whereCredentialsAre: string;
  /** What a merchant should know before anything is decided. */
  readonly limits: readonly string[];
  /** Nothing can be carried out there, so that its stores stay in watch. */
  readonly readsOnly?: true;
}

const shopify: Platform = {
  title: 'Shopify',
  shopQuestion: 'Address of the shop, like candles.myshopify.com',
  asked: [
    {
      name: 'client_id',
      question: 'Client ID of the app (empty for an older custom app with a token)',
      optional: true,
    },
    { name: 'client_secret', question: 'Client secret of the app (older custom app: API secret key)' },
    {
      name: 'token',
      question: 'Admin API access token (shpat_…; empty where a client ID was given)',
      optional: true,
      fault: (text) => (text.startsWith('shpss_') ? 'this is the secret of the app, not its access token.' : undefined),
    },
  ],
  alsoInFiles: [],
  urlOf: (shop) => {
    const host = hostOf(shop);
    const full = host.includes('.') ? host : `${host}.myshopify.com`;
    if (!/^[a-z0-9][a-z0-9-]*\.myshopify\.com$/.test(full))
      throw new UsageError(
        `"${shop}" is not the shop's own address at Shopify, which ends in .myshopify.com: see Settings, Domains in the admin.`,
      );
    return `https://${full}`;
  },
  shopIn: (given) => given.get('shop'),
  secretsOf: (values) => {
    const [clientId, clientSecret, token] = ['client_id', 'client_secret', 'token'].map((name) => values.get(name));
    if (!clientSecret) throw new UsageError('client_secret is missing: Shopify signs its webhooks with it.');
    if (!clientId === !token)
      throw new UsageError(
        'Give either client_id (an app of the Dev Dashboard) or token (an older custom app), and client_secret.',
      );
    return { credential: token ?? JSON.stringify({ clientId, clientSecret }), signing: clientSecret };
  },
  whereCredentialsAre:
    'the app in the Dev Dashboard, Settings (the app has to be installed in this shop); for an older custom app Settings, Apps and sales channels, Develop apps, API credentials',
  limits: [],
};

const woocommerce: Platform = {
  title: 'WooCommerce',
  shopQuestion: 'Address of the shop, like https://candles.example',
  asked: [
    {
      name: 'consumer_key',
      question: 'Consumer key (ck_…)',
      fault: (text) => (text.startsWith('ck_') ? undefined : 'a consumer key begins with ck_.'),
    },
    {
      name: 'consumer_secret',
      question: 'Consumer secret (cs_…)',
      fault: (text) => (text.startsWith('cs_') ? undefined : 'a consumer secret begins with cs_.'),
    },
  ],
  alsoInFiles: [],
  urlOf: (shop) => {
    const text = /^[a-z]+:\/\//i.test(shop) ? shop : `https://${shop}`;
    if (!URL.canParse(text)) throw new UsageError(`"${shop}" is not an address; write it like https://candles.example`);
    const url = new URL(text);
    if (url.protocol !== 'https:')
      throw new UsageError('A shop is connected over https only: its key would be readable on the way.');
    return `${url.origin}${url.pathname.replace(/\/wp-(json|admin)(\/.*)?$|\/+$/, '')}`;
  },
  // WooCommerce puts its list of products at /shop, which is also a fine name for the folder that WordPress lies in.
  pageOf: (url) => /^(.+)\/shop(\/.*)?$/.exec(url)?.[1],
  shopIn: (given) => given.get('shop'),
  secretsOf: (values) => ({
    credential: JSON.stringify({ key: values.get('consumer_key'), secret: values.get('consumer_secret') }),
  }),
  whereCredentialsAre: 'WooCommerce, Settings, Advanced, REST API (Add key, permissions Read/Write)',
  limits: [
    'WooCommerce knows no lock on stock and prices: Parley reads, writes and reads back, and a sale in between can still be overwritten.',
  ],
};

/** In the API path, in the address of the admin, and by itself. */
const STORE_HASHES = [
  /(?:^|\/)stores\/([a-z0-9]{5,20})(?:\/|$)/,
  /^(?:https?:\/\/)?store-([a-z0-9]{5,20})(?:-\d+)?(?:[./]|$)/,
  /^(?!stores\/?$)([a-z0-9]{5,20})\/?$/,
];

const bigcommerce: Platform = {
  title: 'BigCommerce',
  shopQuestion: 'Store hash, as in the API path https://api.bigcommerce.com/stores/HASH/v3/',
  asked: [
    { name: 'access_token', question: 'Access token of the API account' },
    { name: 'client_secret', question: 'Client secret of the API account' },
  ],
  // Its file of credentials can be given as it was downloaded.
  alsoInFiles: ['api_path', 'client_id', 'client_name', 'name'],
  urlOf: (shop) => {
    const text = shop.trim().toLowerCase();
    const hash = STORE_HASHES.map((form) => form.exec(text)?.[1]).find((found) => found !== undefined);
    if (!hash) throw new UsageError(`"${shop}" is not a store hash; it is the part after /stores/ in the API path.`);
    return `https://api.bigcommerce.com/stores/${hash}`;
  },
  shopIn: (given) => given.get('shop') ?? given.get('api_path'),
  secretsOf: (values) => ({
    credential: JSON.stringify({ token: values.get('access_token') }),
    signing: values.get('client_secret')!,
  }),
  whereCredentialsAre: 'Settings, Store-level API accounts (a new account shows its token and secret once)',
  limits: ['At BigCommerce Parley reads only: it decides and reports, and changes nothing in the store.'],
  readsOnly: true,
};

export const PLATFORMS: Readonly<Record<PlatformName, Platform>> = { shopify, woocommerce, bigcommerce };

/** False for the sandbox as well, which is no entry here. */
export const readsOnly = (platform: StorePlatform) => platform !== 'sandbox' && PLATFORMS[platform].readsOnly === true;

/** Names that a credentials file of the platform may hold. */
export const namesInFiles = ({ asked, alsoInFiles }: Platform) => [
  'shop',
  ...asked.map(({ name }) => name),
  ...alsoInFiles,
];

/** The host that somebody pasted, with or without what stands around it in a browser. */
function hostOf(shop: string): string {
  const admin = /^https?:\/\/admin\.shopify\.com\/store\/([a-z0-9-]+)/i.exec(shop.trim());
  return (
    admin?.[1] ??
    shop
      .trim()
      .replace(/^https?:\/\//i, '')
      .replace(/[/?#].*$/, '')
  ).toLowerCase();
}

const INSIDE =
  /^(localhost|127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|\[|0\.)|\.(local|localhost|internal|invalid|test)$/;

/** Where a platform would post to; throws with what to do where it could not. */
export function webhookBase(publicUrl: string | undefined): string {
  const remedy =
    'Start Parley with "npm start -- --public-url https://…", or give the address with --public-url. Without one: --without-webhooks, and Parley asks the shop every few minutes instead';
  if (!publicUrl || !URL.canParse(publicUrl))
    throw new PermanentError(
      'bad-config',
      `The address under which the Internet reaches this Parley is not known. ${remedy}.`,
    );
  const url = new URL(publicUrl);
  if (url.protocol !== 'https:' || INSIDE.test(url.hostname))
    throw new PermanentError(
      'bad-config',
      `${url.origin} cannot be reached by a platform: it has to be a public address that begins with https. ${remedy}.`,
    );
  if (url.port !== '')
    throw new PermanentError(
      'bad-config',
      `${url.origin} names a port; platforms post to the usual one of https. ${remedy}.`,
    );
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

export function isReached(publicUrl: string | undefined): boolean {
  try {
    webhookBase(publicUrl);
    return true;
  } catch {
    return false;
  }
}

export const webhookAddress = (base: string, endpoint: string) => `${base}/webhooks/${endpoint}`;
