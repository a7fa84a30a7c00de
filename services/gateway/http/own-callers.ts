import type { Context, MiddlewareHandler } from 'hono';
import { isThisMachine } from '../pages/escalations/same-origin.ts';
import { notice } from '../pages/html/layout.ts';

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const JSON_TYPE = /^application\/json\s*(;|$)/i;

interface Refusal {
  readonly status: 403 | 415;
  readonly title: string;
  readonly message: string;
}

const FOREIGN_NAME: Refusal = {
  status: 403,
  title: 'Not under this name',
  message:
    'The operator listener answers only to names of this machine (localhost, 127.0.0.1, [::1]) and to those in PARLEY_OPERATOR_NAMES.',
};
const FOREIGN_PAGE: Refusal = {
  status: 403,
  title: 'Not sent from our page',
  message: 'Not from another site. Nothing was changed.',
};
const NOT_JSON: Refusal = {
  status: 415,
  title: 'Not JSON',
  message: 'The API takes only application/json. Nothing was changed.',
};

/**
 * For the whole operator listener, which has no accounts: who reaches it is trusted, so only this machine's own pages and
 * tools may. A name of somebody else's that leads here makes the browser call his page ours: it could read questions and
 * mails, and change rules. So the name must be this machine's or one of `names`. What changes something must besides come
 * from our page, where a browser says whence; and JSON only as such, because a plain form of any site can send the rest.
 */
export function ownCallersOnly(names: readonly string[]): MiddlewareHandler {
  const ours = new Set(names.map(asHost));
  return async (context, next) => {
    const refusal = refusalOf(context, ours);
    if (!refusal) return await next();
    const { status, title, message } = refusal;
    if (context.req.path.startsWith('/api/')) return context.json({ error: 'not-permitted', message }, status);
    return context.html(notice(title, message), status);
  };
}

function refusalOf({ req }: Context, ours: ReadonlySet<string>): Refusal | undefined {
  const called = new URL(req.url);
  if (!isThisMachine(req.url) && !ours.has(called.hostname)) return FOREIGN_NAME;
  if (READS.has(req.method)) return undefined;
  const site = req.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return FOREIGN_PAGE;
  const origin = req.header('origin');
  if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === called.host)) return FOREIGN_PAGE;
  if (!req.path.startsWith('/api/')) return undefined;
  const type = req.header('content-type');
  const hasBody = (req.header('content-length') ?? '0') !== '0' || req.header('transfer-encoding') !== undefined;
  return (hasBody || type !== undefined) && !JSON_TYPE.test(type ?? '') ? NOT_JSON : undefined;
}

/** As an address has it: in small letters, IPv6 in brackets. */
const asHost = (name: string) => new URL(`http://${name.includes(':') ? `[${name}]` : name}`).hostname;
