import { toParleyError } from '#shared/kernel/errors.ts';
import { MINUTE_MS } from '#shared/kernel/time.ts';
import type { Logger } from '#shared/runtime/logger.ts';

const ASK_MS = 2_000;

interface Varz {
  readonly jetstream?: { readonly config?: { readonly sync_always?: boolean } };
}

/**
 * What an acknowledgement of the bus is worth. Only the server's monitor tells whether it writes through to the disk
 * (`sync_interval: always`, since 2.10); where it cannot be asked, the weaker is said: the bus is a transport only.
 */
export class BusDurability {
  readonly #url: string | undefined;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  current: 'transport only' | 'fsync' = 'transport only';

  constructor(monitorUrl: string | undefined, logger: Logger) {
    this.#url = monitorUrl;
    this.#logger = logger;
  }

  /** Asks now and every minute from now on; nobody wants to know before somebody asks us. */
  start(): void {
    if (this.#url === undefined || this.#timer !== undefined) return;
    void this.ask();
    this.#timer = setInterval(() => void this.ask(), MINUTE_MS);
  }

  async ask(): Promise<void> {
    try {
      const response = await fetch(new URL('/varz', this.#url), { signal: AbortSignal.timeout(ASK_MS) });
      const varz = (await response.json()) as Varz;
      this.current = varz.jetstream?.config?.sync_always === true ? 'fsync' : 'transport only';
    } catch (thrown) {
      this.current = 'transport only';
      this.#logger.debug({ err: toParleyError(thrown) }, "the bus's monitor does not answer");
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
