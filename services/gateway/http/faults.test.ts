import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Hono } from 'hono';
import type { Logger } from '#shared/runtime/logger.ts';
import { startHarness } from '../fixtures/harness.ts';
import { answerFaults } from './faults.ts';

describe('a route that throws', () => {
  const logged: { level: string; fields: { route?: string } }[] = [];
  const log = (level: string) => (fields: { route?: string }) => logged.push({ level, fields });
  const logger = { info: log('info'), error: log('error') } as unknown as Logger;
  const app = new Hono().onError(answerFaults(logger));
  const coded = (code: string) => Object.assign(new Error('told by Postgres'), { code });
  for (const prefix of ['/api', '/escalations']) {
    app.get(`${prefix}/:token/:fault`, (context) => {
      throw coded(context.req.param('fault'));
    });
  }

  const cases = [
    ['the database is away', 'CONNECTION_CLOSED', 503, 'database-unavailable', 'info'],
    ['the database is shutting down', '57P01', 503, 'database-unavailable', 'info'],
    ['a value that no column can hold', '22021', 400, 'bad-input', 'info'],
    ['anything else', 'oops', 500, 'internal-error', 'error'],
  ] as const;
  for (const [name, code, status, error, level] of cases) {
    test(`${name}: ${status}, as a page or as JSON, and one line without the path`, async () => {
      logged.length = 0;
      const page = await app.request(`/escalations/s3cret/${code}`);
      const json = await app.request(`/api/s3cret/${code}`);
      assert.deepEqual([page.status, json.status], [status, status]);
      assert.match(page.headers.get('content-type') ?? '', /html/);
      assert.equal(((await json.json()) as { error: string }).error, error);
      assert.equal(page.headers.get('retry-after'), status === 503 ? '1' : null);
      assert.doesNotMatch(await page.text(), /told by Postgres/);
      assert.deepEqual(
        logged.map((line) => [line.level, line.fields.route]),
        [
          [level, '/escalations/:token/:fault'],
          [level, '/api/:token/:fault'],
        ],
      );
    });
  }
});

describe('the gateway', { timeout: 60_000 }, () => {
  let gateway: Awaited<ReturnType<typeof startHarness>>;
  before(async () => {
    gateway = await startHarness();
  });
  after(() => gateway.stop());

  for (const path of ['/decisions/%00', '/escalations/by-id/%00', '/api/summary?store=%00', '/api/decisions/%00']) {
    test(`${path} is refused, not failed`, async () => {
      assert.equal((await fetch(`${gateway.operator}${path}`)).status, 400);
    });
  }

  const slow = {
    'a body that does not come': 'POST /webhooks/shop HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n{}',
    'headers that do not come': 'POST /webhooks/shop HTTP/1.1\r\nHost: a\r\n',
  };
  describe('cuts off', { concurrency: true }, () => {
    for (const [name, text] of Object.entries(slow)) {
      test(`${name}, in time`, async () => {
        const startedAt = performance.now();
        const socket = connect(Number(new URL(gateway.base).port), '127.0.0.1');
        socket.on('error', () => {});
        socket.write(text);
        await new Promise<void>((resolve) => socket.resume().once('close', () => resolve()));
        assert.ok(performance.now() - startedAt < 20_000);
      });
    }
  });
});
