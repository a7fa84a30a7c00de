import { z } from 'zod';
import { PermanentError } from '#shared/kernel/errors.ts';
import { didYouMean } from '#shared/kernel/suggest.ts';

/**
 * Configuration is read once, at start, from the environment; this file is the only reader of it.
 * Every key of ours begins with `PARLEY_` (or is `DATABASE_URL` or `NATS_URL`, which the world knows), so that a mistyped
 * key can be told from a stranger's and be refused with a suggestion.
 */
/** What every service needs; a service's own schema extends this shape. */
export const commonShape = {
  /** Postgres, in this service's own role. */
  DATABASE_URL: z.url(),
  /** nats-server, with this service's own user: `nats://user:password@host:port`. */
  NATS_URL: z.string().regex(/^(nats|tls):\/\//, 'must begin with nats:// or tls://'),
  PARLEY_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
} as const;

export const port = z.coerce.number().int().min(0).max(65_535);

const HOST_NAME =
  /^([a-z0-9]([a-z0-9-]*[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$|^[0-9a-f:]*:[0-9a-f:]*:[0-9a-f.:]*$/;

/** Names of machines, apart by commas: no address, no port. */
export const hostNames = z
  .string()
  .default('')
  .transform((text, context) => {
    const names = text
      .toLowerCase()
      .split(',')
      .map((name) => name.trim());
    const given = names.filter((name) => name !== '');
    for (const name of given) if (!HOST_NAME.test(name)) context.addIssue({ code: 'custom', message: notAName(name) });
    return given;
  });

function notAName(given: string): string {
  const name = given.replace(/^[a-z]+:\/\//, '').replace(/(:\d+)?(\/.*)?$/, '');
  const meant = HOST_NAME.test(name) ? ` Did you mean "${name}"?` : '';
  return `"${given.slice(0, 80)}" is not a name of a machine.${meant}`;
}

/**
 * Keys that some process of the system reads: a service ignores another's key, and refuses a key that nobody knows.
 * A new key is added here and to the schema of the service that reads it; a test holds the two together.
 */
export const KNOWN_KEYS = [
  ...Object.keys(commonShape),
  'PARLEY_PUBLIC_HOST',
  'PARLEY_PUBLIC_PORT',
  'PARLEY_OPERATOR_HOST',
  'PARLEY_OPERATOR_PORT',
  'PARLEY_OPERATOR_NAMES',
  'PARLEY_PUBLIC_URL',
  'PARLEY_DELIVERIES_KEPT_DAYS',
  'PARLEY_MASTER_KEY_FILE',
  'PARLEY_RULES_DIR',
  'PARLEY_BUS_MONITOR_URL',
  'PARLEY_SMTP_URL',
  'PARLEY_MAIL_FROM',
  'PARLEY_POLL_MINUTES',
  'PARLEY_MAILBOX_URL',
  'PARLEY_SANDBOX_HOST',
  'PARLEY_SANDBOX_PORT',
  'PARLEY_SANDBOX_GATEWAY_URL',
  'PARLEY_SANDBOX_REPLAY_FILE',
  'PARLEY_SANDBOX_SPEED',
  'PARLEY_SANDBOX_SEED',
  'PARLEY_SANDBOX_STORE',
  'PARLEY_SANDBOX_SECRET_FILE',
  'PARLEY_SETUP_DIR',
  'PARLEY_SETUP_DATABASE_HOST',
  'PARLEY_SETUP_BUS_HOST',
  'PARLEY_SETUP_SANDBOX_URL',
] as const;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Validates the environment against a shape; throws one PermanentError that lists every fault, each with its key. */
export function readConfig<Shape extends z.ZodRawShape>(
  shape: Shape,
  environment: Environment = process.env,
): Readonly<z.infer<z.ZodObject<Shape>>> {
  const faults: string[] = [];
  const known = new Set<string>(KNOWN_KEYS);
  for (const key of Object.keys(environment)) {
    if (key.startsWith('PARLEY_') && !known.has(key)) faults.push(`${key}: unknown key.${didYouMean(key, KNOWN_KEYS)}`);
  }
  const given: Record<string, string> = {};
  for (const key of Object.keys(shape)) {
    const value = environment[key];
    if (value !== undefined && value !== '') given[key] = value;
  }
  const result = z.object(shape).safeParse(given);
  if (!result.success) {
    for (const issue of result.error.issues) {
      const key = String(issue.path[0]);
      faults.push(key in given ? `${key}: ${issue.message}` : `${key}: missing`);
    }
  }
  if (!result.success || faults.length > 0) {
    throw new PermanentError('bad-config', `Configuration refused:\n  ${faults.join('\n  ')}`, {
      position: 'environment',
    });
  }
  return Object.freeze(result.data);
}

/** For the launcher and the tools, which hand parts of their own environment on to the processes that they start. */
export function wholeEnvironment(): Environment {
  return { ...process.env };
}
