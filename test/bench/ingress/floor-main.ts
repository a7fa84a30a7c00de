import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openStore } from '#shared/store/connect.ts';
import { reportTo } from '../../processes/report.ts';

/**
 * The floor: what anybody would write who has to keep webhooks. Bare node:http, the same HMAC, one committed insert of the
 * same row a webhook, over the driver's usual pool of ten connections. As the superuser: no policy is looked at.
 */
const [url, secret] = process.argv.slice(2) as [string, string];
const sql = openStore({ url, service: 'floor', connections: 10, keepPlans: true });
await Promise.all(Array.from({ length: 10 }, () => sql`select pg_sleep(0.05)`));

function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

const server = createServer(async (request, response) => {
  const body = await bodyOf(request);
  const given = Buffer.from(String(request.headers['x-shopify-hmac-sha256']), 'base64');
  const expected = createHmac('sha256', secret).update(body).digest();
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    response.writeHead(401).end();
    return;
  }
  const topic = String(request.headers['x-shopify-topic']);
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => name.startsWith('x-shopify-') && !name.endsWith('hmac-sha256')),
  );
  const key = `${topic}|event|${request.headers['x-shopify-event-id']}`;
  await sql`
    insert into floor_deliveries (id, store, endpoint, key, topic, headers, body, digest)
    values (${randomUUID()}, 'shop', 'shop', ${key}, ${topic}, ${sql.json(headers as never)}, ${body}, ${given})
    on conflict do nothing`;
  response.writeHead(200, { 'Content-Type': 'text/plain' }).end('OK\n');
});
server.listen(0, '127.0.0.1', () => reportTo({ public: (server.address() as AddressInfo).port }));
