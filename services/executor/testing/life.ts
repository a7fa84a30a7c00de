import { faultOfThrown } from '#shared/connectors/faults.ts';
import type { Http } from '#shared/connectors/outbound.ts';
import { toParleyError } from '#shared/kernel/errors.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import { systemClocks } from '#shared/runtime/clocks.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Sql } from '#shared/store/connect.ts';

/**
 * What happens to a process at one of its waits for the outside. `die`: nothing of it goes on, whatever it has sent does.
 * `lose`: the connection breaks, and it goes on. `stop`: it stands still for longer than its action's time, others take
 * over, and then it goes on where it stood. `before` what it waits for, `during` it (a transaction is rolled back, a
 * request arrives), or `after` it.
 */
export const MISFORTUNES = [
  'die-before',
  'die-during',
  'die-after',
  'lose-before',
  'lose-after',
  'stop-before',
  'stop-after',
] as const;

export type Misfortune = (typeof MISFORTUNES)[number];

export interface Crash {
  /** At which wait, counted from 1. */
  readonly at: number;
  readonly misfortune: Misfortune;
}

/** One request of an action to its store, and whether whoever sent it ever learned of its end. */
export interface Sent {
  readonly kind: 'read' | 'write';
  told: boolean;
}

class Dead extends Error {}

/** Longer than any action's time. */
const STOPPED_MS = 60_000;

/** One process of the executor, as far as it can be struck: every wait for Postgres or for a store goes through it. */
export class Life {
  waits = 0;
  isDead = false;
  /** Resolves when what was to happen has happened. */
  readonly struck: Promise<void>;
  readonly clocks: Clocks;
  readonly #crash: Crash | undefined;
  readonly #sent: Sent[];
  readonly #onItsWay: Promise<unknown>[];
  #aheadMs = 0;
  #strike = () => {};
  #resume = () => {};

  /** `sent` and `onItsWay` outlive the process: they are what has left it. */
  constructor(crash: Crash | undefined, sent: Sent[], onItsWay: Promise<unknown>[]) {
    this.#crash = crash;
    this.#sent = sent;
    this.#onItsWay = onItsWay;
    this.struck = new Promise((resolve) => {
      this.#strike = resolve;
    });
    this.clocks = { ...systemClocks, nowMs: () => Date.now() + this.#aheadMs };
  }

  /** A stopped process goes on; the world's clock has not waited for it. */
  resume(): void {
    this.#aheadMs = STOPPED_MS;
    this.#resume();
  }

  /** Postgres, as this process reaches it. */
  sql(sql: Sql): Sql {
    const begin = (work: (tx: never) => Promise<unknown>) =>
      this.#wait({
        isRequest: false,
        whole: () => sql.begin(work as never),
        half: () =>
          sql.begin(async (tx) => {
            await work(tx as never);
            throw new Dead('rolled back');
          }),
        broken: () => Object.assign(new Error('The connection was lost'), { code: 'CONNECTION_CLOSED' }),
      });
    return new Proxy(sql, { get: (target, name) => (name === 'begin' ? begin : Reflect.get(target, name)) });
  }

  /** A store, as this process reaches it. */
  door(http: Http): Http {
    return {
      ask: async (request, kind) => {
        const entry: Sent = { kind, told: false };
        const send = () => {
          this.#sent.push(entry);
          return http.ask(request, kind);
        };
        const broken = () => faultOfThrown({ code: 'ECONNRESET' }, kind);
        try {
          const answer = await this.#wait({ isRequest: true, whole: send, half: send, broken });
          entry.told = true;
          return answer;
        } catch (thrown) {
          entry.told = !(thrown instanceof Dead) && toParleyError(thrown).retry !== 'unknown';
          throw thrown;
        }
      },
      close: () => http.close(),
    };
  }

  /** The dead write no logs; that a line throws is what ends the loops that would try again for a while. */
  logger(logger: Logger): Logger {
    const write = (level: 'debug' | 'info' | 'warn' | 'error') => (given: object, text: string) => {
      if (this.isDead) throw new Dead('writes no log');
      logger[level](given, text);
    };
    return {
      ...logger,
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
    } as Logger;
  }

  async #wait<Result>(io: {
    isRequest: boolean;
    whole(): PromiseLike<Result>;
    half(): PromiseLike<Result>;
    broken(): Error;
  }): Promise<Result> {
    if (this.isDead) throw new Dead('does nothing');
    this.waits += 1;
    const misfortune = this.waits === this.#crash?.at ? this.#crash.misfortune : undefined;
    if (misfortune === 'die-before') throw this.#die();
    if (misfortune === 'lose-before') throw this.#lose(io.broken());
    if (misfortune === 'stop-before') await this.#stop();
    if (misfortune === 'die-during') {
      const half = Promise.resolve(io.half()).catch(() => {});
      // A request arrives in its own time; a transaction ends with its connection.
      if (io.isRequest) this.#onItsWay.push(half);
      else await half;
      throw this.#die();
    }
    const result = await io.whole();
    if (misfortune === 'die-after') throw this.#die();
    if (misfortune === 'lose-after') throw this.#lose(io.broken());
    if (misfortune === 'stop-after') await this.#stop();
    if (this.isDead) throw new Dead('hears of nothing');
    return result;
  }

  #die(): Dead {
    this.isDead = true;
    this.#strike();
    return new Dead('died');
  }

  #lose(error: Error): Error {
    this.#strike();
    return error;
  }

  #stop(): Promise<void> {
    this.#strike();
    return new Promise((resolve) => {
      this.#resume = resolve;
    });
  }
}
