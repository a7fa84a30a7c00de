import type { Sql } from '#shared/store/connect.ts';
import { type Progress, type SentRow, writeProgress } from '#shared/store/sandbox/journal.ts';

const EVERY_MS = 250;

/** Writes acknowledgements and progress behind the sender, in batches; what is not written yet is sent again after a crash. */
export class Journal {
  readonly #sql: Sql;
  readonly #store: string;
  readonly #progress: () => Progress;
  #rows: SentRow[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(sql: Sql, store: string, progress: () => Progress) {
    this.#sql = sql;
    this.#store = store;
    this.#progress = progress;
  }

  add(row: SentRow): void {
    this.#rows.push(row);
    this.#timer ??= setTimeout(() => void this.flush(), EVERY_MS);
  }

  /** The rows and the progress that belongs to them are taken together, before anything is awaited. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const rows = this.#rows;
    const progress = this.#progress();
    this.#rows = [];
    this.#writing = this.#writing.then(() => this.#write(rows, progress));
    return this.#writing;
  }

  async #write(rows: SentRow[], progress: Progress): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await writeProgress(this.#sql, this.#store, rows, progress);
      } catch (error) {
        // Postgres is away for a while; what is acknowledged stays in memory meanwhile.
        if (attempt >= 120) throw error;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }
}
