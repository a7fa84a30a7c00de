import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { type Reason, toParleyError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Metrics } from '../metrics.ts';
import type { BodiesUnderWay } from './bodies-under-way.ts';
import type { Endpoints } from './endpoints.ts';
import type { GroupCommit } from './group-commit.ts';
import { PLATFORMS } from './platforms.ts';
import { readBody } from './read-body.ts';

interface Receiving {
  readonly endpoints: Endpoints;
  readonly bodies: BodiesUnderWay;
  readonly commits: GroupCommit;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly nowMs: () => number;
  readonly newId: () => string;
  /** Called after a commit. Of a repetition too: while its copy was counted, the row was locked and mapping passed it over. */
  readonly onReceived: () => void;
}

/** What a sender is told: no more than it needs, the same for every cause of one kind. */
const ANSWERS: Partial<Record<Reason, { status: 401 | 404 | 413; text: string }>> = {
  'bad-signature': { status: 401, text: 'The signature does not hold.\n' },
  'unknown-endpoint': { status: 404, text: 'There is no such endpoint.\n' },
  'body-too-large': { status: 413, text: `The body is larger than ${LIMITS.webhookBodyBytes} bytes.\n` },
};

const RETRY_AFTER_S = '1';

type ReceiveContext = Context<{ Bindings: HttpBindings }>;

/** Receives webhooks: verify the raw bytes, commit, answer. Nothing of a body is parsed here. */
export function receiveRoutes(receiving: Receiving): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.post('/webhooks/:endpoint', (context) => receive(receiving, context));
  return app;
}

async function receive(receiving: Receiving, context: ReceiveContext): Promise<Response> {
  const { endpoints, bodies, commits, metrics, logger } = receiving;
  try {
    // 1. The slug alone says which store, which platform and which secrets.
    const endpoint = await endpoints.find(context.req.param('endpoint') ?? '');
    if (!endpoint) return refuse(receiving, context, 'unknown-endpoint');
    if (commits.full) return later(receiving, context, 'overloaded');

    // 2. The raw bytes, and whether whoever signed them knows a secret.
    const body = await readBody(context.env.incoming, LIMITS.webhookBodyBytes, bodies);
    const headers = context.env.incoming.headers as Record<string, string | undefined>;
    const platform = PLATFORMS[endpoint.platform];
    const verified = platform.verify({ headers, body }, endpoint.open, receiving.nowMs());
    if (!verified) return refuse(receiving, context, 'bad-signature');

    // 3. Committed, or not received.
    const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => platform.keeps(name)));
    const fresh = await commits.add({
      id: receiving.newId(),
      store: endpoint.store,
      endpoint: endpoint.endpoint,
      key: verified.key,
      topic: verified.topic,
      headers: kept as Record<string, string>,
      body,
      digest: verified.digest,
      copies: 0,
    });
    metrics.received.inc({ end: fresh ? 'accepted' : 'duplicate' });
    receiving.onReceived();
    return context.text('OK\n', 200, fresh ? {} : { 'X-Parley-Duplicate': 'true' });
  } catch (thrown) {
    const error = toParleyError(thrown);
    if (ANSWERS[error.reason]) return refuse(receiving, context, error.reason);
    logger.warn({ err: error, reason: error.reason }, 'webhook not received');
    return later(receiving, context, error.reason);
  }
}

function refuse({ metrics }: Receiving, context: ReceiveContext, reason: Reason): Response {
  const { status, text } = ANSWERS[reason]!;
  metrics.received.inc({ end: reason });
  return context.text(text, status);
}

function later({ metrics }: Receiving, context: ReceiveContext, reason: Reason): Response {
  metrics.received.inc({ end: reason });
  return context.text('Not received; send it again.\n', 503, { 'Retry-After': RETRY_AFTER_S });
}
