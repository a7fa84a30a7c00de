import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Api } from '../api.ts';
import { RULES_EXIT, UsageError } from '../command.ts';
import { Output } from '../output.ts';
import { sourcesCheck } from './sources-check.ts';

const GOOD = `sender: rival-watch
topic: body.kind
mappings:
  - when: body.kind == "map"
    type: map.changed
    data: { sku: body.sku, priceMinor: body.price, currency: '"GBP"' }
end: true
`;

const MAIL = `sender: front
mappings:
  - when: has(body.id)
    type: message.received
    data:
      message: body.id
      channel: '"mail"'
      topic: body.about
      # more
end: true
`;

describe('parley sources check', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-sources-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  async function run(operand: string, options: Record<string, unknown> = {}) {
    const written: string[] = [];
    const output = new Output(true, { write: (text) => written.push(text) });
    const api = new Api('http://127.0.0.1:1');
    const code = await sourcesCheck.run({ operands: [operand], options: options as never, api, output });
    return { code, last: JSON.parse(written.at(-1)!) };
  }

  test('says that a good file is fine, and whose webhooks it reads', async () => {
    const { code, last } = await run(file('good.yaml', GOOD));
    assert.deepEqual([code, last.ok, last.sender], [RULES_EXIT.fine, true, 'rival-watch']);
  });

  test('reads no device, which would never end', async () => {
    await assert.rejects(run('/dev/zero'), /a device or a pipe/);
    await assert.rejects(run(file('good.yaml', GOOD), { body: '/dev/zero' }), /a device or a pipe/);
  });

  test('says where a bad one is wrong', async () => {
    const { code, last } = await run(file('bad.yaml', GOOD.replace('body.sku', 'boddy.sku')));
    assert.equal(code, RULES_EXIT.unloadable);
    assert.deepEqual([last.faults[0].line, last.faults[0].column, last.faults[0].didYouMean], [6, 18, 'body']);
  });

  test('shows the event that a body becomes, and why another becomes none', async () => {
    const path = file('good.yaml', GOOD);
    const told = async (body: unknown) => await run(path, { body: file('body.json', JSON.stringify(body)) });
    const good = await told({ kind: 'map', sku: 'A', price: 250 });
    assert.equal(good.code, RULES_EXIT.fine);
    assert.deepEqual(good.last.event, { type: 'map.changed', data: { sku: 'A', priceMinor: 250, currency: 'GBP' } });
    const other = await told({ kind: 'heartbeat' });
    assert.deepEqual([other.code, other.last.topic], [RULES_EXIT.found, 'heartbeat']);
    const half = await told({ kind: 'map', price: 250 });
    assert.equal(half.code, RULES_EXIT.found);
    assert.match(half.last.why, /data\.sku/);
  });

  test('holds the event against its own contract, as the gateway would: closed lists, names and bounds', async () => {
    const why = async (body: object, more = '') => {
      const { code, last } = await run(file('mail.yaml', MAIL.replace('# more', more)), {
        body: file('body.json', JSON.stringify(body)),
      });
      return code === RULES_EXIT.fine ? 'fine' : last.why;
    };
    assert.equal(await why({ id: 'm1', about: 'damaged' }), 'fine');
    assert.match(await why({ id: 'm1', about: 'spam' }), /^It would fail at data\.topic: .*"damaged"/);
    assert.match(await why({ id: 'm 1 \u00e4', about: 'damaged' }), /^It would fail.*is no name/);
    assert.match(
      await why({ id: 'm1', about: 'damaged', at: '2026-02-01T10:00:00Z' }, 'order: body.at'),
      /data\.order/,
    );
  });

  test('says that a body is too large for the loops of a file, as the gateway would', async () => {
    const kinds = 'body.all.exists(one, one.contains("map")) ? "map" : "none"';
    const path = file('loops.yaml', GOOD.replace('topic: body.kind', `topic: '${kinds}'`));
    const all = [...Array.from({ length: 20_000 }, () => ''), 'x'.repeat(1_000_000)];
    const { code, last } = await run(path, { body: file('large.json', JSON.stringify({ all })) });
    assert.equal(code, RULES_EXIT.found);
    assert.match(last.why, /^It would fail: The body is too large/);
  });

  test('refuses a file that is not there, and a body that is no JSON', async () => {
    await assert.rejects(run(join(folder, 'none.yaml')), UsageError);
    await assert.rejects(run(file('good.yaml', GOOD), { body: file('body.txt', 'x') }), UsageError);
  });
});
