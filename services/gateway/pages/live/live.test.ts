import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { LIMITS } from '#shared/runtime/limits.ts';
import { Seed } from '../../../../test/browser/seed.ts';
import { openStage, type Stage } from '../../../../test/browser/stage.ts';
import { parsePosition, writePosition } from './position.ts';

interface Message {
  event: string;
  id: string | undefined;
  data: { events?: { seq: number }[]; judged?: object[]; shown?: number; of?: number };
}

/** Reads a stream until `enough` says so, at most some seconds. */
async function listen(
  url: string,
  headers: Record<string, string>,
  enough: (all: Message[]) => boolean,
): Promise<Message[]> {
  const stop = AbortSignal.timeout(8_000);
  const response = await fetch(url, { headers, signal: stop });
  assert.equal(response.status, 200);
  const messages: Message[] = [];
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk, { stream: true });
    const parts = text.split('\n\n');
    text = parts.pop()!;
    for (const part of parts) {
      const get = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(part)?.[1];
      messages.push({ event: get('event')!, id: get('id'), data: JSON.parse(get('data') ?? '""') });
    }
    if (enough(messages)) break;
  }
  return messages;
}

const rowsOf = (messages: readonly Message[]) => messages.filter((message) => message.event === 'rows');
const seqsOf = (messages: readonly Message[]) =>
  rowsOf(messages).flatMap((message) => (message.data.events ?? []).map((event) => event.seq));

describe('positions', () => {
  test('are read as they were written, and nothing else is', () => {
    const position = new Map([
      ['sandbox', { events: 12, rounds: 11 }],
      ['replay-0a', { events: 0, rounds: 0 }],
    ]);
    assert.deepEqual(parsePosition(writePosition(position)), position);
    assert.deepEqual(parsePosition(''), new Map());
    for (const text of ['sandbox', 'sandbox:1', 'sandbox:1:-1', 'Sandbox:1:1', 'a:1:1,', "a:1:1' or"])
      assert.equal(parsePosition(text), undefined, text);
  });
});

