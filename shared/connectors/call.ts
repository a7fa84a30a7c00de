/**
 * Whose turn it is where a platform is short of points or connections: what prevents harm or gives a person money back,
 * then what agents want done in bulk, then what is only looked up.
 */
export const LANES = ['urgent', 'bulk', 'background'] as const;

export type Lane = (typeof LANES)[number];

/** What belongs to one action's calls: whose they are, until when another may begin, and how urgent they are. */
export interface Call {
  /** An action's id, or the name of what only reads. */
  readonly action: string;
  readonly signal: AbortSignal;
  /** Bulk where nothing is said. */
  readonly lane?: Lane | undefined;
  /**
   * By the wall clock, the time after which nothing is sent any more. The signal says the same, but a process that was
   * stopped for a while goes on where it stood before its timers are looked at, and others have ended its action by then.
   */
  readonly beginByMs?: number | undefined;
}
