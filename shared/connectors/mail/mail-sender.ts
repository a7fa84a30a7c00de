import { type ParleyError, PermanentError, TransientError, UnknownOutcomeError } from '#shared/kernel/errors.ts';

export interface Letter {
  /** Fixed for what it is about: the one thing by which a mail that came twice can be told. */
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A way out for mail. What it throws says, as with stores, whether the letter may have left. */
export interface MailSender {
  send(letter: Letter): Promise<void>;
  close(): void;
}

const ADDRESS = /^[^\s@<>(),;:"\\[\]]{1,64}@[^\s@<>(),;:"\\[\]]{1,190}$/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a header must not hold.
const CONTROL = /[\u0000-\u001f\u007f]/;
const MESSAGE_ID = /^<[\w.+/=-]{1,200}@[\w.-]{1,100}>$/;

/** Refuses what could become a second header or a second recipient, before any of it reaches the protocol. */
export function checkLetter(letter: Letter): void {
  if (!ADDRESS.test(letter.to)) throw new PermanentError('no-address', 'The recipient is not one mail address');
  if (CONTROL.test(letter.subject)) throw new PermanentError('bad-input', 'A subject holds a control character');
  if (!MESSAGE_ID.test(letter.messageId)) throw new PermanentError('bad-input', 'A Message-ID has an unknown form');
}

interface SmtpError {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
  readonly syscall?: string;
  readonly message?: string;
}

/** Before these, no letter has been handed over. */
const BEFORE_LETTER = new Set(['EDNS', 'EAUTH', 'ENOAUTH', 'EOAUTH2', 'ETLS', 'EREQUIRETLS', 'ECONFIG', 'EPROXY']);

/** What the mail library threw, as the answer to "did it leave?". A connection that breaks in between leaves that open. */
export function faultOfMail(thrown: unknown): ParleyError {
  const error = thrown as SmtpError;
  // The server's words may quote the recipient, so they stay out of the message.
  const about = [error.code, error.command, error.responseCode].filter((part) => part !== undefined).join(' ');
  const answered = error.responseCode !== undefined && error.command !== 'CONN';
  if (answered && error.responseCode! >= 500 && error.code !== 'EAUTH') {
    return new PermanentError('mail-refused', `The mail server refused the letter (${about})`);
  }
  const early =
    error.syscall === 'connect' || /^(?:Connection timeout|Greeting never received)/.test(error.message ?? '');
  if (answered || early || BEFORE_LETTER.has(error.code ?? '')) {
    return new TransientError('mail-unavailable', `The mail server cannot take the letter now (${about})`);
  }
  if (error.code === 'EENVELOPE')
    return new PermanentError('mail-refused', `The letter cannot be addressed (${about})`);
  return new UnknownOutcomeError('mail-unavailable', `The mail server did not confirm the letter (${about})`);
}
