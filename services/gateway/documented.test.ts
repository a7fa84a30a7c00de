import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { STANDARD_TYPES } from '#shared/contracts/standard-types.ts';
import { openMappingFile } from '#shared/mapping-files/mapping-file.ts';
import { STANDARD_SECRET, startHarness } from './fixtures/harness.ts';

/** The page for senders of Standard Webhooks, held to what it says: its lines are run as they stand. */
const PAGE = readFileSync(new URL('../../docs/platforms/standard-webhooks.md', import.meta.url), 'utf8');

const blocksOf = (language: string) =>
  [...PAGE.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(([, block]) => block!);
const [setUp = '', ...lines] = blocksOf('sh');

const run = promisify(execFile);
const isThere = (program: string) =>
  run(program, ['--version']).then(
    () => true,
    () =>
      run(program, ['version']).then(
        () => true,
        () => false,
      ),
  );
const shell = await Promise.all(['bash', 'curl', 'openssl'].map(isThere));
const missing = shell.every(Boolean) ? false : 'needs bash, curl and openssl';

describe('the documented lines for types that no platform sends', { skip: missing }, () => {
  let gateway: Awaited<ReturnType<typeof startHarness>>;
  before(async () => {
    gateway = await startHarness();
  });
  after(() => gateway.stop());

  const given = setUp.replace(/^URL=.*$/m, 'URL="$GATEWAY_URL"').replace(/^SECRET=.*$/m, 'SECRET="$GATEWAY_SECRET"');
  const send = (line: string) =>
    run('bash', ['-c', `set -euo pipefail\n${given}\n${line}`], {
      env: { ...process.env, GATEWAY_URL: `${gateway.base}/webhooks/shop-world`, GATEWAY_SECRET: STANDARD_SECRET },
    });

  const expected: [string, string, string, object][] = [
    [
      'competitor.price-changed',
      'sku:85123A',
      '2026-02-01T10:00:00.000Z',
      { competitor: 'Gift Barn', minor: 249, currency: 'GBP' },
    ],
    ['traffic.spiked', 'sku:85123A', '2026-02-01T10:05:00.000Z', { views: 900, baselineViews: 120, windowMinutes: 60 }],
    [
      'mention.detected',
      'store:shop',
      '2026-02-01T10:10:00.000Z',
      { sku: '85123A', source: 'Evening Post', sentiment: 'positive', reach: 40_000 },
    ],
    ['supplier.delayed', 'supplier:acme-ltd', '2026-02-01T10:15:00.000Z', { skus: ['85123A'], delayDays: 5 }],
  ];

  test('are four', () => assert.equal(lines.length, expected.length));

  for (const [index, [type, subject, time, data]] of expected.entries())
    test(type, async () => {
      const { stdout } = await send(lines[index]!);
      assert.equal(stdout, 'OK\n');
      await gateway.settled();
      const events = await gateway.sql`select subject, time, data from events where type = ${type}`;
      assert.deepEqual([...events], [{ subject, time, data }]);
    });

  test('do not hold under another secret', async () => {
    const other = lines[0]!.replace('sign ', 'SECRET=whsec_AAAA sign ');
    assert.match((await send(other)).stdout, /signature does not hold/);
  });
});

describe('the page for any other sender', () => {
  test('names every type that can be sent', () => {
    const missed = [...STANDARD_TYPES.values()].filter(
      ({ type, inReplayOnly }) => !inReplayOnly && !PAGE.includes(type),
    );
    assert.deepEqual(missed, []);
  });

  test('names every field that a type needs', () => {
    for (const [type, { data, inReplayOnly }] of STANDARD_TYPES) {
      if (inReplayOnly) continue;
      const row = PAGE.split('\n').find((line) => line.startsWith(`| \`${type}\` |`));
      const section = row ?? PAGE.slice(PAGE.indexOf(`### ${type}`)).split('```sh')[0]!;
      for (const field of Object.keys(data.shape)) assert.ok(section.includes(`\`${field}\``), `${type}: ${field}`);
    }
  });

  test('shows a mapping file that works', () => {
    const [text = ''] = blocksOf('yaml');
    const body = { kind: 'price', shop: 'Other', seen: 1_770_000_000, article: { number: 'A' }, price: '12.50' };
    assert.deepEqual(openMappingFile('rival-watch.yaml', text).tell(body), {
      type: 'competitor.price-changed',
      data: { sku: 'A', competitor: 'Other', priceMinor: 1_250, currency: 'GBP' },
      at: '2026-02-02T02:40:00.000Z',
    });
  });
});
