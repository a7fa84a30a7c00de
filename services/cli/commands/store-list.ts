import { readConnectedStores, readLastDelivery, readStoreEndpoints } from '#shared/store/setup/connections.ts';
import { type Area, readOpenAreas } from '#shared/store/setup/openings.ts';
import { type Command, EXIT } from '../command.ts';
import { plural } from '../source-lines.ts';
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
      const areas = await readOpenAreas(
        sql,
        rows.map(({ store }) => store),
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
        stores.push({
          ...row,
          openings: areas.get(row.store) ?? [],
          endpoints: endpoints.map(({ endpoint }) => endpoint),
          lastDeliveryAt: lastAt,
        });
      }
      if (stores.length === 0) output.say('There is no store yet. Connect one: npx parley store add NAME');
      else
        output.table([
          ['store', 'platform', 'mode', 'currency', 'senders', 'last webhook'],
          ...stores.map(({ store, platform, mode, openings, currency, endpoints, lastDeliveryAt }) => [
            store,
            platform,
            modeText(mode, openings),
            currency,
            endpoints.join(', '),
            lastDeliveryAt?.slice(0, 19).replace('T', ' ') ?? 'none yet',
          ]),
        ]);
      output.result({ stores });
      return EXIT.done;
    }),
});

/** A store that watches may still act in what was opened of it. */
const modeText = (mode: string, openings: readonly Area[]) =>
  openings.length > 0 ? `${mode}, ${plural(openings.length, 'area')} open` : mode;

export const storeList = storeListWith(withInstallation);
