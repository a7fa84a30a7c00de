/** What one rule makes of an intent that is in its scope. */
export interface Spoken {
  readonly outcome: 'spoke' | 'silent';
  readonly detail: string;
}

export function spoke(detail: string): Spoken {
  return { outcome: 'spoke', detail };
}

export function silent(detail: string): Spoken {
  return { outcome: 'silent', detail };
}
