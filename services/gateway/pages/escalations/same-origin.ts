/**
 * Whether a form was sent from our own page. Browsers say so in `Sec-Fetch-Site`; those that do not, name the origin, which
 * must be the one that the link was made for, or the one that the request came to. Nothing said, or `null`, is refused.
 */
export function isOurOwnForm(headers: Headers, requestUrl: string, publicUrl: string): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin';
  const origin = headers.get('origin');
  if (origin === null || !URL.canParse(origin)) return false;
  return origin === new URL(publicUrl).origin || origin === new URL(requestUrl).origin;
}

const THIS_MACHINE = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether the request was made to this machine by one of its own names. */
export function isThisMachine(requestUrl: string): boolean {
  return THIS_MACHINE.has(new URL(requestUrl).hostname);
}
