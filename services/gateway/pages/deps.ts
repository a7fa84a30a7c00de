import type { Bus } from '#shared/bus/bus.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Sql } from '#shared/store/connect.ts';
import type { LiveFeed } from '../live.ts';

/** What the pages are given. */
export interface PageDeps {
  readonly sql: Sql;
  readonly bus: Bus;
  readonly clocks: Clocks;
  readonly logger: Logger;
  /** Rings when something happens; what is shown is read from Postgres. */
  readonly live: LiveFeed;
  /** Base of the links in mails, without a slash at its end. */
  readonly publicUrl: string;
  /** Where the embedded mailbox answers; without it there is no mailbox page. */
  readonly mailboxUrl?: string | undefined;
}
