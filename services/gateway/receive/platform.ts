/** What the receiver knows of a webhook before anything in it is read. */
export interface Webhook {
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

export interface Verified {
  /** The platform's dedupe key; the same for every repetition of one webhook. */
  readonly key: string;
  readonly topic: string;
  /** The MAC, where it covers the body alone: what a replay under other ids has in common with the first. */
  readonly digest?: Uint8Array;
}

/** One source platform: how its signature is checked, and by what its webhooks are told apart. */
export interface Platform {
  /** Undefined: refused. Why is not said, to anybody. */
  verify(webhook: Webhook, secrets: readonly string[], nowMs: number): Verified | undefined;
  /** Headers that are kept with the delivery. */
  keeps(header: string): boolean;
}
