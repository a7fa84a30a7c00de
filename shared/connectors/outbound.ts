import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { StorePlatform } from '#shared/contracts/sources.ts';
import { ParleyError, PermanentError, TransientError } from '#shared/kernel/errors.ts';
import { systemClocks } from '#shared/runtime/clocks.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { isInside } from './addresses.ts';
import { type CallKind, faultOfThrown, maybeHappened } from './faults.ts';
import { LeftAloneError } from './patience.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the store's base on, with its query; begins with a slash. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** By the wall clock: a request that is not sent by then is not sent at all. */
  readonly beginByMs?: number | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** The one way out: to one store, whose address was fixed when its credential was kept. */
export interface Http {
  /**
   * An answer of any status; a redirect is an answer like another and is not followed. What it throws says whether the
   * request can have had an effect.
   */
  ask(request: HttpRequest, kind: CallKind): Promise<HttpAnswer>;
  /** Ends the connections once nothing is under way: a request that is cut off may have had its effect all the same. */
  close(): void;
}

/** Where a store is, and whether it may be on this machine or in its network. */
export interface StoreOrigin {
  readonly url: URL;
  readonly mayBeInside: boolean;
}

const ONE_HOST: Partial<Record<StorePlatform, RegExp>> = {
  shopify: /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/,
  bigcommerce: /^api\.bigcommerce\.com$/,
};

const PRIVATE = 'leads into a private network or to this machine, which is refused: a shop is on the Internet';

function refuse(what: string): never {
  throw new PermanentError('forbidden-address', `The address of the store ${what}`);
}

/**
 * The address of a store as its credential has it. Only the sandbox, which is ours, may be inside and without TLS; the
 * others speak HTTPS on its own port, and a platform with one host is called there and nowhere else.
 */
export function storeOrigin(platform: StorePlatform, address: string): StoreOrigin {
  if (!URL.canParse(address)) refuse('cannot be read');
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') refuse('holds a name or a password');
  if (url.search !== '' || url.hash !== '') refuse('holds a ? or a #; leave out what begins there');
  if (platform === 'sandbox') {
    if (url.protocol !== 'http:' && url.protocol !== 'https:') refuse('begins with neither http nor https');
    return { url, mayBeInside: true };
  }
  if (url.protocol !== 'https:') refuse('does not begin with https');
  if (url.port !== '') refuse('names a port');
  const host = bareHost(url);
  const expected = ONE_HOST[platform];
  if (expected && !expected.test(host)) refuse(`is not one of ${platform}: ${host}`);
  if (isIP(host) !== 0 && isInside(host)) refuse(PRIVATE);
  return { url, mayBeInside: false };
}

/** URLs write an address of IPv6 in brackets; sockets do not. */
const bareHost = (url: URL) => url.hostname.replace(/^\[|\]$/g, '');

/**
 * Resolves a name and gives on what was looked at: the connection goes to these addresses, so a name that answers
 * differently the next time gains nothing. One address inside among public ones is not chance, so all of them count.
 */
export function publicLookup(resolve: typeof systemLookup = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, [], undefined);
      const inside = addresses.length === 0 || addresses.some(({ address }) => isInside(address));
      if (inside) {
        const forbidden = new PermanentError('forbidden-address', `The address ${hostname} ${PRIVATE}`);
        return callback(forbidden as NodeJS.ErrnoException, [], undefined);
      }
      if (options.all) return callback(null, addresses);
      callback(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
}

interface Doors {
  /** Instead of the system's resolver; for tests. */
  readonly resolve?: typeof systemLookup;
  readonly connectMs?: number;
  readonly headersMs?: number;
  readonly totalMs?: number;
  readonly answerBytes?: number;
  /** The wall clock. */
  readonly nowMs?: () => number;
}

