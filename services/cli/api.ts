import { PermanentError, REASONS, type Reason, TransientError } from '#shared/kernel/errors.ts';
import { line } from '#shared/kernel/plain-text.ts';

const ANSWER_MS = 15_000;

/** The operator's API of a running Parley. */
export class Api {
  readonly url: string;
  readonly #fetch: typeof fetch;

  constructor(url: string, fetcher: typeof fetch = fetch) {
    this.url = url.replace(/\/+$/, '');
    this.#fetch = fetcher;
  }

  get<Answer>(path: string): Promise<Answer> {
    return this.#ask<Answer>(path, 'GET');
  }

  post<Answer>(path: string, body?: object): Promise<Answer> {
    return this.#ask<Answer>(path, 'POST', body);
  }

  /** An answer whatever its status; undefined when nobody answers. */
  async probe(path: string): Promise<{ status: number; body: unknown } | undefined> {
    try {
      const response = await this.#send(path, { method: 'GET', signal: AbortSignal.timeout(ANSWER_MS) });
      return { status: response.status, body: await response.json().catch(() => undefined) };
    } catch {
      return undefined;
    }
  }

  stream(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
    return this.#send(path, { headers: { accept: 'text/event-stream', ...headers }, signal });
  }

  async #ask<Answer>(path: string, method: string, sent?: object): Promise<Answer> {
    const response = await this.#send(path, {
      method,
      signal: AbortSignal.timeout(ANSWER_MS),
      ...(sent ? { body: JSON.stringify(sent), headers: { 'content-type': 'application/json' } } : {}),
    });
    const body = (await response.json().catch(() => ({}))) as { message?: unknown; error?: unknown; like?: unknown };
    if (response.ok) return body as Answer;
    const like =
      Array.isArray(body.like) && body.like.length > 0
        ? `\n  ${body.like.map((id) => line(id, 160)).join('\n  ')}`
        : '';
    const message = `${line(body.message ?? body.error ?? `The gateway answered ${response.status}`, 500)}${like}`;
    if (response.status >= 500) throw new TransientError('overloaded', message);
    throw new PermanentError(response.status === 404 ? 'not-found' : reasonOf(body.error), message);
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#fetch(`${this.url}${path}`, init);
    } catch (cause) {
      throw new TransientError(
        'timeout',
        `Nobody answers at ${this.url}. Start Parley with "npm start", or name its operator listener with --url.`,
        { cause },
      );
    }
  }
}

/** The reason that the gateway gave, where it is one of ours. */
function reasonOf(given: unknown): Reason {
  return REASONS.find((reason) => reason === given) ?? 'bad-input';
}
