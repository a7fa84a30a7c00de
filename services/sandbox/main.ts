import { z } from 'zod';
import { openNatsBus } from '#shared/bus/nats-bus.ts';
import { aliveSubject } from '#shared/bus/subjects.ts';
import { commonShape, port } from '#shared/runtime/config.ts';
import { runService } from '#shared/runtime/lifecycle.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { openStore } from '#shared/store/connect.ts';
import { readSecrets, startSandbox } from './service.ts';

const shape = {
  ...commonShape,
  PARLEY_SANDBOX_HOST: z.string().default('127.0.0.1'),
  PARLEY_SANDBOX_PORT: port,
  PARLEY_SANDBOX_GATEWAY_URL: z.url(),
  PARLEY_SANDBOX_REPLAY_FILE: z.string().optional(),
  PARLEY_SANDBOX_SPEED: z.union([z.literal('max'), z.coerce.number().positive()]).default('max'),
  PARLEY_SANDBOX_SEED: z.coerce.number().int().min(0).default(1),
  PARLEY_SANDBOX_STORE: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .default('sandbox'),
  PARLEY_SANDBOX_SECRET_FILE: z.string(),
};

const SERVICE = 'sandbox';

await runService(SERVICE, shape, async (config, logger) => {
  const store = config.PARLEY_SANDBOX_STORE;
  const secrets = await readSecrets(config.PARLEY_SANDBOX_SECRET_FILE, store);
  const sandbox = await startSandbox({
    sql: openStore({ url: config.DATABASE_URL, service: SERVICE }),
    logger,
    store,
    seed: config.PARLEY_SANDBOX_SEED,
    speed: config.PARLEY_SANDBOX_SPEED,
    replayFile: config.PARLEY_SANDBOX_REPLAY_FILE,
    gatewayUrl: config.PARLEY_SANDBOX_GATEWAY_URL,
    secrets,
    host: config.PARLEY_SANDBOX_HOST,
    port: config.PARLEY_SANDBOX_PORT,
  });
  // The bus is only told that this process lives; trading does not wait for it.
  const bus = await openNatsBus({ url: config.NATS_URL, service: SERVICE, logger });
  const alive = setInterval(
    () => bus.signal(aliveSubject(SERVICE), JSON.stringify({ state: 'busy' })),
    LIMITS.heartbeatMs,
  );
  return {
    stop: async () => {
      clearInterval(alive);
      await sandbox.stop();
      await bus.close();
    },
  };
});
