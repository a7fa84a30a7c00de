import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { inspect } from 'node:util';
import pino from 'pino';
import { openHttp, storeOrigin } from '#shared/connectors/outbound.ts';
import { SHOPIFY_IDS } from '#shared/connectors/testing/contract.ts';
import { WOO_IDS } from '#shared/connectors/testing/woocommerce/fake-woo.ts';
import { systemClocks } from '#shared/runtime/clocks.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import { seal } from '#shared/runtime/seal.ts';
import { takeDueActions } from '#shared/store/executor/due-actions.ts';
import { inStores } from '#shared/store/transaction.ts';
import { ActionLoop } from './action-loop.ts';
import { carryOut } from './carry-out.ts';
import { Connectors } from './connectors.ts';
import { deadlineIn } from './deps.ts';
import { lookAtUnknown } from './look-after.ts';
import { type Bench, openBench, STORE, seedAction } from './testing/bench.ts';

const SECRET = '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';
const WOO = { key: 'ck_1a2b3c4d5e6f', secret: 'cs_9f8e7d6c5b4a' };
/** So long may a call be tried; a refusal is there at once. */
const CALL_MS = 300;
/** In whatever form they could be told: as they are, in JSON, in a header, in an address. */
const FORMS = [SECRET, WOO.key, WOO.secret, Buffer.from(`${WOO.key}:${WOO.secret}`).toString('base64')].flatMap(
  (text) => [
    text,
    encodeURIComponent(text),
    Buffer.from(text).toString('base64').slice(0, -4),
    Buffer.from(text).toString('hex'),
  ],
);

/** A store that tells everything that it was sent, in every way in which a call can go wrong. */
const FAILINGS: Readonly<Record<string, RequestListener>> = {
  'refuses the credential': (request, response) => response.writeHead(401).end(JSON.stringify(request.headers)),
  forbids: (request, response) =>
    response.writeHead(403).end(JSON.stringify({ code: 'x', message: request.rawHeaders.join() })),
  'breaks off': (request) => request.socket.destroy(),
  'has an error': (request, response) => response.writeHead(500).end(request.rawHeaders.join()),
  'is away': (_request, response) => response.writeHead(503).end(),
  'says what is no JSON': (request, response) => response.end(`<html>${request.rawHeaders.join()}`),
  'leads elsewhere': (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  'repeats the credential as an error': (request, response) => {
    const said = `${request.headers['x-shopify-access-token'] ?? request.headers.authorization} is wrong`;
    const refusal = request.headers['x-shopify-access-token']
      ? { errors: [{ message: said }] }
      : { code: 'wrong', message: said };
    response.writeHead(request.headers['x-shopify-access-token'] ? 200 : 400).end(JSON.stringify(refusal));
  },
};

describe('credentials', () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  const use = async (platform: 'sandbox' | 'woocommerce', text: string, url: string) => {
    const { sql } = bench.database;
    await sql`delete from credentials`;
    const sealed = seal(bench.master, `credential:${STORE}:${platform}`, Buffer.from(text));
    await sql`insert into credentials (store, platform, sealed, url) values (${STORE}, ${platform}, ${sealed}, ${url})`;
    for (const [resource, value] of Object.entries(platform === 'sandbox' ? SHOPIFY_IDS : WOO_IDS))
      await sql`update facts set value = ${sql.json(value)} where resource = ${resource} and attribute = 'product'`;
  };
  const everythingWritten = async () => {
    const { sql } = bench.database;
    const tables = await Promise.all([
      sql`select * from actions`,
      sql`select * from events`,
      sql`select * from dead_letters`,
    ]);
    return JSON.stringify([tables, bench.published]);
  };

  for (const platform of ['sandbox', 'woocommerce'] as const)
    for (const [name, listener] of Object.entries(FAILINGS))
      test(`${platform}: a store that ${name} makes nobody tell the credential`, () =>
        withServer(listener, async (url) => {
          await use(platform, platform === 'sandbox' ? SECRET : JSON.stringify(WOO), url);
          const logs: string[] = [];
          const logger: Logger = pino({ level: 'trace' }, { write: (line: string) => void logs.push(line) }) as never;
          const open = () => openHttp(storeOrigin('sandbox', url));
          const connectors = new Connectors({ master: bench.master, clocks: systemClocks, logger, open });
          const deps = { ...bench.life(), logger, connectors };
          const action = `${platform} ${name}`.replaceAll(' ', '-');
          const params = { sku: 'A', priceMinor: 299, currency: 'GBP' };
          await bench.database.sql`delete from actions`;
          await seedAction(bench.database, { action, type: 'price.set', leaves: ['sku:A'], params });
          const due = await inStores(deps.sql, [STORE], (tx) => takeDueActions(tx, deps.owner, ['price.set'], 1));
          for (const taken of due) await carryOut(taken, deadlineIn(CALL_MS, deps.clocks), deps);
          await bench.database
            .sql`update actions set next_look_at = clock_timestamp() - interval '1 second' where state = 'unknown'`;
          await lookAtUnknown([STORE], deps);
          const told = `${logs.join('')}\n${await everythingWritten()}\n${inspect(connectors, { depth: 2 })}`;
          assert.ok(logs.join('').includes(action), 'something was logged');
          for (const form of FORMS) {
            const at = told.indexOf(form);
            assert.equal(at, -1, `told: ${told.slice(Math.max(0, at - 200), at + 60)}`);
          }
          connectors.close();
        }));

  test('what a store does not permit is set aside for a person, once and not for each action', async () => {
    const { sql } = bench.database;
    await sql`delete from dead_letters`;
    await sql`delete from actions`;
    await use('sandbox', 'another token', bench.store.url);
    for (const order of ['p', 'q', 'r'])
      await seedAction(bench.database, {
        action: order,
        type: 'order.tag',
        leaves: [`order:${order}`],
        params: { order, tag: 'late' },
      });
    const open = () => openHttp(storeOrigin('sandbox', bench.store.url));
    const life = bench.life();
    const connectors = new Connectors({ master: bench.master, clocks: systemClocks, logger: life.logger, open });
    const loop = new ActionLoop({ ...life, connectors }, () => [STORE]);
    await loop.tick();
    await loop.run(AbortSignal.abort());
    const ends = await sql`select state, reason from actions`;
    assert.deepEqual(
      ends.map(({ state, reason }) => `${state} ${reason}`),
      Array(3).fill('failed not-permitted'),
    );
    const letters = await sql`select kind, reason, detail from dead_letters`;
    assert.equal(letters.length, 1);
    assert.match(letters[0]!.detail, /does not permit order\.tag: .*401.*store test shop/);
  });
});

async function withServer(listener: RequestListener, body: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
