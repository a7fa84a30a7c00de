import type { ParleyError } from '#shared/kernel/errors.ts';

/** A round whose judging throws; the batch goes on without it and what follows. */
export class RoundFault extends Error {
  readonly seq: number;
  constructor(seq: number, cause: ParleyError) {
    super(`Judging round ${seq} failed: ${cause.message}`, { cause });
    this.seq = seq;
  }
}
