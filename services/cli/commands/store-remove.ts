import { toParleyError } from '#shared/kernel/errors.ts';
import { line } from '#shared/kernel/plain-text.ts';
import { readRegistered, readStoreEndpoints, removeConnection } from '#shared/store/setup/connections.ts';
import { type Command, EXIT, type ExitCode, type Invocation, UsageError } from '../command.ts';
import { at, DOOR_OPTIONS, type Door, type WithDoor, withInstallation } from '../stores/door.ts';
import { conciergeOf, type KeptStore, keptStore } from '../stores/kept.ts';
import { webhookAddress } from '../stores/platforms.ts';

export const storeRemoveWith = (withDoor: WithDoor): Command => ({
  name: 'store remove',
  operands: 'NAME',
  about: 'Takes a shop off: its webhooks, its addresses and its credential. What was recorded stays.',
  takes: [1, 1],
  asksApi: false,
  options: {
    yes: { type: 'boolean', about: 'do not ask' },
    force: { type: 'boolean', about: 'also when the shop does not answer: its webhooks stay there' },
    'public-url': {
      type: 'string',
      value: 'URL',
      about: 'where the Internet reached this Parley  [as it was started]',
    },
    ...DOOR_OPTIONS,
  },
  examples: ['store remove candles', 'store remove candles --yes --json'],
  exits: '0 removed; 1 not removed; 2 wrong usage; 3 Parley or its database does not answer; 4 no such store.',
  run: (invocation) =>
    withDoor(invocation, async (door) => remove(invocation, await at(invocation, door, invocation.operands[0]!))),
});

export const storeRemove = storeRemoveWith(withInstallation);

async function remove(invocation: Invocation, door: Door): Promise<ExitCode> {
  const { operands, options, output } = invocation;
  const store = operands[0]!;
  const kept = await keptStore(door, store);
  const endpoints = await readStoreEndpoints(door.sql, store);
  output.say(`What happens to ${store}:`);
  output.say('  its webhooks are taken back at the shop, and its addresses answer nobody:');
  for (const { endpoint, platform } of endpoints) output.say(`    ${webhookAddress('', endpoint)} (${platform})`);
  output.say('  its credential is deleted here; at the shop it stays until you delete it there');
  output.say('  what waits to be done is not done; nothing that was done is undone');
  output.say(
    '  its history stays: events, decisions, mails. "store add" of this shop with the same name goes on with it, watching',
  );
  if (options.yes !== true) {
    if (!door.asker.canAsk) throw new UsageError('To remove without being asked, say --yes.');
    if (!(await door.asker.confirm(`Remove ${store}?`, false))) {
      output.say('Nothing was changed.');
      return EXIT.failed;
    }
  }
  const taken = await takeBack(door, kept, options.force === true, output);
  if (taken === undefined) return EXIT.failed;
  await removeConnection(door.sql, store);
  output.say(`${store} is removed; ${taken} webhooks were taken back.`);
  output.result({ ok: true, store, webhooksTakenBack: taken, endpoints: endpoints.map(({ endpoint }) => endpoint) });
  return EXIT.done;
}

/** The webhooks that go to this Parley; those that go elsewhere may be another's. Undefined: the shop does not let us. */
async function takeBack(
  door: Door,
  kept: KeptStore,
  isForced: boolean,
  output: Invocation['output'],
): Promise<number | undefined> {
  const { store } = kept.row;
  try {
    const concierge = conciergeOf(door, kept);
    try {
      const registered = await readRegistered(door.sql, store);
      let taken = 0;
      for (const base of new Set([door.publicUrl, registered?.publicUrl].map((url) => url?.replace(/\/+$/, '') ?? '')))
        if (base) taken += await concierge.unregister(webhookAddress(base, store));
      const path = webhookAddress('', store);
      const others = (await concierge.webhooks()).filter(({ address }) => address.endsWith(path));
      if (others.length > 0)
        output.say(
          `${others.length} webhooks stay at the shop: they go to ${line(others[0]!.address, 200)}, not here. Delete them there if nobody listens any more.`,
        );
      return taken;
    } finally {
      concierge.close();
    }
  } catch (thrown) {
    const { reason, message } = toParleyError(thrown);
    if (isForced) {
      output.note(`The webhooks of ${store} stay at the shop: ${line(message, 300)}`);
      return 0;
    }
    output.note(`parley: ${line(message, 300)}. Nothing was changed. To remove it all the same, say --force.`);
    output.result({ ok: false, store, error: reason, message });
    return undefined;
  }
}
