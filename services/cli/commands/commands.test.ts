import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Seed } from '../../../test/browser/seed.ts';
import { openStage, type Stage } from '../../../test/browser/stage.ts';
import { Api } from '../api.ts';
import { type Command, EXIT } from '../command.ts';
import { Output } from '../output.ts';
import { contextGet } from './context-get.ts';
import { deadLettersList, deadLettersRedrive } from './dead-letters.ts';
import { doctor } from './doctor.ts';
import { explain } from './explain.ts';
import { tail } from './tail.ts';

describe('commands against the operator API', () => {
  let stage: Stage;
  let intents: string[];
  before(async () => {
    stage = await openStage();
    const seed = new Seed(stage.database.sql);
    await seed.openStore();
    const event = await seed.happen({ type: 'order.flagged', subject: 'order:1', data: { level: 'high' } });
    intents = await seed.judge(
      event,
      [
        {
          agent: 'orders',
          action: 'order.hold',
          resource: 'order:1',
          verdict: 'granted',
          rule: 'safety-first',
          detail: 'risk \u001b[31mhigh',
          said: 'Two countries.',
        },
        {
          agent: 'support',
          action: 'order.release',
          resource: 'order:1',
          verdict: 'denied',
          rule: 'safety-first',
          detail: 'safety ranks first',
        },
      ],
      'direct',
    );
    await stage.database.sql`
      insert into facts (store, resource, attribute, value, version, time, source, observed_at)
      values ('sandbox', 'sku:85123A', 'price', '{"minor":295,"currency":"GBP"}', 4, now(), 'shopify:products/update', now())`;
  });
  after(() => stage.close());

  async function run(
    command: Command,
    operands: string[],
    options: Record<string, string | boolean> = {},
    fetcher?: typeof fetch,
  ) {
    let text = '';
    let notes = '';
    const output = new Output(
      options.json === true,
      { write: (part) => (text += part) },
      { write: (part) => (notes += part) },
    );
    const code = await command.run({ operands, options, api: new Api(stage.operatorUrl, fetcher), output });
    return { code, text, notes, last: () => JSON.parse(text.trim().split('\n').at(-1)!) };
  }

  test("explain tells rule, reasons, words, rival and conflict, without anybody's control characters", async () => {
    const { code, text } = await run(explain, [intents[0]!]);
    assert.equal(code, EXIT.done);
    for (const part of [
      'granted',
      'safety-first: risk',
      'Two countries.',
      'direct: orders order.hold order:1 against support',
      'denied    support order.release',
      'action done',
    ])
      assert.ok(text.includes(part), `${part} in ${text}`);
    assert.ok(!text.includes('\u001b[31mhigh'));
  });

  test('explain finds an intent by the beginning of its id, and says so where several begin so', async () => {
    const whole = intents[0]!;
    assert.equal((await run(explain, [whole.slice(0, -3)], { json: true })).last().decision.intent, whole);
    await assert.rejects(run(explain, [whole.slice(0, 20)]), (error: Error) => error.message.includes(intents[1]!));
    await assert.rejects(run(explain, ['nothing']), /No decision/);
  });

  test('context get shows facts with their versions', async () => {
    const { text } = await run(contextGet, ['sku:85123A']);
    assert.match(text, /price\s+v4 .*"minor":295/);
    assert.deepEqual((await run(contextGet, ['sku:85123A'], { json: true })).last().facts[0].value, {
      minor: 295,
      currency: 'GBP',
    });
    await assert.rejects(run(contextGet, ['sku:none']), /Nothing is known/);
    await assert.rejects(run(contextGet, ['nonsense']), { name: 'UsageError', message: /not a resource key/ });
  });

  test('tail follows, oldest first, and stops after so many lines', async () => {
    const seed = new Seed(stage.database.sql);
    const following = run(tail, [], { count: '3', json: true });
    await new Promise((resolve) => setTimeout(resolve, 600));
    for (const n of [1, 2, 3, 4]) await seed.happen({ type: 'order.paid', subject: `order:${n}` });
    stage.bell.signal('parley.event.7.sandbox.order.paid', '{}');
    const { code, text, last } = await following;
    assert.equal(code, EXIT.done);
    assert.deepEqual(last(), { ok: true, lines: 3 });
    const subjects = text
      .trim()
      .split('\n')
      .slice(0, 3)
      .map((row) => JSON.parse(row).subject);
    assert.deepEqual(subjects, ['order:1', 'order:2', 'order:3']);
  });

  test('tail of one verdict shows decisions with it, and neither events nor conflicts', async () => {
    const frame = {
      events: [{ seq: 1, type: 'order.paid', subject: 'order:1', store: 'sandbox', now: '2026-05-05', data: {} }],
      judged: [
        { conflict: { seq: 2, class: 'direct', members: [], store: 'sandbox', now: '2026-05-05' } },
        { decision: { seq: 3, verdict: 'denied', reasons: [], store: 'sandbox', now: '2026-05-05' } },
      ],
      shown: 3,
      of: 3,
    };
    const stream = `id: 1\nevent: rows\ndata: ${JSON.stringify(frame)}\n\n`;
    const fetcher = (async () =>
      new Response(stream, { headers: { 'content-type': 'text/event-stream' } })) as unknown as typeof fetch;
    const kinds = async (options: Record<string, string>) => {
      const { text } = await run(tail, [], { ...options, json: true }, fetcher);
      return text
        .trim()
        .split('\n')
        .slice(0, -1)
        .map((row) => JSON.parse(row).kind);
    };
    assert.deepEqual(await kinds({ verdict: 'denied', count: '1' }), ['decision']);
    assert.deepEqual(await kinds({ only: 'decisions', count: '2' }), ['conflict', 'decision']);
    assert.deepEqual(await kinds({ count: '3' }), ['event', 'conflict', 'decision']);
  });

  test('tail refuses what does not exist, instead of following nothing for ever', async () => {
    const refused = (options: Record<string, string>, message: RegExp) =>
      assert.rejects(run(tail, [], options), { name: 'UsageError', message });
    await refused({ verdict: 'grantet' }, /no verdict "grantet".*Did you mean "granted"/);
    await refused({ store: 'sandbx' }, /no store "sandbx".*Did you mean "sandbox".*There are: sandbox/);
    await refused({ agent: 'nobody' }, /no agent "nobody"/);
  });

  test('dead letters are listed and redriven', async () => {
    const letters = [
      {
        store: 'sandbox',
        id: 'l1',
        service: 'gateway',
        kind: 'delivery',
        ref: 'd1',
        reason: 'unknown-shape',
        detail: 'no id',
        at: '2011-10-03T09:00:00.000Z',
        redrivenAt: null,
      },
    ];
    const calls: string[] = [];
    const api = (async (address: string, init: RequestInit) => {
      calls.push(`${init.method} ${new URL(address).pathname}`);
      return Response.json(init.method === 'POST' ? { redriven: true } : { deadLetters: letters });
    }) as unknown as typeof fetch;
    assert.match(
      (await run(deadLettersList, [], {}, api)).text,
      /l1\s+2011-10-03T09:00:00\s+sandbox\s+delivery\s+unknown-shape\s+no id/,
    );
    assert.deepEqual((await run(deadLettersRedrive, [], { all: true, json: true }, api)).last(), {
      redriven: 1,
      refused: [],
    });
    assert.equal(calls.at(-1), 'POST /api/dead-letters/sandbox/l1/redrive');
    await assert.rejects(run(deadLettersRedrive, []), /say --all/);
  });

  test('doctor says what is wrong and what to do', async () => {
    const { code, text } = await run(doctor, []);
    assert.equal(code, EXIT.failed, 'this stage has no health routes');
    assert.match(text, /WRONG {2}database/);
    assert.match(text, /well {3}stores: sandbox/);
    const away = (async () => {
      throw new Error('refused');
    }) as unknown as typeof fetch;
    assert.match((await run(doctor, [], {}, away)).text, /nobody answers.*\n.*npm start/);
  });
});
