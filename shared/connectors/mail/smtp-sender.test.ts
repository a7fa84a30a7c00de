import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { inspect } from 'node:util';
import { SMTPServer } from 'smtp-server';
import { ParleyError, PermanentError } from '#shared/kernel/errors.ts';
import { checkLetter, type Letter, type MailSender } from './mail-sender.ts';
import { openSmtp } from './smtp-sender.ts';

const letter = (more: Partial<Letter> = {}): Letter => ({
  messageId: '<shop.m1@parley.local>',
  to: 'ann@example.invalid',
  subject: 'A decision is needed',
  text: 'Grüße\n',
  html: '<p>Grüße</p>',
  ...more,
});

const refusal = (retry: string, reason: string) => (thrown: unknown) =>
  thrown instanceof ParleyError && thrown.retry === retry && thrown.reason === reason;

describe('the SMTP driver', () => {
  const received: string[] = [];
  let onData: 'take' | 'break' | 'refuse' | 'later' = 'take';
  let server: SMTPServer;
  let sender: MailSender;

  before(async () => {
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      logger: false,
      onRcptTo: (address, _session, done) =>
        done(
          address.address.startsWith('nobody')
            ? Object.assign(new Error('No such mailbox'), { responseCode: 550 })
            : null,
        ),
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          if (onData === 'break') {
            const connections = (
              server as unknown as { connections: Set<{ session: unknown; _socket: { destroy(): void } }> }
            ).connections;
            for (const connection of connections) if (connection.session === session) connection._socket.destroy();
            return;
          }
          if (onData === 'refuse') return done(Object.assign(new Error('No'), { responseCode: 554 }));
          if (onData === 'later') return done(Object.assign(new Error('Busy'), { responseCode: 451 }));
          received.push(Buffer.concat(chunks).toString());
          done();
        });
      },
    });
    server.on('error', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    sender = openSmtp(
      `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
      'Parley <parley@example.invalid>',
    );
  });
  after(async () => {
    sender.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  test('sends under the given Message-ID, to one recipient', async () => {
    await sender.send(letter());
    assert.equal(received.length, 1);
    assert.match(received[0]!, /^Message-ID: <shop\.m1@parley\.local>\r$/m);
    assert.match(received[0]!, /^To: ann@example\.invalid\r$/m);
  });

  test('a refused recipient and a refused letter are final, a busy server is not', async () => {
    await assert.rejects(sender.send(letter({ to: 'nobody@example.invalid' })), refusal('never', 'mail-refused'));
    onData = 'refuse';
    await assert.rejects(sender.send(letter()), refusal('never', 'mail-refused'));
    onData = 'later';
    await assert.rejects(sender.send(letter()), refusal('later', 'mail-unavailable'));
  });

  test('a connection that breaks after the letter was given leaves its end unknown, and is not sent again by itself', async () => {
    onData = 'break';
    await assert.rejects(sender.send(letter()), refusal('unknown', 'mail-unavailable'));
    onData = 'take';
    const count = received.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(received.length, count);
    await sender.send(letter());
    assert.equal(received.length, count + 1);
  });

  test('a server that is away has taken nothing', async () => {
    const away = openSmtp('smtp://127.0.0.1:1', 'parley@example.invalid');
    await assert.rejects(away.send(letter()), refusal('later', 'mail-unavailable'));
    away.close();
  });

  test('what could become a second header or recipient never reaches the protocol', () => {
    const bad: Partial<Letter>[] = [
      { to: 'a@b.c, d@e.f' },
      { to: 'a@b.c\r\nBcc: d@e.f' },
      { to: 'Ann <a@b.c>' },
      { subject: 'x\r\nBcc: d@e.f' },
      { subject: 'x\u0000' },
      { messageId: '<a@b>\r\nX: y' },
      { messageId: 'a@b' },
    ];
    for (const more of bad) assert.throws(() => checkLetter(letter(more)), ParleyError, JSON.stringify(more));
    assert.doesNotThrow(() => checkLetter(letter()));
  });
});

test('an address that cannot be read is refused without its password being told', () => {
  assert.throws(
    () => openSmtp('smtp://shop:hunter2@mail.example.com:99999', 'shop@example.com'),
    (thrown) => thrown instanceof PermanentError && !inspect(thrown).includes('hunter2'),
  );
});
