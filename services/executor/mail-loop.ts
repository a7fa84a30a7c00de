import { backoffMs } from '#shared/kernel/backoff.ts';
import { PermanentError, toParleyError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { writeDeadLetters } from '#shared/store/dead-letters.ts';
import { readSettings } from '#shared/store/executor/errands.ts';
import {
  type DueMail,
  endMail,
  type MailEnd,
  readQuestion,
  takeDueMails,
  writeTokenHash,
} from '#shared/store/executor/mails.ts';
import { inStores } from '#shared/store/transaction.ts';
import { Bell } from './bell.ts';
import { type Deps, SERVICE } from './deps.ts';
import { options, question } from './question.ts';
import { type WrittenMail, writeQuestion } from './question-mail.ts';
import { untilWritten } from './tell.ts';
import { newToken, refOf } from './token.ts';

/** Mail to the people who decide. Rows come first, so nothing is lost while the mail server is away, and one bad address keeps nobody waiting. */
export class MailLoop {
  readonly #deps: Deps;
  readonly #stores: () => readonly string[];
  readonly #bell = new Bell();
  readonly #underWay = new Set<Promise<void>>();

  constructor(deps: Deps, stores: () => readonly string[]) {
    this.#deps = deps;
    this.#stores = stores;
  }

  ring(): void {
    this.#bell.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.tick();
      } catch (thrown) {
        this.#deps.logger.error({ err: toParleyError(thrown) }, 'due mails could not be taken');
      }
      await this.#bell.wait(LIMITS.lookIntoPostgresMs, signal);
    }
    await Promise.all(this.#underWay);
  }

  async tick(): Promise<void> {
    const free = LIMITS.mailsAtOnce - this.#underWay.size;
    if (free <= 0) return;
    const due = await inStores(this.#deps.sql, this.#stores(), (tx) => takeDueMails(tx, free));
    for (const mail of due) {
      const work = sendMail(mail, this.#deps)
        .catch((thrown: unknown) =>
          this.#deps.logger.error(
            { err: toParleyError(thrown), mail: mail.mail },
            'the end of a mail could not be written',
          ),
        )
        .finally(() => {
          this.#underWay.delete(work);
          if (due.length === free) this.#bell.ring();
        });
      this.#underWay.add(work);
    }
  }

  /** For tests and for stopping: until what is under way has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }
}

async function sendMail(mail: DueMail, deps: Deps): Promise<void> {
  const end = await attempt(mail, deps);
  deps.counts.add(`mail.${end.state}`);
  await untilWritten(deps, () => inStores(deps.sql, [mail.store], (tx) => endMail(tx, mail.store, mail.mail, end)));
}

async function attempt(mail: DueMail, deps: Deps): Promise<MailEnd> {
  try {
    const written = await writeMail(mail, deps);
    if (!written) return { state: 'failed' };
    await deps.mail.send({ messageId: mail.messageId, to: mail.recipient, ...written });
    return { state: 'sent' };
  } catch (thrown) {
    const error = toParleyError(thrown);
    deps.logger.warn(
      { mail: mail.mail, attempts: mail.attempts, reason: error.reason, err: error.message },
      'mail not sent',
    );
    if (error instanceof PermanentError) {
      await setAside(mail, error, deps);
      return { state: 'failed' };
    }
    // Also where nobody knows whether it left: who is asked is rather asked twice, by a link that alone still works.
    return {
      state: 'pending',
      againInMs: backoffMs(mail.attempts, LIMITS.mailRetryMs, LIMITS.mailRetryMaxMs, deps.clocks.random()),
    };
  }
}

/**
 * The letter with a fresh token, whose hash is committed before the letter leaves. Undefined when the question is no
 * longer open: nobody is asked what has been answered.
 */
async function writeMail(mail: DueMail, deps: Deps): Promise<WrittenMail | undefined> {
  const { store, escalation } = mail;
  if (escalation === null) throw new PermanentError('unknown-shape', 'A mail without a question');
  const { token, hash } = newToken();
  const read = await inStores(deps.sql, [store], async (tx) => {
    const asked = await readQuestion(tx, store, escalation);
    if (asked?.state !== 'open') return undefined;
    const { zone, currency } = await readSettings(tx, store);
    return (await writeTokenHash(tx, store, mail.mail, hash)) ? { asked, zone, currency } : undefined;
  });
  if (!read) return undefined;
  const { asked, zone, currency } = read;
  const asking = { question: question.safeParse(asked.question), options: options.safeParse(asked.options) };
  if (!asking.question.success || !asking.options.success) {
    throw new PermanentError('unknown-shape', 'The question has an unknown form');
  }
  return writeQuestion({
    question: asking.question.data,
    options: asking.options.data,
    defaultOption: asked.defaultOption,
    deadline: asked.deadline,
    zone,
    currency,
    store,
    link: `${deps.links.base}/escalations/${token}`,
    local: deps.links.local,
    reminder: mail.kind === 'reminder',
    ref: refOf(escalation),
  });
}

async function setAside(mail: DueMail, error: PermanentError, deps: Deps): Promise<void> {
  const letter = {
    store: mail.store,
    id: deps.clocks.newId(),
    service: SERVICE,
    kind: 'mail',
    ref: mail.mail,
    reason: error.reason,
    detail: error.message,
    raw: { kind: mail.kind, escalation: mail.escalation },
  } as const;
  await untilWritten(deps, () => inStores(deps.sql, [mail.store], (tx) => writeDeadLetters(tx, [letter])));
}
