import type { ErrorHandler } from 'hono';
import { routePath } from 'hono/route';
import { type Reason, TransientError } from '#shared/kernel/errors.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import { isUnavailable } from '#shared/store/connect.ts';
import { notice } from '../pages/html/layout.ts';

interface Fault {
  readonly status: 400 | 500 | 503;
  readonly error: Reason;
  readonly title: string;
  readonly message: string;
}

const AWAY: Fault = {
  status: 503,
  error: 'database-unavailable',
  title: 'Not at this moment',
  message: 'The database does not answer. Nothing is lost; look again in a moment.',
};
const IMPOSSIBLE: Fault = {
  status: 400,
  error: 'bad-input',
  title: 'Not an address of ours',
  message: 'Something in this address cannot be a name or an id.',
};
const OURS: Fault = {
  status: 500,
  error: 'internal-error',
  title: 'This went wrong',
  message: 'A fault of ours; it stands in the log of the gateway.',
};

/** SQLSTATE class 22: a value that no column can hold, such as a text with a NUL in it. */
const isImpossible = (thrown: unknown) => /^22\w{3}$/.test(String((thrown as { code?: unknown } | null)?.code));

/**
 * What a request is answered when its route has thrown: a page for people, JSON for programs, one line in the log. The line
 * names the route and not the path, which may hold somebody's token.
 */
export function answerFaults(logger: Logger): ErrorHandler {
  return (thrown, context) => {
    const away = isUnavailable(thrown) || thrown instanceof TransientError;
    const fault = away ? AWAY : isImpossible(thrown) ? IMPOSSIBLE : OURS;
    const level = fault === OURS ? 'error' : 'info';
    logger[level]({ err: thrown, route: routePath(context), method: context.req.method }, 'a request failed');
    if (away) context.header('Retry-After', '1');
    const { status, error, title, message } = fault;
    if (context.req.path.startsWith('/api/')) return context.json({ error, message }, status);
    return context.html(notice(title, message), status);
  };
}
