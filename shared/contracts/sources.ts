/** A sender that is no shop. Who makes the secret that it signs with: Parley, by Standard Webhooks, or the sender itself. */
export type Sender =
  | { readonly secretBy: 'parley' }
  | {
      readonly secretBy: 'sender';
      /** What is asked for, in the words of the sender's own page. */
      readonly question: string;
      /** How each such secret begins. */
      readonly begins?: string;
      /** Its owner chose it, so that it may hold any letter. */
      readonly isFree?: true;
    };

/** Senders that get an address of their own (`parley store endpoint add`). */
export const SENDERS = {
  standard: { secretBy: 'parley' },
  stripe: {
    secretBy: 'sender',
    question: 'Signing secret of the endpoint at Stripe (whsec_…)',
    begins: 'whsec_',
  },
  easypost: { secretBy: 'sender', question: 'Webhook secret that EasyPost signs with', isFree: true },
} as const satisfies Readonly<Record<string, Sender>>;

export type SenderName = keyof typeof SENDERS;

export const SENDER_NAMES = Object.keys(SENDERS) as readonly SenderName[];

/**
 * Who can send webhooks, settled once: the `platform` of an endpoint. What each one's signature, key and topics are is a
 * file of its own in the gateway.
 */
export const SOURCES = ['shopify', 'woocommerce', 'bigcommerce', ...SENDER_NAMES] as const;

export type SourceName = (typeof SOURCES)[number];

/** What is read from a platform, in our words. `stock`: one item's levels, everywhere. `coupon`: at WooCommerce only. */
export const READ_KINDS = ['product', 'stock', 'order', 'customer', 'coupon'] as const;

export type ReadKind = (typeof READ_KINDS)[number];

/** The store platforms: what a store is, and whom its connector speaks to. */
export const STORE_PLATFORMS = ['sandbox', 'shopify', 'woocommerce', 'bigcommerce'] as const;

export type StorePlatform = (typeof STORE_PLATFORMS)[number];
