import { runService } from '#shared/runtime/lifecycle.ts';
import { gatewayShape } from './config.ts';
import { startGateway } from './gateway.ts';

await runService('gateway', gatewayShape, startGateway);
