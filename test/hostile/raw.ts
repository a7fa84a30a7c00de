import { connect, type Socket } from 'node:net';

export const CRLF = '\r\n';
const GIVE_UP_MS = 30_000;

export interface Exchange {
  /** All that came back until the other side closed, or the answers that were waited for. */
  readonly text: string;
  readonly ms: number;
  readonly statuses: readonly number[];
}

/** Writes bytes as they are on a connection of its own, says that they are all if they are, and reads until so many answers have come or it is closed. */
export function exchange(port: number, bytes: string | Uint8Array, answers = 1, isAll = false): Promise<Exchange> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    let text = '';
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, ms: performance.now() - startedAt, statuses: statusesOf(text) });
    };
    const socket = connect(port, '127.0.0.1', () => (isAll ? socket.end(bytes) : socket.write(bytes)));
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no answer to ${JSON.stringify(String(bytes).slice(0, 200))}, only ${text}`));
    }, GIVE_UP_MS);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (statusesOf(text).length >= answers) end();
    });
    // A reset is an end as well: what came before it counts.
    socket.on('error', () => {});
    socket.on('close', end);
  });
}

const statusesOf = (text: string) => [...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));

export function headOf(headers: Readonly<Record<string, string | number>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}${CRLF}`)
    .join('');
}

/** A request as it is written; nothing is added but the end of its head. */
export function request(start: string, headers: Readonly<Record<string, string | number>>, body = ''): string {
  return `${start} HTTP/1.1${CRLF}${headOf({ Host: 'a', ...headers })}${CRLF}${body}`;
}

export function opened(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
}
