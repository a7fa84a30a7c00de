import { MemoryServer } from '#shared/bus/memory-bus.ts';
import { commonShape, readConfig } from '#shared/runtime/config.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { createLogger } from '#shared/runtime/logger.ts';
import { gatewayShape } from '../../services/gateway/config.ts';
import { startGateway } from '../../services/gateway/gateway.ts';
import { reportTo } from './report.ts';

/** The whole gateway as it is, mapping included, without a coordinator that would take its events up. */
const [url, keyFile] = process.argv.slice(2) as [string, string];
const gateway = await startGateway(
  readConfig(
    { ...commonShape, ...gatewayShape },
    {
      DATABASE_URL: url,
      NATS_URL: 'nats://127.0.0.1:1',
      PARLEY_LOG_LEVEL: 'silent',
      PARLEY_PUBLIC_HOST: '127.0.0.1',
      PARLEY_PUBLIC_PORT: '0',
      PARLEY_OPERATOR_PORT: '0',
      PARLEY_MASTER_KEY_FILE: keyFile,
    },
  ),
  createLogger('gateway', 'silent'),
  { bus: new MemoryServer({ ackWaitMs: LIMITS.ackWaitMs }).connect() },
);
reportTo({ public: gateway.publicPort, operator: gateway.operatorPort });
