import { readConnectedStores, readLastDelivery, readStoreEndpoints } from '#shared/store/setup/connections.ts';
import { type Command, EXIT } from '../command.ts';
import { DOOR_OPTIONS, type WithDoor, withInstallation } from '../stores/door.ts';

export const storeListWith = (withDoor: WithDoor): Command => ({
  name: 'store list',
  about: 'Shows the stores, how far each may act, and when a webhook last came.',
  takes: [0, 0],
  asksApi: false,
  options: { all: { type: 'boolean', about: 'replays and removed stores too' }, ...DOOR_OPTIONS },
  examples: ['store list', 'store list --all --json'],
  run: (invocation) =>
    withDoor(invocation, async ({ sql }) => {
      const { options, output } = invocation;
      const rows = (await readConnectedStores(sql)).filter(
        ({ mode, clockKind }) => options.all === true || (mode !== 'removed' && clockKind === 'live'),
      );
      const stores = [];
      for (const row of rows) {
        const endpoints = await readStoreEndpoints(sql, row.store);
        const last = await Promise.all(endpoints.map(({ endpoint }) => readLastDelivery(sql, row.store, endpoint)));
        const lastAt =
          last
            .flatMap((one) => (one ? [one.at] : []))
            .sort()
            .at(-1) ?? null;
        stores.push({ ...row, endpoints: endpoints.map(({ endpoint }) => endpoint), lastDeliveryAt: lastAt });
      }
      if (stores.length === 0) output.say('There is no store yet. Connect one: npx parley store add NAME');
      else
        output.table([
          ['store', 'platform', 'mode', 'currency', 'senders', 'last webhook'],
          ...stores.map(({ store, platform, mode, currency, endpoints, lastDeliveryAt }) => [
            store,
            platform,
            mode,
            currency,
            endpoints.join(', '),
            lastDeliveryAt?.slice(0, 19).replace('T', ' ') ?? 'none yet',
          ]),
        ]);
      output.result({ stores });
      return EXIT.done;
    }),
});

export const storeList = storeListWith(withInstallation);
