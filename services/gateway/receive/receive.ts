import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Reason, toParleyError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Metrics } from '../metrics.ts';
import { sourceOf } from '../sources/index.ts';
import type { BodiesUnderWay } from './bodies-under-way.ts';
import type { Endpoints, OpenEndpoint } from './endpoints.ts';
import type { GroupCommit } from './group-commit.ts';
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
  readonly onReceived: (store: string) => void;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | number>>;
}

const answer = (status: number, text: string, more: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  text,
  headers: { 'Content-Type': 'text/plain; charset=UTF-8', 'Content-Length': Buffer.byteLength(text), ...more },
});

const RECEIVED = answer(200, 'OK\n');
const REPEATED = answer(200, 'OK\n', { 'X-Parley-Duplicate': 'true' });
const LATER = answer(503, 'Not received; send it again.\n', { 'Retry-After': '1' });

/** What a sender is told: no more than it needs, the same for every cause of one kind. */
const ANSWERS: Partial<Record<Reason, Answer>> = {
  'bad-signature': answer(401, 'The signature does not hold.\n'),
  'unknown-endpoint': answer(404, 'There is no such endpoint.\n'),
  'body-too-large': answer(413, `The body is larger than ${LIMITS.webhookBodyBytes} bytes.\n`),
  'not-supported': answer(415, 'Compressed bodies are not taken.\n'),
  // Not 429: whatever sends too fast here, it is Parley that cannot keep up, and every platform sends again after a 503.
  'rate-limited': LATER,
};

const PREFIX = '/webhooks/';

/**
 * Receives webhooks: verify the raw bytes, commit, answer. Nothing of a body is parsed here. Answers false to what is no
 * webhook. It stands before the framework: building a Request and a Response and routing them cost more CPU than
 * verifying and keeping a webhook of 5 KB do.
 */
export function receiver(receiving: Receiving): (incoming: IncomingMessage, outgoing: ServerResponse) => boolean {
  return (incoming, outgoing) => {
    const { method, url = '' } = incoming;
    if (method !== 'POST' || !url.startsWith(PREFIX)) return false;
    const query = url.indexOf('?');
    const slug = url.slice(PREFIX.length, query < 0 ? undefined : query);
    void receive(receiving, slug, incoming, outgoing);
    return true;
  };
}

async function receive(
  receiving: Receiving,
  slug: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { endpoints, metrics, logger } = receiving;
  let endpoint: OpenEndpoint | undefined;
  let end: Reason | 'accepted' | 'duplicate' | 'ping';
  let said: Answer;
  try {
    // 1. The slug alone says which store, which source and which secrets.
    endpoint = await endpoints.find(slug);
    end = endpoint ? await takeIn(receiving, endpoint, incoming) : 'unknown-endpoint';
    said = ANSWERS[end as Reason] ?? (end === 'duplicate' ? REPEATED : RECEIVED);
  } catch (thrown) {
    const error = toParleyError(thrown);
    end = error.reason;
    const known = ANSWERS[end];
    said = known ?? LATER;
    if (!known) logger.warn({ err: error, reason: end, endpoint: endpoint?.endpoint }, 'webhook not received');
  }
  metrics.received.inc({ end, endpoint: endpoint?.endpoint ?? '' });
  outgoing.writeHead(said.status, said.headers).end(said.text);
}

async function takeIn(
  { bodies, commits, nowMs, newId, onReceived }: Receiving,
  endpoint: OpenEndpoint,
  incoming: IncomingMessage,
): Promise<'accepted' | 'duplicate' | 'ping' | 'bad-signature' | 'not-supported'> {
  const headers = incoming.headers as Record<string, string | undefined>;
  // No platform compresses; what is signed would be the compressed bytes, and unpacking is how a small body becomes a large one.
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return 'not-supported';
  const refusal = commits.refusalOf(endpoint.endpoint);
  if (refusal) throw refusal;

  // 2. The raw bytes, and whether whoever signed them knows a secret.
  const body = await readBody(incoming, LIMITS.webhookBodyBytes, bodies, endpoint.endpoint);
  const source = sourceOf(endpoint);
  const verified = source.verify({ headers, body }, endpoint.open, nowMs());
  // Nobody vouches for a ping, so that it has no effect but the figure.
  if (!verified) return source.isPing?.({ headers, body }) ? 'ping' : 'bad-signature';

  // 3. Committed, or not received.
  const kept: Record<string, string> = {};
  for (const name in headers) if (source.keeps(name)) kept[name] = headers[name]!;
  const fresh = await commits.add({
    id: newId(),
    store: endpoint.store,
    endpoint: endpoint.endpoint,
    key: verified.key,
    topic: verified.topic,
    headers: kept,
    body,
    digest: verified.digest,
    copies: 0,
  });
  onReceived(endpoint.store);
  return fresh ? 'accepted' : 'duplicate';
}
