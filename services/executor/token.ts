import { createHash, randomBytes } from 'node:crypto';

const TOKEN_BYTES = 32;

export interface Token {
  /** What the link carries; it exists in the mail alone. */
  readonly token: string;
  /** What is kept. */
  readonly hash: string;
}

export function newToken(): Token {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, hash: createHash('sha256').update(token).digest('hex') };
}

/** Names a question in a subject; nothing can be done with it. */
export function refOf(escalation: string): string {
  return createHash('sha256').update(`ref:${escalation}`).digest('hex').slice(0, 8);
}
