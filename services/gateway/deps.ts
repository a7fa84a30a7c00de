import type { Bus } from '#shared/bus/bus.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Sql } from '#shared/store/connect.ts';
import type { GatewayConfig } from './config.ts';
import type { LiveFeed } from './live.ts';

/** What the gateway's routes and loops are given; made once, in `gateway.ts`. */
export interface GatewayDeps {
  readonly sql: Sql;
  readonly bus: Bus;
  readonly clocks: Clocks;
  readonly logger: Logger;
  readonly config: GatewayConfig;
  readonly live: LiveFeed;
}
