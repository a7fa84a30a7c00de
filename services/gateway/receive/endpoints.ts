import { TransientError, toParleyError } from '#shared/kernel/errors.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import { type MasterKey, unsealText } from '#shared/runtime/seal.ts';
import type { Sql } from '#shared/store/connect.ts';
import { type ReceivingEndpoint, readEndpoints } from '#shared/store/deliveries/endpoints.ts';

/** An endpoint with its secrets open; at most two are tried, the present one and the one before it. */
export interface OpenEndpoint extends ReceivingEndpoint {
  readonly open: readonly string[];
}

/** Half of the second within which a withdrawn secret is to be refused: the reading itself takes time too. */
const REFRESH_MS = 500;
const MAX_SECRETS = 2;

/** The endpoints there are, read anew all the time, so that a secret that was withdrawn is refused within a second. */
export class Endpoints {
  readonly #sql: Sql;
  readonly #key: MasterKey;
  readonly #logger: Logger;
  readonly #timer: NodeJS.Timeout;
  #bySlug: ReadonlyMap<string, OpenEndpoint> | undefined;
  #refreshing: Promise<void> | undefined;
  #refreshedAtMs = 0;

  constructor(sql: Sql, key: MasterKey, logger: Logger) {
    this.#sql = sql;
    this.#key = key;
    this.#logger = logger;
    this.#timer = setInterval(() => void this.refresh(), REFRESH_MS);
  }

  /** An unknown slug may have been added a moment ago: the table is asked, but not more often than that. */
  async find(slug: string): Promise<OpenEndpoint | undefined> {
    const known = this.#bySlug?.get(slug);
    if (known) return known;
    if (!this.#bySlug || performance.now() - this.#refreshedAtMs > REFRESH_MS) await this.refresh();
    if (!this.#bySlug) throw new TransientError('database-unavailable', 'The endpoints are not known yet');
    return this.#bySlug.get(slug);
  }

  get all(): readonly OpenEndpoint[] {
    return [...(this.#bySlug?.values() ?? [])];
  }

  refresh(): Promise<void> {
    this.#refreshing ??= this.#read().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #read(): Promise<void> {
    try {
      const rows = await readEndpoints(this.#sql);
      this.#bySlug = new Map(rows.map((row) => [row.endpoint, this.#opened(row)]));
      this.#refreshedAtMs = performance.now();
    } catch (thrown) {
      // What was known stays in force: without Postgres nothing can be committed anyway.
      this.#logger.debug({ err: toParleyError(thrown) }, 'endpoints could not be read');
    }
  }

  #opened(row: ReceivingEndpoint): OpenEndpoint {
    const before = this.#bySlug?.get(row.endpoint);
    if (before && before.secrets.join() === row.secrets.join()) return { ...row, open: before.open };
    const open = row.secrets.slice(0, MAX_SECRETS).flatMap((sealed) => {
      try {
        return [unsealText(this.#key, `endpoint:${row.endpoint}`, sealed)];
      } catch (thrown) {
        this.#logger.error({ endpoint: row.endpoint, err: toParleyError(thrown) }, 'a secret does not open');
        return [];
      }
    });
    return { ...row, open };
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
