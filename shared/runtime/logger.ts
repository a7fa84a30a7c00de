import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Values under these keys never reach a log line; tokens and secrets also never enter a message text. */
const REDACTED = [
  'secret',
  'password',
  'token',
  'authorization',
  'email',
  '*.secret',
  '*.password',
  '*.token',
  '*.authorization',
  '*.email',
];

/** One logger per process: JSON lines on standard output, the service's name on each. */
export function createLogger(service: string, level: string): Logger {
  return pino({ name: service, level, base: { pid: process.pid }, redact: { paths: REDACTED, censor: '[redacted]' } });
}
