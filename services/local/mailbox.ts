import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';

/** Mail of one person, at most. */
const MAIL_BYTES = 1024 * 1024;
const LISTED = 500;
const ID = /^[0-9]{13}-[0-9]{6}$/;

interface Summary {
  id: string;
  from: string;
  to: string;
  subject: string;
  date: string;
  messageId: string;
}

export interface Mailbox {
  readonly smtpUrl: string;
  /** `GET /messages` lists, `GET /messages/<id>` shows one whole. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Takes every mail that anybody sends, keeps it as a file, and never sends one on: the mailbox of the one-machine start. */
export async function startMailbox(folder: string): Promise<Mailbox> {
  let counter = readdirSync(folder).length;
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    size: MAIL_BYTES,
    logger: false,
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', done);
      stream.on('end', () => {
        if (stream.sizeExceeded) return done(Object.assign(new Error('The mail is too large'), { responseCode: 552 }));
        const id = `${Date.now()}-${String(counter++ % 1_000_000).padStart(6, '0')}`;
        writeFileSync(join(folder, `${id}.eml`), Buffer.concat(chunks), { mode: 0o600 });
        done();
      });
    },
  });
  smtp.on('error', () => {});
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  const http = createServer((request, response) => {
    void answer(folder, request.method ?? '', request.url ?? '').then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    smtpUrl: `smtp://127.0.0.1:${portOf(smtp.server as unknown as Server)}`,
    url: `http://127.0.0.1:${portOf(http)}`,
    stop: async () => {
      http.closeAllConnections();
      await Promise.all([
        new Promise((resolve) => http.close(resolve)),
        new Promise<void>((resolve) => smtp.close(() => resolve())),
      ]);
    },
  };
}

function portOf(server: Pick<Server, 'address'>): number {
  return (server.address() as AddressInfo).port;
}

async function answer(folder: string, method: string, url: string): Promise<{ status: number; body: unknown }> {
  const path = url.split('?')[0];
  if (method !== 'GET') return { status: 405, body: { error: 'Only GET' } };
  if (path === '/messages') {
    const names = readdirSync(folder)
      .filter((name) => name.endsWith('.eml'))
      .sort()
      .reverse()
      .slice(0, LISTED);
    return {
      status: 200,
      body: await Promise.all(names.map(async (name) => (await read(folder, name.slice(0, -4))).summary)),
    };
  }
  const id = /^\/messages\/([^/]+)$/.exec(path ?? '')?.[1];
  if (id === undefined || !ID.test(id)) return { status: 404, body: { error: 'No such message' } };
  try {
    const { summary, text, html } = await read(folder, id);
    return { status: 200, body: { ...summary, text, html } };
  } catch {
    return { status: 404, body: { error: 'No such message' } };
  }
}

async function read(folder: string, id: string): Promise<{ summary: Summary; text: string; html: string }> {
  const mail = await PostalMime.parse(readFileSync(join(folder, `${id}.eml`)));
  const addresses = (list: readonly { address?: string | undefined }[] | undefined) =>
    (list ?? []).map((entry) => entry.address ?? '').join(', ');
  return {
    summary: {
      id,
      from: mail.from?.address ?? '',
      to: addresses(mail.to),
      subject: mail.subject ?? '',
      date: new Date(Number(id.slice(0, 13))).toISOString(),
      messageId: mail.messageId ?? '',
    },
    text: mail.text ?? '',
    html: mail.html ?? '',
  };
}
