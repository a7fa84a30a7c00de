import type { MiddlewareHandler } from 'hono';

/** Nothing from anywhere but us, and no script at all: what a page with a decision on it may load. */
const FORM_POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/** The same with our own module and our own stream. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** `same-origin`, because under `no-referrer` browsers send `Origin: null` with our own form. */
export function hardened(kind: 'form' | 'page', publicUrl: string): MiddlewareHandler {
  const policy = kind === 'form' ? FORM_POLICY : PAGE_POLICY;
  const overTls = publicUrl.startsWith('https:');
  return async (context, next) => {
    await next();
    const { headers } = context.res;
    if (!headers.has('content-security-policy')) headers.set('content-security-policy', policy);
    headers.set('referrer-policy', 'same-origin');
    headers.set('x-content-type-options', 'nosniff');
    headers.set('cross-origin-opener-policy', 'same-origin');
    headers.set('cross-origin-resource-policy', 'same-origin');
    headers.set('x-robots-tag', 'noindex, nofollow');
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
    if (overTls) headers.set('strict-transport-security', 'max-age=31536000; includeSubDomains');
  };
}
