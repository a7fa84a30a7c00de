import type { createTransport } from 'nodemailer';
import { PermanentError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { checkLetter, faultOfMail, type Letter, type MailSender } from './mail-sender.ts';

/** Mail over a small pool of kept connections. The mailer is loaded with the first letter: it would be a tenth of the executor's start. */
export function openSmtp(url: string, from: string): MailSender {
  // The runtime's own error carries the address, and with it the password, which would be written into the log.
  if (!URL.canParse(url)) throw new PermanentError('bad-config', 'PARLEY_SMTP_URL is not an address of a mail server');
  const target = new URL(url);
  const secure = target.protocol === 'smtps:';
  const options = {
    pool: true,
    host: target.hostname,
    port: Number(target.port || (secure ? 465 : 587)),
    secure,
    ...(target.username
      ? { auth: { user: decodeURIComponent(target.username), pass: decodeURIComponent(target.password) } }
      : {}),
    name: 'localhost',
    maxConnections: LIMITS.mailsAtOnce,
    maxMessages: 1_000,
    // A letter whose connection broke may have left: sending it again is decided by whoever knows whom it is for.
    maxRequeues: 0,
    connectionTimeout: LIMITS.smtpMs,
    greetingTimeout: LIMITS.smtpMs,
    socketTimeout: LIMITS.smtpMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  } as Parameters<typeof createTransport>[0];
  let opened: Promise<ReturnType<typeof createTransport>> | undefined;
  const open = async () => (await import('nodemailer')).createTransport(options);
  return {
    async send(letter: Letter): Promise<void> {
      checkLetter(letter);
      const { messageId, subject, text, html } = letter;
      try {
        opened ??= open();
        const transport = await opened;
        await transport.sendMail({
          from,
          to: { name: '', address: letter.to },
          messageId,
          subject,
          text,
          html,
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
      } catch (thrown) {
        throw faultOfMail(thrown);
      }
    },
    close: () =>
      void opened?.then(
        (transport) => transport.close(),
        () => {},
      ),
  };
}
