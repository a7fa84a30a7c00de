import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Seed } from '../../../../test/browser/seed.ts';
import { openStage, type Stage } from '../../../../test/browser/stage.ts';
import { isThisMachine } from './same-origin.ts';

const tokenOf = (letter: string) => letter.repeat(43);

describe('links in mails', () => {
  let stage: Stage;
  let seed: Seed;
  before(async () => {
    stage = await openStage();
    seed = new Seed(stage.database.sql);
    await seed.openStore();
  });
  after(() => stage.close());

  const page = (token: string) => `${stage.publicUrl}/escalations/${token}`;
  const row = async (escalation: string) => {
    const [found] = await stage.database.sql<{ state: string; digest: string }[]>`
      select state, digest from escalations where escalation = ${escalation}`;
    return found!;
  };
  const post = async (token: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(page(token), {
      method: 'POST',
      headers: { origin: stage.publicUrl, ...headers },
      body: new URLSearchParams(fields),
    });
  const answer = async (token: string, escalation: string, option = 'proposed', headers = {}) =>
    post(token, { option, digest: (await row(escalation)).digest }, headers);

  test('looking decides nothing and does not use the link up', async () => {
    const escalation = await seed.ask({ token: tokenOf('a') });
    for (const method of ['GET', 'HEAD', 'GET', 'GET']) {
      const response = await fetch(page(tokenOf('a')), { method });
      assert.equal(response.status, 200);
    }
    await Promise.all(Array.from({ length: 50 }, async () => (await fetch(page(tokenOf('a')))).text()));
    assert.equal((await row(escalation)).state, 'open');
    assert.equal((await answer(tokenOf('a'), escalation)).status, 200);
  });

  test('every answer of ours has the headers of a page that decides', async () => {
    await seed.ask({ token: tokenOf('b') });
    for (const response of [
      await fetch(page(tokenOf('b'))),
      await fetch(page(tokenOf('?'))),
      await post(tokenOf('b'), { option: 'x' }),
    ]) {
      const policy = response.headers.get('content-security-policy') ?? '';
      for (const part of ["default-src 'none'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'"])
        assert.ok(policy.includes(part), `${part} in ${policy}`);
      assert.ok(!policy.includes('script-src'), 'nothing runs on a page with a decision');
      assert.equal(response.headers.get('referrer-policy'), 'same-origin');
      assert.equal(response.headers.get('cache-control'), 'no-store');
      assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
      assert.doesNotMatch(await response.text(), /(?:src|href|action)="(?:https?:)?\/\//, 'nothing of anybody else');
    }
  });

  test('like cases are shown with what was chosen and how alike they were', async () => {
    await seed.ask({ token: tokenOf('Q') });
    const text = await (await fetch(page(tokenOf('Q')))).text();
    assert.match(
      text,
      /Like cases before.*marketing promotion\.launch.*same category, objective; other size of the stake/s,
    );
  });

  test('one answer: the row, the ruling and the event are written together', async () => {
    const escalation = await seed.ask({ token: tokenOf('c') });
    const { digest } = await row(escalation);
    const response = await post(tokenOf('c'), {
      option: 'alternative',
      digest,
      note: 'As agreed\u0007 in the meeting',
    });
    assert.equal(response.status, 200);
    assert.match(await response.text(), /Received\./);
    assert.equal((await row(escalation)).state, 'answered');
    const [ruling] = await stage.database.sql`select "by", option, note from rulings where escalation = ${escalation}`;
    assert.deepEqual(
      { ...ruling },
      { by: 'trading@example.invalid', option: 'alternative', note: 'As agreed  in the meeting' },
    );
    const [kept] = await stage.database.sql`select features from rulings where escalation = ${escalation}`;
    assert.deepEqual(
      [kept?.features.option, kept?.features.carriedOut, kept?.features.parties[1].agent],
      ['alternative', [1], 'marketing'],
    );
    const events = await stage.database
      .sql`select subject, depth, data from events where type = 'ruling.given' and data->>'escalation' = ${escalation}`;
    assert.equal(events.length, 1);
    assert.equal(events[0]!.subject, `escalation:${escalation}`);
    assert.deepEqual(events[0]!.data, { escalation, option: 'alternative', by: 'person' });
    const told = stage.bell.published.filter((message) => message.subject.endsWith('.sandbox.ruling.given'));
    assert.ok(told.length > 0);
    assert.ok(!JSON.stringify(told).includes('As agreed'), 'what a person wrote stays in Postgres');
  });

  test('of fifty answers at once one is taken, and the others are shown the outcome', async () => {
    const escalation = await seed.ask({ token: tokenOf('d') });
    const { digest } = await row(escalation);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        post(tokenOf('d'), { option: index % 2 ? 'nothing' : 'proposed', digest }),
      ),
    );
    const statuses = answers.map((response) => response.status);
    assert.equal(statuses.filter((status) => status === 200).length, 1);
    assert.equal(statuses.filter((status) => status === 409).length, 49);
    const texts = await Promise.all(answers.map((response) => response.text()));
    assert.equal(texts.filter((text) => /answered already/.test(text)).length, 49);
    const events = await stage.database
      .sql`select 1 from events where type = 'ruling.given' and data->>'escalation' = ${escalation}`;
    assert.equal(events.length, 1);
  });

  test('a form that is not ours is refused', async () => {
    const escalation = await seed.ask({ token: tokenOf('e') });
    const { digest } = await row(escalation);
    const fields = { option: 'proposed', digest };
    const body = () => new URLSearchParams(fields);
    const foreign: Record<string, string>[] = [
      {},
      { origin: 'null' },
      { origin: 'https://evil.example' },
      { origin: stage.publicUrl, 'sec-fetch-site': 'cross-site' },
      { origin: stage.publicUrl, 'sec-fetch-site': 'same-site' },
      { origin: 'http://evil.example:8080', 'sec-fetch-site': 'same-origin' },
      { origin: 'null', 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'none' },
    ];
    for (const headers of foreign) {
      const response = await fetch(page(tokenOf('e')), { method: 'POST', headers, body: body() });
      assert.equal(response.status, 403, JSON.stringify(headers));
    }
    assert.equal((await row(escalation)).state, 'open');
    assert.equal((await post(tokenOf('e'), fields, { 'sec-fetch-site': 'same-origin' })).status, 200);
  });

  test('what was shown must be what is asked, and an option must be one of them', async () => {
    const escalation = await seed.ask({ token: tokenOf('f') });
    assert.equal((await post(tokenOf('f'), { option: 'proposed', digest: 'of something else' })).status, 409);
    assert.equal((await answer(tokenOf('f'), escalation, 'everything')).status, 400);
    assert.equal((await post(tokenOf('f'), { digest: 'x' })).status, 400);
    assert.equal((await post(tokenOf('f'), { option: 'proposed', digest: 'x', note: 'x'.repeat(40_000) })).status, 413);
    const json = await fetch(page(tokenOf('f')), {
      method: 'POST',
      headers: { origin: stage.publicUrl, 'content-type': 'application/json' },
      body: '{"option":"proposed"}',
    });
    assert.equal(json.status, 400);
    assert.equal((await row(escalation)).state, 'open');
  });

  test('a mail that showed other options no longer decides', async () => {
    const escalation = await seed.ask({ token: tokenOf('g') });
    await stage.database.sql`update escalations set digest = 'changed since' where escalation = ${escalation}`;
    assert.equal((await answer(tokenOf('g'), escalation)).status, 409);
    assert.equal((await row(escalation)).state, 'open');
  });

  test('too late, overtaken and unknown', async () => {
    const late = await seed.ask({ token: tokenOf('h'), hours: -1 });
    assert.equal((await answer(tokenOf('h'), late)).status, 410);
    assert.equal((await row(late)).state, 'open', 'the timer ends it, not the late answer');
    for (const [letter, state] of [
      ['i', 'superseded'],
      ['j', 'voided'],
    ] as const) {
      const over = await seed.ask({ token: tokenOf(letter) });
      await stage.database.sql`update escalations set state = ${state} where escalation = ${over}`;
      assert.equal((await answer(tokenOf(letter), over)).status, 410, state);
      assert.equal((await fetch(page(tokenOf(letter)))).status, 200, 'what came of it can be seen');
    }
    for (const token of [tokenOf('z'), 'short', `${tokenOf('a')}a`, '..%2f..', encodeURIComponent("' or 1=1 --")]) {
      assert.equal((await fetch(page(token))).status, 404, token);
      assert.equal((await post(token, { option: 'proposed', digest: 'x' })).status, 404, token);
    }
  });

  test('a reminder leads to the same question, and its link dies with the answer', async () => {
    const escalation = await seed.ask({ token: tokenOf('k') });
    const { digestOf } = await import('../../../../test/browser/seed.ts');
    await stage.database.sql`
      insert into mails (store, mail, recipient, kind, escalation, message_id, token_hash, digest, state)
      values ('sandbox', ${`${escalation}.r0`}, 'owner@example.invalid', 'reminder', ${escalation}, '<r>', ${digestOf(tokenOf('l'))}, '', 'sent')`;
    assert.equal((await answer(tokenOf('l'), escalation)).status, 200);
    assert.equal((await answer(tokenOf('k'), escalation)).status, 409);
    const [ruling] = await stage.database.sql`select "by" from rulings where escalation = ${escalation}`;
    assert.equal(ruling!.by, 'owner@example.invalid');
  });

  test('texts of agents and people are shown as text, without what would disturb the page', async () => {
    await seed.ask({
      token: tokenOf('m'),
      reason: `<script>alert(1)</script>\u202egnp.exe ${'x'.repeat(5_000)}`,
      title: '"><img src=x onerror=alert(1)>',
    });
    const text = await (await fetch(page(tokenOf('m')))).text();
    assert.doesNotMatch(text, /<script|<img|\u202e/);
    assert.match(text, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
    assert.ok(!text.includes('x'.repeat(2_001)), 'bounded');
  });

  test('the operator sees questions, and answers what nobody was mailed', async () => {
    const escalation = await seed.ask({ token: tokenOf('n') });
    const path = `${stage.operatorUrl}/escalations/by-id/${escalation}`;
    const list = await (await fetch(`${stage.operatorUrl}/escalations`)).text();
    assert.ok(list.includes(encodeURIComponent(escalation)));
    assert.equal((await fetch(`${stage.operatorUrl}/escalations/${tokenOf('n')}`)).status, 404);
    assert.doesNotMatch(await (await fetch(path)).text(), /Nobody was mailed/);
    await stage.database.sql`delete from mails where escalation = ${escalation}`;
    const whole = await (await fetch(path)).text();
    assert.match(whole, /answer by/);
    assert.match(whole, /Nobody was mailed/);
    assert.match(whole, /<form method="post"/);
    const body = () =>
      new URLSearchParams({ option: 'nothing', digest: /name="digest" value="([^"]+)"/.exec(whole)![1]! });
    const send = (headers: Record<string, string>) => fetch(path, { method: 'POST', headers, body: body() });
    for (const headers of [{}, { origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }] as Record<
      string,
      string
    >[])
      assert.equal((await send(headers)).status, 403, JSON.stringify(headers));
    assert.equal((await row(escalation)).state, 'open');
    assert.equal((await send({ 'sec-fetch-site': 'same-origin' })).status, 200);
    assert.equal((await send({ 'sec-fetch-site': 'same-origin' })).status, 409);
    const [ruling] = await stage.database.sql`select "by", option from rulings where escalation = ${escalation}`;
    assert.deepEqual({ ...ruling }, { by: 'operator', option: 'nothing' });
  });

  test('an answer under a name that is not this machine’s is refused on the operator’s listener', () => {
    assert.ok(isThisMachine('http://localhost:8081/escalations/by-id/x'));
    assert.ok(isThisMachine('http://[::1]:8081/'));
    for (const url of ['http://rebound.example:8081/', 'http://127.0.0.1.example/', 'http://10.0.0.7/'])
      assert.ok(!isThisMachine(url), url);
  });
});
