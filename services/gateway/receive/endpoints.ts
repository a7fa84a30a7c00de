import { TransientError, toParleyError } from '#shared/kernel/errors.ts';
import { sleep } from '#shared/runtime/clocks.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import { type MasterKey, unsealText } from '#shared/runtime/seal.ts';
import type { Sql } from '#shared/store/connect.ts';
import { type ReceivingEndpoint, readEndpoints } from '#shared/store/deliveries/endpoints.ts';

/** An endpoint with its secrets open. */
export interface OpenEndpoint extends ReceivingEndpoint {
  readonly open: readonly string[];
}

/** Half of the second within which a withdrawn secret is to be refused: the reading itself takes time too. */
const REFRESH_MS = 500;

/** The endpoints there are, read anew all the time, so that a secret that was withdrawn is refused within a second. */
export class Endpoints {
  readonly #sql: Sql;
  readonly #key: MasterKey;
  readonly #logger: Logger;
  readonly #timer: NodeJS.Timeout;
  #bySlug: ReadonlyMap<string, OpenEndpoint> = new Map();
  #refreshing: Promise<boolean> | undefined;
  #refreshedAtMs = Number.NEGATIVE_INFINITY;

  constructor(sql: Sql, key: MasterKey, logger: Logger) {
    this.#sql = sql;
    this.#key = key;
    this.#logger = logger;
    this.#timer = setInterval(() => void this.refresh(), REFRESH_MS);
  }

  /**
   * An unknown slug may have been added a moment ago: the table is asked, unless it has just been read. Where it cannot be
   * read, nobody knows whether there is such an endpoint, and the sender is told to come again.
   */
  async find(slug: string): Promise<OpenEndpoint | undefined> {
    const known = this.#bySlug.get(slug);
    if (known) return known;
    const isRecent = performance.now() - this.#refreshedAtMs <= REFRESH_MS;
    if (!isRecent && !(await this.#refreshInTime()))
      throw new TransientError('database-unavailable', 'The endpoints could not be read');
    return this.#bySlug.get(slug);
  }

  get all(): readonly OpenEndpoint[] {
    return [...this.#bySlug.values()];
  }

  /** False where the table could not be read. */
  refresh(): Promise<boolean> {
    this.#refreshing ??= this.#read().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** A Postgres that hangs answers long after the sender has stopped listening: the reading goes on without it. */
  async #refreshInTime(): Promise<boolean> {
    const ended = new AbortController();
    const late = sleep(LIMITS.commitMs, ended.signal).then(() => false);
    try {
      return await Promise.race([this.refresh(), late]);
    } finally {
      ended.abort();
    }
  }

  async #read(): Promise<boolean> {
    try {
      const rows = await readEndpoints(this.#sql);
      this.#bySlug = new Map(rows.map((row) => [row.endpoint, this.#opened(row)]));
      this.#refreshedAtMs = performance.now();
      return true;
    } catch (thrown) {
      // What was known stays in force: without Postgres nothing can be committed anyway.
      this.#logger.debug({ err: toParleyError(thrown) }, 'endpoints could not be read');
      return false;
    }
  }

  #opened(row: ReceivingEndpoint): OpenEndpoint {
    const before = this.#bySlug.get(row.endpoint);
    if (before && before.secrets.join() === row.secrets.join()) return { ...row, open: before.open };
    const open = row.secrets.slice(0, LIMITS.endpointSecrets).flatMap((sealed) => {
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
