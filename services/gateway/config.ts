import { z } from 'zod';
import { DAY_MS } from '#shared/kernel/time.ts';
import { commonShape, hostNames, port } from '#shared/runtime/config.ts';
import { LIMITS } from '#shared/runtime/limits.ts';

const KEPT_DAYS_MAX = 3_650;

/** What the gateway reads from its environment. The operator listener stays on loopback unless it is told otherwise. */
export const gatewayShape = {
  ...commonShape,
  PARLEY_PUBLIC_HOST: z.string().min(1).default('0.0.0.0'),
  PARLEY_PUBLIC_PORT: port,
  PARLEY_OPERATOR_HOST: z.string().min(1).default('127.0.0.1'),
  PARLEY_OPERATOR_PORT: port,
  /** Names besides this machine's own under which the operator listener may be called: behind somebody's login, or in a network of containers. */
  PARLEY_OPERATOR_NAMES: hostNames,
  /** Base of the links in mails; what the pages show as their own address. */
  PARLEY_PUBLIC_URL: z.url().optional(),
  /** Raw webhooks are kept so long. Not shorter than the replay guard, which looks for them. */
  PARLEY_DELIVERIES_KEPT_DAYS: z.coerce
    .number()
    .int()
    .min(LIMITS.replayGuardMs / DAY_MS)
    .max(KEPT_DAYS_MAX)
    .default(30),
  PARLEY_MASTER_KEY_FILE: z.string().min(1),
  /** Where the embedded mailbox answers, in the one-machine start; without it there is no mailbox page. */
  PARLEY_MAILBOX_URL: z.url().optional(),
  /** The monitor of nats-server, where it can be reached: tells whether the bus writes through to the disk. */
  PARLEY_BUS_MONITOR_URL: z.url().optional(),
} as const;

export type GatewayConfig = Readonly<z.infer<z.ZodObject<typeof gatewayShape>>>;
