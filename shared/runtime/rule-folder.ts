import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { LIMITS } from './limits.ts';
import {
  type FolderError,
  type FolderLook,
  goneFrom,
  lookInto,
  type RuleFiles,
  ruleSetHash,
  SHARED,
  stampOf,
} from './rule-files.ts';

/** What the folder holds for a store, or (without one) for every store that has no folder of its own. */
export type RuleCandidate =
  | { readonly store: string | undefined; readonly hash: string; readonly files: RuleFiles }
  | { readonly store: string | undefined; readonly errors: readonly FolderError[] };

export interface RuleFolderOptions {
  readonly directory: string;
  /**
   * Called for each set that is new, and when a fault comes or goes. Whether a set is good is for the rule engine to say,
   * by the answer: the files of a set that was not taken are not missed when they go.
   */
  readonly onCandidate: (candidate: RuleCandidate) => boolean;
  /** Told when `onCandidate` itself fails: the folder goes on being watched. */
  readonly onFault?: (thrown: unknown) => void;
  readonly settleMs?: number;
  readonly lookMs?: number;
}

/**
 * Watches a folder of rule files. Editors truncate, rename and swap links, so nothing is believed before two looks find
 * the folder the same. A rule file that has gone is an error and not a smaller set: rules are dropped on purpose by
 * writing `rules: []` into their file.
 */
export class RuleFolder {
  readonly #options: Required<RuleFolderOptions>;
  readonly #stopping = new AbortController();
  readonly #watchers = new Map<string, FSWatcher>();
  /** By store: the files of the last set that was taken, and a text that tells whether what is found now is news. */
  readonly #delivered = new Map<string, { readonly files: RuleFiles; readonly news: string }>();
  #stamp = '';
  #bell: AbortController | undefined;
  /** Rung while nobody waited: the next wait is none. */
  #rung = false;
  #running: Promise<void> | undefined;

  constructor(options: RuleFolderOptions) {
    this.#options = { settleMs: LIMITS.ruleSettleMs, lookMs: LIMITS.ruleLookMs, onFault: () => {}, ...options };
  }

  /** Delivers what is there, then watches. Resolves after the first delivery, which waits only for a folder that is being written. */
  async start(): Promise<void> {
    const { directory } = this.#options;
    this.#listenTo([]);
    this.#stamp = await stampOf(directory);
    const look = await lookInto(directory);
    if ((await stampOf(directory)) === this.#stamp) this.#deliver(look);
    else await this.#settle();
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#bellOr(this.#options.lookMs);
      if (signal.aborted) return;
      try {
        if ((await stampOf(this.#options.directory)) !== this.#stamp) await this.#settle();
      } catch (thrown) {
        this.#options.onFault(thrown);
      }
    }
  }

  /** Looks until two looks at a distance of `settleMs` find the same names, sizes, times and contents. */
  async #settle(): Promise<void> {
    const { directory, settleMs } = this.#options;
    let before = '';
    let look: FolderLook | undefined;
    while (!this.#stopping.signal.aborted) {
      const stamp = await stampOf(directory);
      const now = await lookInto(directory);
      const print = `${stamp}\n${contentsOf(now)}`;
      if (look && print === before) {
        this.#stamp = stamp;
        this.#deliver(now);
        return;
      }
      before = print;
      look = now;
      await wait(settleMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
    }
  }

  #deliver(look: FolderLook): void {
    this.#listenTo(look.folders);
    const stores = new Set([SHARED, ...look.sets.keys(), ...look.errors.keys(), ...this.#delivered.keys()]);
    for (const store of stores) {
      const files = look.sets.get(store);
      const errors = look.errors.get(store) ?? this.#vanished(store, files);
      const before = this.#delivered.get(store);
      if (!files && errors.length === 0) {
        this.#delivered.delete(store);
        continue;
      }
      const news = files && errors.length === 0 ? ruleSetHash(files) : JSON.stringify(errors);
      if (before?.news === news) continue;
      const name = store === SHARED ? undefined : store;
      const good = files !== undefined && errors.length === 0;
      const taken = this.#offer(good ? { store: name, hash: news, files } : { store: name, errors });
      this.#delivered.set(store, { files: good && taken ? files : (before?.files ?? {}), news });
    }
  }

  #offer(candidate: RuleCandidate): boolean {
    try {
      return this.#options.onCandidate(candidate);
    } catch (thrown) {
      this.#options.onFault(thrown);
      return false;
    }
  }

  #vanished(store: string, files: RuleFiles | undefined): readonly FolderError[] {
    const before = this.#delivered.get(store)?.files ?? {};
    return goneFrom(before, files).map((error) =>
      store === SHARED ? error : { ...error, file: `${store}/${error.file}` },
    );
  }

  /** Watches the folder, not its files: a save by rename gives a file that nobody watches. */
  #listenTo(folders: readonly string[]): void {
    const wanted = [this.#options.directory, ...folders.map((folder) => join(this.#options.directory, folder))];
    for (const [path, watcher] of this.#watchers) {
      if (wanted.includes(path)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
    for (const path of wanted) {
      if (this.#watchers.has(path) || this.#stopping.signal.aborted) continue;
      try {
        const watcher = watch(path, { persistent: false }, () => this.#ring());
        const forget = () => {
          watcher.close();
          this.#watchers.delete(path);
        };
        watcher.on('error', forget);
        this.#watchers.set(path, watcher);
      } catch {
        // A folder that cannot be watched is still looked into every few seconds.
      }
    }
  }

  #ring(): void {
    this.#rung = true;
    this.#bell?.abort();
  }

  async #bellOr(ms: number): Promise<void> {
    if (!this.#rung) {
      this.#bell = new AbortController();
      const signal = AbortSignal.any([this.#bell.signal, this.#stopping.signal]);
      await wait(ms, undefined, { signal, ref: false }).catch(() => {});
      this.#bell = undefined;
    }
    this.#rung = false;
  }
}

function contentsOf(look: FolderLook): string {
  const sets = [...look.sets].map(([store, files]) => `${store} ${ruleSetHash(files)}`);
  return JSON.stringify([sets, [...look.errors]]);
}
