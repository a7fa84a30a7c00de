/**
 * Whether a form was sent from our own page. Browsers say so in `Sec-Fetch-Site`, in `Origin`, or in both, and whatever is
 * said must hold: an origin must be the one that the link was made for, or have the host that the request came to (its
 * scheme is another where somebody ends TLS before us). Nothing said, or `null`, is refused.
 */
export function isOurOwnForm(headers: Headers, requestUrl: string, publicUrl: string): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin') return false;
  const origin = headers.get('origin');
  if (origin === null) return site !== null;
  if (!URL.canParse(origin)) return false;
  return origin === new URL(publicUrl).origin || new URL(origin).host === new URL(requestUrl).host;
}

const THIS_MACHINE = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether the request was made to this machine by one of its own names. */
export function isThisMachine(requestUrl: string): boolean {
  return THIS_MACHINE.has(new URL(requestUrl).hostname);
}
