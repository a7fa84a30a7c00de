import { z } from 'zod';
import type { StorePlatform } from '#shared/contracts/sources.ts';
import { PermanentError } from '#shared/kernel/errors.ts';

/** What admits to a WooCommerce shop and to a BigCommerce store; for Shopify see shopify/access-token.ts. */
const wooShape = z.strictObject({ key: z.string().min(1), secret: z.string().min(1) });
const bigCommerceShape = z.strictObject({ token: z.string().min(1) });

export const wooCredential = (text: string) => opened(wooShape, text);
export const bigCommerceCredential = (text: string) => opened(bigCommerceShape, text);

/** What a sealed credential is sealed for: one that was copied into another row does not open there. */
export const credentialPurpose = (store: string, platform: StorePlatform) => `credential:${store}:${platform}`;
export const endpointPurpose = (endpoint: string) => `endpoint:${endpoint}`;

function opened<Shape extends z.ZodType>(shape: Shape, text: string): z.infer<Shape> {
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    // Neither the text nor what was wrong with it is told: it is a secret.
    throw new PermanentError('bad-config', 'The credential of the store has an unknown form');
  }
}
