import { LIMITS } from '#shared/runtime/limits.ts';

interface Seen {
  at: number;
  digest: string;
  exhausted: boolean;
}

/** Which agents are alive, by their heartbeats and the wall clock of this process. */
export class Liveness {
  readonly #seen = new Map<string, Seen>();

  /** Takes a heartbeat in; true where the agent says that it is idle. */
  hear(agent: string, payload: string, nowMs: number): boolean {
    let beat: { digest?: unknown; state?: unknown };
    try {
      beat = JSON.parse(payload);
    } catch {
      return false;
    }
    const idle = beat.state === 'idle';
    const exhausted = !idle && (this.#seen.get(agent)?.exhausted ?? false);
    this.#seen.set(agent, { at: nowMs, digest: String(beat.digest ?? ''), exhausted });
    return idle;
  }

  /** Alive and able: heard within the limit, running under the manifest in force, and not yet to recover from a lost patience. */
  isExpected(agent: string, digest: string, nowMs: number): boolean {
    const seen = this.#seen.get(agent);
    return seen !== undefined && nowMs - seen.at < LIMITS.silentAfterMs && seen.digest === digest && !seen.exhausted;
  }

  /** Silent agents, and those that have used up all patience, hold no round back. */
  isWaitedFor(agent: string, nowMs: number): boolean {
    const seen = this.#seen.get(agent);
    return seen !== undefined && nowMs - seen.at < LIMITS.silentAfterMs && !seen.exhausted;
  }

  /** An agent that let a round wait for as long as there is patience is not waited for again until it is idle. */
  exhaust(agent: string): void {
    const seen = this.#seen.get(agent);
    if (seen) seen.exhausted = true;
  }
}
