import type { Platform } from './platform.ts';
import { shopify } from './shopify.ts';
import { standard } from './standard.ts';

/** By the platform that the endpoint's row names. A new one is a file beside these and a line here. */
export const PLATFORMS: Readonly<Record<'shopify' | 'standard', Platform>> = { shopify, standard };
