import { createHmac, randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { orderBody } from '../../../services/gateway/fixtures/bodies.ts';

const BODY_BYTES = 5 * 1024;
const HEAD_END = '\r\n\r\n';

const FIRST_ORDER = 1_000_000;
let orders = FIRST_ORDER;

/** A new order of 5 KB. */
function newOrder(): string {
  orders += 1;
  const order = orderBody({ id: orders, admin_graphql_api_id: `gid://shopify/Order/${orders}`, name: `#${orders}` });
  const lines = Array.from({ length: 8 }, () => order.line_items[0]);
  const body = JSON.stringify({ ...order, line_items: lines, note: '' });
  return `${body.slice(0, -2)}${'n'.repeat(BODY_BYTES - body.length)}"}`;
}

/** Ready to be written: every request is built and signed before the clock runs, so that the sender costs next to nothing. */
export function signedRequests(count: number, secret: string): Buffer[] {
  return Array.from({ length: count }, () => {
    const id = randomBytes(8).toString('hex');
    const body = newOrder();
    const hmac = createHmac('sha256', secret).update(body).digest('base64');
    const head = [
      'POST /webhooks/shop HTTP/1.1',
      'Host: 127.0.0.1',
      'Content-Type: application/json',
      'User-Agent: Shopify-Captain-Hook',
      'X-Shopify-Topic: orders/create',
      'X-Shopify-Shop-Domain: shop.myshopify.com',
      'X-Shopify-API-Version: 2026-07',
      'X-Shopify-Triggered-At: 2026-02-01T10:00:00.000Z',
      `X-Shopify-Webhook-Id: ${id}`,
      `X-Shopify-Event-Id: ${id}`,
      `X-Shopify-Hmac-Sha256: ${hmac}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
    ].join('\r\n');
    return Buffer.from(`${head}${HEAD_END}${body}`);
  });
}

export interface Sent {
  readonly perSecond: number;
  readonly ms: readonly number[];
  readonly connectMs: readonly number[];
}

/** Sends all over so many kept connections, each sending its next when its last was answered. Anything but a 200 is a fault. */
export async function sendAll(port: number, requests: readonly Buffer[], connections: number): Promise<Sent> {
  const ms: number[] = [];
  let next = 0;
  const connectMs: number[] = [];
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port, connectMs)));
  const started = performance.now();
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve, reject) => {
          let sentAt = 0;
          let answer = '';
          const send = () => {
            const request = requests[next];
            next += 1;
            if (!request) return resolve();
            sentAt = performance.now();
            socket.write(request);
          };
          socket.on('data', (chunk) => {
            answer += chunk.toString('latin1');
            if (!isWhole(answer)) return;
            if (!answer.startsWith('HTTP/1.1 200 ')) return reject(new Error(`answered: ${answer.slice(0, 200)}`));
            ms.push(performance.now() - sentAt);
            answer = '';
            send();
          });
          socket.on('error', reject);
          socket.on('close', () => reject(new Error('closed before its answer')));
          send();
        }),
    ),
  );
  const seconds = (performance.now() - started) / 1_000;
  for (const socket of sockets) socket.removeAllListeners('close').destroy();
  return { perSecond: requests.length / seconds, ms, connectMs };
}

/** By its length, or by its last chunk. */
function isWhole(answer: string): boolean {
  const end = answer.indexOf(HEAD_END);
  if (end < 0) return false;
  const length = /content-length: (\d+)/i.exec(answer.slice(0, end))?.[1];
  return length === undefined ? answer.endsWith('0\r\n\r\n') : answer.length >= end + HEAD_END.length + Number(length);
}

function open(port: number, connectMs: number[]): Promise<Socket> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      connectMs.push(performance.now() - startedAt);
      resolve(socket);
    });
    socket.setNoDelay(true);
    socket.once('error', reject);
  });
}
