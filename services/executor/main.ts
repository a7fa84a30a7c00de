import { z } from 'zod';
import { commonShape, port } from '#shared/runtime/config.ts';
import { runService } from '#shared/runtime/lifecycle.ts';
import { startExecutor } from './start.ts';

const MINUTES_A_DAY = 1_440;

const shape = {
  ...commonShape,
  PARLEY_MASTER_KEY_FILE: z.string().min(1),
  /** `smtp://host:port`, or `smtps://` for TLS from the first byte; user and password may be part of it. */
  PARLEY_SMTP_URL: z.string().regex(/^smtps?:\/\//, 'must begin with smtp:// or smtps://'),
  PARLEY_MAIL_FROM: z.string().regex(/^[^\r\n]{3,200}$/, 'must be one line'),
  PARLEY_PUBLIC_URL: z.url().optional(),
  PARLEY_PUBLIC_PORT: port,
  PARLEY_POLL_MINUTES: z.coerce.number().int().min(0).max(MINUTES_A_DAY).default(10),
};

await runService('executor', shape, startExecutor);