/** One store's door: a pool of kept connections, and bounds on everything that the other side could stretch. */
export function openHttp({ url, mayBeInside }: StoreOrigin, doors: Doors = {}): Http {
  const isTls = url.protocol === 'https:';
  const lookup = mayBeInside ? undefined : publicLookup(doors.resolve);
  const options = {
    keepAlive: true,
    // A connection that the other side may just be closing would make the end of a write unknown.
    timeout: LIMITS.storeIdleMs,
    maxFreeSockets: LIMITS.storeConnections,
    ...(lookup ? { lookup } : {}),
  };
  const agent = isTls ? new TlsAgent(options) : new PlainAgent(options);
  const host = bareHost(url);
  const base = url.pathname.replace(/\/+$/, '');
  const bounds = {
    connectMs: doors.connectMs ?? LIMITS.storeConnectMs,
    headersMs: doors.headersMs ?? LIMITS.storeHeadersMs,
    totalMs: doors.totalMs ?? LIMITS.storeHttpMs,
    answerBytes: doors.answerBytes ?? LIMITS.storeAnswerBytes,
  };
  const nowMs = doors.nowMs ?? systemClocks.nowMs;
  let underWay = 0;
  let isClosed = false;
  const closeWhenIdle = () => {
    if (isClosed && underWay === 0) agent.destroy();
  };
  return {
    ask({ method, path, headers, body, beginByMs = Number.POSITIVE_INFINITY }, kind) {
      // An address needs no resolver, so Node would not ask ours.
      if (!mayBeInside && isIP(host) !== 0 && isInside(host)) refuse(PRIVATE);
      const request = (isTls ? tlsRequest : plainRequest)({
        agent,
        host,
        ...(url.port === '' ? {} : { port: url.port }),
        method,
        path: `${base}${path}`,
        headers: { ...headers, 'accept-encoding': 'identity', 'user-agent': 'parley' },
      });
      underWay += 1;
      const answered = exchange(request, { body, kind, isLate: () => nowMs() > beginByMs }, bounds).finally(() => {
        underWay -= 1;
        closeWhenIdle();
      });
      return answered.then((answer) => ({ ...answer, text: withoutSecrets(answer.text, headers) }));
    },
    close() {
      isClosed = true;
      closeWhenIdle();
    },
  };
}

const SECRET_HEADERS = ['authorization', 'x-shopify-access-token', 'x-auth-token'] as const;

/**
 * A store may repeat what it was sent, in an error above all, and errors are written down. Of what opened its door nothing
 * comes back in.
 */
function withoutSecrets(text: string, headers: Readonly<Record<string, string>> = {}): string {
  let cleaned = text;
  for (const name of SECRET_HEADERS) {
    const secret = headers[name];
    if (!secret) continue;
    const basic = /^Basic (.+)$/.exec(secret)?.[1];
    const parts = basic ? [basic, ...Buffer.from(basic, 'base64').toString().split(':')] : [secret];
    for (const part of parts) if (part !== '') cleaned = cleaned.replaceAll(part, '[credential]');
  }
  return cleaned;
}

interface Bounds {
  readonly connectMs: number;
  readonly headersMs: number;
  readonly totalMs: number;
  readonly answerBytes: number;
}

interface Sending {
  readonly body: string | undefined;
  readonly kind: CallKind;
  readonly isLate: () => boolean;
}

/**
 * Sends one request and takes its answer in. Nothing is sent before there is a connection and it is known not to be too
 * late; after that anything may have happened.
 */
function exchange(request: ClientRequest, { body, kind, isLate }: Sending, bounds: Bounds): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    let sent = false;
    const after = (ms: number, what: string) =>
      setTimeout(() => request.destroy(new DOMException(what, 'TimeoutError')), ms);
    const connecting = after(bounds.connectMs, 'no connection');
    const waiting = after(bounds.headersMs, 'no answer');
    const whole = after(bounds.totalMs, 'no end of the answer');
    const settle = (finish: () => void) => {
      for (const timer of [connecting, waiting, whole]) clearTimeout(timer);
      finish();
    };
    request.on('socket', (socket) => {
      const connected = () => {
        clearTimeout(connecting);
        if (isLate()) {
          request.destroy(new LeftAloneError('timeout', 'It was too late to send the call'));
          return;
        }
        sent = true;
        request.end(body);
      };
      const isTls = 'secureConnecting' in socket;
      if (!socket.connecting && !(isTls && socket.secureConnecting)) connected();
      else socket.once(isTls ? 'secureConnect' : 'connect', connected);
    });
    let answering = false;
    request.on('error', (thrown) => settle(() => reject(faultOfExchange(thrown, sent, kind))));
    // An answer that changes the protocol (101) ends the request with neither an error nor a response.
    request.on('close', () => {
      if (!answering) settle(() => reject(faultOfExchange(new Error('closed without an answer'), sent, kind)));
    });
    request.on('response', (response) => {
      answering = true;
      clearTimeout(waiting);
      textOf(response, bounds.answerBytes, kind).then(
        (text) => settle(() => resolve({ status: response.statusCode ?? 0, headers: response.headers, text })),
        (thrown) => {
          request.destroy();
          settle(() => reject(faultOfExchange(thrown, true, kind)));
        },
      );
    });
  });
}

function faultOfExchange(thrown: unknown, sent: boolean, kind: CallKind): ParleyError {
  if (thrown instanceof ParleyError) return thrown;
  if (sent) return faultOfThrown(thrown, kind);
  const code = (thrown as { code?: unknown }).code ?? (thrown as Error).message;
  return new TransientError('store-unavailable', `The store cannot be reached (${code})`, { cause: thrown });
}

async function textOf(response: IncomingMessage, bytesMax: number, kind: CallKind): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw maybeHappened(kind, 'body-too-large', `The store answered more than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
