import type { Bus } from '#shared/bus/bus.ts';
import type { MailSender } from '#shared/connectors/mail/mail-sender.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { MasterKey } from '#shared/runtime/seal.ts';
import type { Sql } from '#shared/store/connect.ts';
import type { Connectors } from './connectors.ts';
import type { Counts } from './counts.ts';
import type { Seldom } from './seldom.ts';

export const SERVICE = 'executor';

/** What every part of the executor shares. */
export interface Deps {
  readonly sql: Sql;
  readonly bus: Bus;
  readonly clocks: Clocks;
  readonly logger: Logger;
  readonly master: MasterKey;
  readonly mail: MailSender;
  readonly connectors: Connectors;
  readonly counts: Counts;
  readonly seldom: Seldom;
  /** Whose calls these are; the same after a restart. */
  readonly owner: string;
  readonly links: Links;
}

export interface Links {
  /** Base of links in mails. */
  readonly base: string;
  /** True where the base is this machine's own, so that a mail must say so. */
  readonly local: boolean;
}

/** Until when a call may begin, in both ways in which it is asked: a wait ends by the signal, a request by the clock. */
export interface Deadline {
  readonly signal: AbortSignal;
  readonly byMs: number;
}

export function deadlineIn(ms: number, clocks: Clocks): Deadline {
  return { signal: AbortSignal.timeout(ms), byMs: clocks.nowMs() + ms };
}
