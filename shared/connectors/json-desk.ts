import type { z } from 'zod';
import { PermanentError } from '#shared/kernel/errors.ts';
import { cut } from '#shared/kernel/plain-text.ts';
import { type CallKind, faultOfStatus } from './faults.ts';
import type { Http, HttpRequest } from './outbound.ts';

export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly date: string | undefined;
  /** Where it would send a browser on to. */
  readonly location: string | undefined;
}

/** Asks a platform that speaks REST, one request at a time and none of them twice: for concierges, and where only reads are sent. */
export class JsonDesk {
  readonly #http: Http;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(http: Http, headers: Readonly<Record<string, string>>) {
    this.#http = http;
    this.#headers = { accept: 'application/json', ...headers };
  }

  /** Whatever it answers; a page instead of JSON has an undefined body. */
  async look(method: HttpRequest['method'], path: string, sent?: object): Promise<JsonAnswer> {
    const kind: CallKind = method === 'GET' ? 'read' : 'write';
    const answer = await this.#http.ask(
      {
        method,
        path,
        headers: { ...this.#headers, ...(sent ? { 'content-type': 'application/json' } : {}) },
        ...(sent ? { body: JSON.stringify(sent) } : {}),
      },
      kind,
    );
    const { date, location } = answer.headers;
    return { status: answer.status, body: parsed(answer.text), date, location };
  }

  /** An answer of success; everything else is a fault with what the platform says of it. */
  async ask<Answer>(method: HttpRequest['method'], path: string, sent?: object): Promise<Answer> {
    const { status, body } = await this.look(method, path, sent);
    if (status < 200 || status > 299) {
      const fault = faultOfStatus(status, method === 'GET' ? 'read' : 'write');
      throw fault.retry === 'never'
        ? new PermanentError(fault.reason, `${fault.message}${explanationIn(body)}`, { cause: fault })
        : fault;
    }
    if (body === undefined && status !== 204)
      throw new PermanentError('unknown-shape', 'What answers there does not speak JSON');
    return body as Answer;
  }

  close(): void {
    this.#http.close();
  }
}

/** WordPress says `message`, BigCommerce `title` or a list of errors. Text from outside, without the markup in it. */
function explanationIn(body: unknown): string {
  const told = Array.isArray(body) ? body[0] : body;
  const { message, title } = (told ?? {}) as { message?: unknown; title?: unknown };
  const text = typeof message === 'string' ? message : title;
  return typeof text === 'string' ? `: ${cut(text.replace(/<[^>]*>/g, ''), 200)}` : '';
}

/** Some plugins put a byte order mark before everything that PHP says. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

/** The part of an answer that we know; throws with the place of the first thing that is not as promised. */
export function shaped<Shape extends z.ZodType>(shape: Shape, body: unknown): z.infer<Shape> {
  const read = shape.safeParse(body);
  if (read.success) return read.data;
  const { path, message } = read.error.issues[0]!;
  throw new PermanentError('unknown-shape', `The store answered in an unknown shape: ${path.join('.')}: ${message}`);
}
