import { createLogger } from '#shared/runtime/logger.ts';
import { startTestNats } from '#shared/testing/nats.ts';
import { busContract } from './bus.contract.ts';
import { MemoryServer } from './memory-bus.ts';
import { openNatsBus } from './nats-bus.ts';
import { CONSUMER_LIMITS } from './streams.ts';

busContract('memory', async (stores) => {
  const server = new MemoryServer({ ackWaitMs: 200 });
  server.ensure(stores, ['orders']);
  return { connect: async () => server.connect(), ackWaitMs: 200, stop: async () => {} };
});

busContract('nats', async (stores) => {
  const nats = await startTestNats();
  await nats.ensure(stores);
  const logger = createLogger('test', 'silent');
  return {
    connect: (service) => openNatsBus({ url: nats.urlOf(service), service, logger }),
    ackWaitMs: CONSUMER_LIMITS.ackWaitMs,
    stop: () => nats.stop(),
  };
});
