import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { collectApart } from './collect-apart.ts';
import type { Desk } from './desk.ts';
import { answerTo, DeskStage, priced } from './fixtures/desk-stage.ts';

describe('answers that Postgres cannot keep', () => {
  let stage: DeskStage;
  before(async () => {
    stage = await DeskStage.open();
  });
  after(() => stage.close());

  /** Three events, and what the agent says to each, brought together. */
  async function bring(makes: readonly ((event: Envelope) => ReturnType<typeof answerTo>)[]) {
    const desk = await stage.desk(await stage.store('A'));
    const events: Envelope[] = [];
    for (const _ of makes) events.push(await stage.happen(desk.store));
    await stage.pass(desk);
    const messages = makes.map((make, n) => make(events[n]!));
    await collectApart(desk, messages);
    await stage.pass(desk);
    assert.ok(
      messages.every(({ acked }) => acked),
      'none comes again',
    );
    return { desk, ...(await seen(desk)) };
  }

  async function seen({ store }: Desk) {
    const { sql } = stage.database;
    const decisions =
      await sql`select params->>'priceMinor' as price from decisions where store = ${store} order by seq`;
    const open = await sql`select 1 from rounds where store = ${store} and closed_as is null`;
    const letters = await sql`select kind, reason, detail, raw from dead_letters where store = ${store}`;
    return { prices: decisions.map((row) => row.price), open: open.length, letters: [...letters] };
  }

  const good = (minor: number) => (event: Envelope) => answerTo(event, [priced('A', minor)]);
  const because = (reason: string) => (event: Envelope) => answerTo(event, [{ ...priced('A', 970), reason }]);
  const deep = JSON.parse(`${'['.repeat(1_000)}${']'.repeat(1_000)}`) as unknown;
  const cases = [
    ['U+0000 in a reason', because('a\0b')],
    ['half a character in a reason', because('\ud83d')],
    ['U+0000 in a parameter', (event: Envelope) => answerTo(event, [{ ...priced('A', 970), params: { 'a\0': 1 } }])],
    ['half a character in a pass', (event: Envelope) => answerTo(event, [], { pass: '\ude00' })],
    ['a nesting that nobody needs', (event: Envelope) => answerTo(event, [{ ...priced('A', 970), params: { deep } }])],
    [
      'an unknown key that would be cut within a character',
      (event: Envelope) => answerTo(event, [], { [`x${'😀'.repeat(150)}`]: 1 }),
    ],
    ['an unknown key with U+0000', (event: Envelope) => answerTo(event, [], { 'a\0b': 1 })],
    [
      'one under another manifest with U+0000',
      (event: Envelope) => answerTo(event, [], { digest: 'another', pass: 'a\0b' }),
    ],
  ] as const;
  for (const [name, bad] of cases) {
    test(`${name}: no more than this answer is refused`, async () => {
      const { prices, open, letters } = await bring([good(960), bad, good(980)]);
      const foreign = name.includes('another manifest');
      // An answer that does not count is still owed, and holds back what comes after it.
      assert.deepEqual(prices, foreign ? ['960'] : ['960', '980']);
      assert.equal(open, foreign ? 2 : 0);
      assert.deepEqual(
        letters.map(({ kind, reason }) => [kind, reason]),
        [['answer', foreign ? 'foreign-digest' : 'malformed-answer']],
      );
      assert.ok(String(letters[0]!.detail).isWellFormed());
    });
  }

  test('whatever else Postgres refuses is set aside alone, and the others are taken in', async () => {
    const { sql } = stage.database;
    await sql`create function refuse() returns trigger language plpgsql as $$ begin
      if new.body->>'pass' = 'refuse me' then raise exception 'not this one' using errcode = '22000'; end if;
      return new; end $$`;
    await sql`create trigger refuse before insert on answers for each row execute function refuse()`;
    const bad = (event: Envelope) => answerTo(event, [], { pass: 'refuse me' });
    const { desk, prices, open, letters } = await bring([good(960), good(970), bad]);
    assert.deepEqual(prices, ['960', '970']);
    assert.equal(open, 1);
    assert.deepEqual(
      letters.map(({ kind, reason, detail }) => [kind, reason, detail]),
      [['message', 'malformed-answer', 'not this one']],
    );
    assert.match(letters[0]!.raw.text, /refuse me/);
    const next = await stage.happen(desk.store);
    assert.equal(await collectApart(desk, [answerTo(next, [priced('A', 990)])]), true);
  });
});