describe('the live stream', () => {
  let stage: Stage;
  let seed: Seed;
  before(async () => {
    stage = await openStage();
    seed = new Seed(stage.database.sql);
    await seed.openStore();
    await seed.putAgents();
  });
  after(() => stage.close());

  const happen = async (times: number) => {
    for (let n = 0; n < times; n++)
      await seed.judge(await seed.happen({ type: 'stock.changed', subject: `sku:A${n}`, data: { level: n } }));
    stage.bell.signal('parley.event.7.sandbox.stock.changed', '{}');
  };

  test('brings what is new, once, and goes on after the id that it is given', async () => {
    await happen(3);
    const first = await listen(`${stage.operatorUrl}/api/live?from=`, {}, (all) => seqsOf(all).length >= 3);
    assert.deepEqual(
      seqsOf(first).sort((a, b) => a - b),
      [1, 2, 3],
    );
    const id = rowsOf(first).at(-1)!.id!;
    await happen(2);
    const next = await listen(
      `${stage.operatorUrl}/api/live`,
      { 'last-event-id': id },
      (all) => seqsOf(all).length >= 2,
    );
    assert.deepEqual(
      seqsOf(next).sort((a, b) => a - b),
      [4, 5],
    );
  });

  test('without a position begins now, and finds rows that no message announced', async () => {
    const listening = listen(`${stage.operatorUrl}/api/live`, {}, (all) => seqsOf(all).length >= 1);
    await new Promise((resolve) => setTimeout(resolve, 700));
    await seed.happen({ type: 'traffic.spiked', subject: 'sku:B', data: { views: 9 } });
    assert.deepEqual(seqsOf(await listening), [6]);
  });

  test('says how much it leaves out, and never leaves out a question', async () => {
    const [{ head } = { head: 0 }] = await stage.database.sql<{ head: number }[]>`select head from stores`;
    const escalation = await seed.ask();
    await happen(150);
    const from = `sandbox:${head}:${head}`;
    const messages = await listen(`${stage.operatorUrl}/api/live?from=${from}`, {}, (all) => rowsOf(all).length >= 1);
    const [frame] = rowsOf(messages);
    assert.ok(frame!.data.of! > 150);
    assert.ok(frame!.data.shown! < 60);
    assert.ok(JSON.stringify(frame!.data.judged).includes(escalation));
  });

  test('a status tells totals, open questions and services', async () => {
    stage.bell.signal('parley.alive.context', '{}');
    stage.bell.signal('parley.alive.coordinator', '{}');
    await stage.database
      .sql`insert into rule_candidates (store, hash, faults) values ('sandbox', null, '["money.yaml:3:1: no end"]')`;
    const kept = { executor: { state: 'restarting', restarts: 2 }, context: { state: 'up', restarts: 0 } };
    stage.bell.signal('parley.alive.setup', JSON.stringify({ services: kept }));
    const status = (await (await fetch(`${stage.operatorUrl}/api/status`)).json()) as {
      totals: { events: number; verdicts: Record<string, number>; escalationsOpen: number }[];
      services: { name: string; state: string }[];
      rules: { candidate: { faults: string[] } }[];
    };
    assert.equal(status.totals[0]!.verdicts.escalated, 2);
    assert.equal(status.totals[0]!.escalationsOpen, 1);
    const stateOf = (name: string) => status.services.find((service) => service.name === name)?.state;
    assert.equal(stateOf('context'), 'up');
    assert.equal(stateOf('pricing'), 'awaited');
    assert.equal(stateOf('executor'), 'restarting', 'as the launcher says');
    assert.equal(stateOf('setup'), undefined);
    assert.deepEqual(status.rules[0]!.candidate.faults, ['money.yaml:3:1: no end']);
  });

  test('the head says how much of a watching store is open, and follows when that changes', async () => {
    const { sql } = stage.database;
    const clocksOf = (messages: readonly Message[]) =>
      messages.flatMap(({ event, data }) => (event === 'status' ? [(data as { clocks: string }).clocks] : []));
    await sql`update stores set mode = 'watch'`;
    const page = async () => await (await fetch(`${stage.operatorUrl}/`)).text();
    assert.match(await page(), /watching only · /);
    const following = listen(`${stage.operatorUrl}/live`, {}, (all) =>
      clocksOf(all).some((clocks) => clocks.includes('2 areas open')),
    );
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await sql`insert into openings (store, agent, action) values ('sandbox', '*', 'order.hold'), ('sandbox', 'pricing', '*')`;
    const told = clocksOf(await following);
    assert.ok(told.some((clocks) => clocks.includes('watching only')));
    assert.ok(told.at(-1)!.includes('title="order.hold by every agent, all of pricing"'));
    assert.match(await page(), /watching, <span [^>]+>2 areas open<\/span> · /);
    await sql`delete from openings`;
    await sql`update stores set mode = 'live'`;
  });

  test('takes so many viewers and no more, and one that left makes room', async () => {
    const stop = new AbortController();
    const open = () => fetch(`${stage.operatorUrl}/live`, { signal: stop.signal });
    const viewers = await Promise.all(Array.from({ length: LIMITS.liveViewers }, open));
    assert.ok(viewers.every((response) => response.status === 200));
    const refused = await fetch(`${stage.operatorUrl}/live`);
    assert.equal(refused.status, 503);
    stop.abort();
    let status = 503;
    for (let attempt = 0; attempt < 40 && status === 503; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const again = new AbortController();
      ({ status } = await fetch(`${stage.operatorUrl}/live`, { signal: again.signal }));
      again.abort();
    }
    assert.equal(status, 200);
  });

  test('refuses a position that is none', async () => {
    assert.equal((await fetch(`${stage.operatorUrl}/live?from=nonsense`)).status, 400);
  });

  test('a decision is explained with its rivals, its conflict and the question that came of it', async () => {
    const escalation = await seed.ask();
    const page = await (
      await fetch(`${stage.operatorUrl}/decisions/${escalation.replace(/\.e0$/, '')}.pricing.1.0?part=body`)
    ).text();
    for (const part of ['big-conflict', 'competes', 'indirect', encodeURIComponent(escalation), 'v12'])
      assert.ok(page.includes(part), part);
    assert.equal((await fetch(`${stage.operatorUrl}/decisions/nothing`)).status, 404);
  });
});
