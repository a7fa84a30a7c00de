import type { Api } from './api.ts';
import type { Output } from './output.ts';

/** Exit codes of every command; `--help` shows them. */
export const EXIT = {
  done: 0,
  /** It was understood and did not succeed, or something is found to be wrong. */
  failed: 1,
  usage: 2,
  unreachable: 3,
  notFound: 4,
  /** What is found was made by another version of Parley, and this one cannot judge it. */
  otherVersion: 5,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Exit codes of the commands that read rule files and need no running system; their own `exits` say so. */
export const RULES_EXIT = {
  fine: 0,
  /** The files do not load. */
  unloadable: 3,
  /** They load, and a finding is an error, or a case fails. */
  found: 4,
} as const satisfies Record<string, ExitCode>;

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  /** Shown in the help as the option's value. */
  readonly value?: string;
  readonly about: string;
}

/** How every command that needs a running system finds it. */
export const DATA_OPTION: Readonly<Record<'data', OptionSpec>> = {
  data: { type: 'string', value: 'DIR', about: 'the data folder of the running Parley  [.parley in the project]' },
};

export interface Invocation {
  readonly operands: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly api: Api;
  readonly output: Output;
}

export interface Command {
  /** As it is typed: `dead-letters list`. */
  readonly name: string;
  readonly operands?: string;
  readonly about: string;
  readonly examples: readonly string[];
  readonly options?: Readonly<Record<string, OptionSpec>>;
  /** What its exit codes mean, where that differs from other commands. */
  readonly exits?: string;
  /** How many operands it takes. */
  readonly takes: readonly [least: number, most: number];
  /** False where it does not ask the running system's API, so that it takes no address of it. */
  readonly asksApi?: false;
  run(invocation: Invocation): Promise<ExitCode>;
}

/** A mistake of whoever typed the command. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Whoever started the command has ended it; the message says what that has left. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}
