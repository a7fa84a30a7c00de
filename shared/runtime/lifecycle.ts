import type { z } from 'zod';
import { type ParleyError, toParleyError } from '#shared/kernel/errors.ts';
import { readConfig } from './config.ts';
import { createLogger, type Logger } from './logger.ts';

/** What a started service gives back: how to stop it. `stop` finishes what is under way and releases what it holds. */
export interface RunningService {
  stop(): Promise<void>;
}

/** How long a stop may take before the process goes anyway; what it held is found again by lease and position. */
const STOP_LIMIT_MS = 5_000;

/** Exit codes that the launcher reads: 78 (EX_CONFIG) is not restarted, because the same configuration would fail again. */
export const EXIT_BAD_CONFIG = 78;

/**
 * The entry of every process: reads the configuration, starts, tells a parent that it is ready, stops on SIGTERM or
 * SIGINT, and dies on an error that nobody caught, because a process whose state is unknown must not go on.
 */
export async function runService<Shape extends z.ZodRawShape>(
  name: string,
  shape: Shape,
  start: (config: Readonly<z.infer<z.ZodObject<Shape>>>, logger: Logger) => Promise<RunningService>,
): Promise<void> {
  let logger = createLogger(name, 'info');
  process.on('uncaughtException', (thrown) => die(logger, toParleyError(thrown)));
  process.on('unhandledRejection', (thrown) => die(logger, toParleyError(thrown)));
  // A parent that died without a word closes the channel, and a service must not outlive its launcher: one that has not
  // started yet, because the bus or the database is away, has nothing to finish.
  let stop = async (_: string): Promise<void> => process.exit(1);
  process.on('disconnect', () => void stop('disconnect'));
  if (process.connected === false) process.exit(1);
  try {
    const config = readConfig(shape);
    logger = createLogger(name, String((config as Record<string, unknown>).PARLEY_LOG_LEVEL ?? 'info'));
    const service = await start(config, logger);
    stop = stopping(service, logger);
    process.on('SIGTERM', () => void stop('SIGTERM'));
    process.on('SIGINT', () => void stop('SIGINT'));
    // Since the process began: loading the code is part of a start.
    const startMs = Math.round(performance.now());
    logger.info({ startMs }, 'started');
    process.send?.({ ready: name, startMs });
  } catch (thrown) {
    die(logger, toParleyError(thrown));
  }
}

function die(logger: Logger, error: ParleyError): never {
  logger.fatal({ err: error, reason: error.reason }, error.message);
  process.exit(error.reason === 'bad-config' ? EXIT_BAD_CONFIG : 1);
}

/** Stops once, whatever asks first. */
function stopping(service: RunningService, logger: Logger): (signal: string) => Promise<void> {
  let begun = false;
  return async (signal) => {
    if (begun) return;
    begun = true;
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    try {
      await service.stop();
      logger.info({ signal }, 'stopped');
      process.exit(0);
    } catch (thrown) {
      die(logger, toParleyError(thrown));
    }
  };
}
