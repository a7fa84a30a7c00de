import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { PermanentError, TransientError, UnknownOutcomeError } from '#shared/kernel/errors.ts';
import { MailLoop } from './mail-loop.ts';
import { type Bench, openBench, START, STORE } from './testing/bench.ts';

const QUESTION = {
  title: '2 wishes collide on sku:A',
  summary: 'moves £6,000.00 of revenue',
  class: 'direct',
  resources: ['sku:A'],
  why: 'A clash that moves more than £5,000 is for a person.',
  rule: 'big-conflict',
  agents: [
    {
      agent: 'pricing',
      action: 'price.set',
      resource: 'sku:A',
      params: { priceMinor: 299 },
      reason: 'Bcc: a@b.c\n<script>x</script>',
    },
  ],
  stake: { measure: 'revenueMinor', amount: 600_000, currency: 'GBP', text: '£6,000.00' },
  likeCases: [{ option: 'nothing', by: 'ann', at: START }],
};
const OPTIONS = [
  { id: 'proposed', label: 'pricing: price.set on sku:A', effect: 'moves £6,000.00', impact: {}, intents: [] },
  { id: 'nothing', label: 'Do nothing', effect: 'None of it is carried out.', impact: {}, intents: [] },
];

describe('mail to people who decide', () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
    await bench.database.sql`
      insert into escalations (store, escalation, seq, key, instance, rule, question, options, members, digest, stake, default_option, deadline, tier, state, opened_at)
      select ${STORE}, e, 1, 'k', 'i', 'big-conflict', ${bench.database.sql.json(QUESTION)}, ${bench.database.sql.json(OPTIONS)}, '[]', 'd', '{}', 'nothing',
        '2026-11-23T15:00:00.000Z', 'trading', case when e = 'closed' then 'ruled' else 'open' end, ${START} from unnest(array['open', 'closed', 'odd']) e`;
    await bench.database.sql`update escalations set question = '{"nothing": true}' where escalation = 'odd'`;
  });
  after(() => bench.close());

  const seed = (mail: string, escalation: string, kind = 'escalation') => bench.database.sql`
    insert into mails (store, mail, recipient, kind, escalation, message_id, digest)
    values (${STORE}, ${mail}, 'owner@example.invalid', ${kind}, ${escalation}, ${`<shop.${mail}@parley.local>`}, 'd')`;
  const row = async (mail: string) => {
    const [found] = await bench.database.sql<{ state: string; tokenHash: string | null; attempts: number }[]>`
      select state, token_hash as "tokenHash", attempts from mails where mail = ${mail}`;
    return found!;
  };
  const work = async () => {
    const loop = new MailLoop(bench.life(), () => [STORE]);
    await loop.tick();
    await loop.settled();
  };
  const dueNow = (mail: string) =>
    bench.database.sql`update mails set due_at = clock_timestamp() - interval '1 second' where mail = ${mail}`;
  const tokenIn = (text: string) => /\/escalations\/([\w-]{43})(?:\s|$)/.exec(text)?.[1] ?? '';

  test("carries question, options, reasons, default, deadline in the shop's zone, and a link whose token is kept as a hash only", async () => {
    await seed('m1', 'open');
    await work();
    const letter = bench.mail.left.at(-1)!;
    for (const part of [
      'big-conflict',
      'price.set',
      '£6,000.00',
      'Mon 23 Nov 2026, 15:00 (Europe/London)',
      '[happens without an answer]',
      '  > <script>x</script>',
      'on the machine that Parley runs on',
    ]) {
      assert.ok(letter.text.includes(part), part);
    }
    assert.ok(!letter.html.includes('<script>'));
    assert.ok(!letter.subject.includes('Bcc') && !letter.subject.includes('sku'));
    const token = tokenIn(letter.text);
    const { state, tokenHash } = await row('m1');
    assert.equal(state, 'sent');
    assert.equal(tokenHash, createHash('sha256').update(token).digest('hex'));
    const dump =
      JSON.stringify(await bench.database.sql`select to_jsonb(m) from mails m`) + JSON.stringify(bench.published);
    assert.ok(!dump.includes(token));
  });

  test('an unknown end is sent again, under the same Message-ID, with a new token that ends the old one', async () => {
    await seed('m2', 'open');
    bench.mail.faults.push(new UnknownOutcomeError('mail-unavailable', 'broke'));
    await work();
    const before = await row('m2');
    assert.equal(before.state, 'pending');
    await dueNow('m2');
    await work();
    const after = await row('m2');
    assert.equal(after.state, 'sent');
    assert.notEqual(after.tokenHash, before.tokenHash);
    assert.equal(bench.mail.left.at(-1)!.messageId, '<shop.m2@parley.local>');
  });

  test('while the mail server is away nothing is lost, and others go on', async () => {
    await seed('m3', 'open');
    bench.mail.faults.push(new TransientError('mail-unavailable', 'away'));
    await work();
    await seed('m4', 'open', 'reminder');
    await work();
    assert.deepEqual([(await row('m3')).state, (await row('m4')).state], ['pending', 'sent']);
    assert.ok(bench.mail.left.at(-1)!.subject.includes('Reminder'));
    await dueNow('m3');
    await work();
    assert.equal((await row('m3')).state, 'sent');
  });

  test('a mail left behind by a process that died is sent by the next', async () => {
    await seed('m5', 'open');
    await bench.database
      .sql`update mails set state = 'sending', due_at = clock_timestamp() + interval '30 seconds' where mail = 'm5'`;
    await work();
    assert.equal((await row('m5')).state, 'sending', 'its sender may still be at it');
    await dueNow('m5');
    await work();
    assert.equal((await row('m5')).state, 'sent');
  });

  test('nobody is asked what is answered; a refused address and a strange question are set aside', async () => {
    const sent = bench.mail.left.length;
    await seed('m6', 'closed');
    await work();
    await seed('m7', 'odd');
    await work();
    await seed('m8', 'open');
    bench.mail.faults.push(new PermanentError('mail-refused', 'no such mailbox'));
    await work();
    assert.deepEqual(await Promise.all(['m6', 'm7', 'm8'].map(async (mail) => (await row(mail)).state)), [
      'failed',
      'failed',
      'failed',
    ]);
    const letters = await bench.database.sql`select ref, reason from dead_letters where kind = 'mail' order by ref`;
    assert.deepEqual(
      letters.map(({ ref, reason }) => `${ref} ${reason}`),
      ['m7 unknown-shape', 'm8 mail-refused'],
    );
    assert.equal(bench.mail.left.length, sent);
  });
});
