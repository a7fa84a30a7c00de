import type { SourceName } from '#shared/contracts/sources.ts';
import { bigcommerce } from './bigcommerce.ts';
import { easypost } from './easypost.ts';
import { shopify } from './shopify.ts';
import type { Source } from './source.ts';
import { standard } from './standard.ts';
import { stripe } from './stripe.ts';
import { woocommerce } from './woocommerce.ts';

/** By the name that the endpoint's row has. A new one is a file beside these, its topics, and a line here. */
const SOURCES: Readonly<Record<SourceName, Source>> = {
  shopify,
  woocommerce,
  bigcommerce,
  standard,
  stripe,
  easypost,
};

export const sourceOf = ({ platform }: { readonly platform: SourceName }): Source => SOURCES[platform];
