import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { createTransport } from 'nodemailer';
import { startMailbox } from './mailbox.ts';

describe('the embedded mailbox', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-mailbox-'));
  let mailbox = await startMailbox(folder);
  after(async () => {
    await mailbox.stop();
    rmSync(folder, { recursive: true });
  });

  async function send(subject: string): Promise<void> {
    const transport = createTransport({ url: mailbox.smtpUrl, name: 'localhost' });
    await transport.sendMail({
      from: 'Parley <parley@localhost>',
      to: 'owner@example.invalid',
      subject,
      text: 'Which one?\nLine two',
      html: '<p>Which <b>one</b>?</p>',
      messageId: `<${subject.length}@parley.local>`,
    });
    transport.close();
  }

  const get = async (path: string) => await fetch(`${mailbox.url}${path}`);

  test('keeps what it is sent and lists it, newest first, after a restart too', async () => {
    await send('First £5');
    await send('Second');
    await mailbox.stop();
    mailbox = await startMailbox(folder);
    const list = (await (await get('/messages')).json()) as { id: string; subject: string; to: string }[];
    assert.deepEqual(
      list.map(({ subject, to }) => [subject, to]),
      [
        ['Second', 'owner@example.invalid'],
        ['First £5', 'owner@example.invalid'],
      ],
    );
    const whole = (await (await get(`/messages/${list[1]?.id}`)).json()) as Record<string, string>;
    assert.match(whole.text ?? '', /Which one\?/);
    assert.match(whole.html ?? '', /<b>one<\/b>/);
    assert.equal(whole.messageId, '<8@parley.local>');
  });

  test('gives nothing but mails', async () => {
    for (const path of ['/messages/..%2f..%2fetc%2fpasswd', '/messages/1234567890123-000099', '/', '/messages/x']) {
      assert.equal((await get(path)).status, 404, path);
    }
    assert.equal((await fetch(`${mailbox.url}/messages`, { method: 'POST' })).status, 405);
  });
});
