import { setPriority } from 'node:os';
import { backoffMs } from '#shared/kernel/backoff.ts';
import { sleep, systemClocks } from '#shared/runtime/clocks.ts';

interface Server {
  readonly pid: number;
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

export interface KeptServer {
  pid(): number;
  restarts(): number;
  stop(): Promise<void>;
}

/** Starts a server again, on the same port, whenever it dies: services reconnect by themselves. */
export function keepServer(
  name: string,
  first: Server,
  startAgain: () => Promise<Server>,
  say: (text: string) => void,
  niceness: number,
): KeptServer {
  const stopping = new AbortController();
  let server = first;
  let restarts = 0;
  nice(server.pid, niceness);
  const watch = async (): Promise<void> => {
    for (;;) {
      const how = await server.ended;
      if (stopping.signal.aborted) return;
      for (let attempt = 1; !stopping.signal.aborted; attempt++) {
        restarts++;
        say(`${name} ended (${how}); starting it again`);
        try {
          server = await startAgain();
          nice(server.pid, niceness);
          break;
        } catch (thrown) {
          say(`${name}: ${(thrown as Error).message}`);
          await sleep(backoffMs(attempt, 250, 10_000, systemClocks.random()), stopping.signal);
        }
      }
    }
  };
  const watching = watch();
  return {
    pid: () => server.pid,
    restarts: () => restarts,
    stop: async () => {
      stopping.abort();
      await server.stop();
      await watching;
      // It may have been in the middle of a start when the stop came.
      await server.stop();
    },
  };
}

function nice(pid: number, niceness: number): void {
  try {
    if (niceness > 0 && pid > 0) setPriority(pid, niceness);
  } catch {
    // A courtesy to the gateway, nothing more.
  }
}
