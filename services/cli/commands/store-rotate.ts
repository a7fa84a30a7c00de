import { missingOf } from '#shared/connectors/concierge.ts';
import { credentialPurpose } from '#shared/connectors/credentials.ts';
import { inStep } from '#shared/connectors/faults.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { line } from '#shared/kernel/plain-text.ts';
import { didYouMean } from '#shared/kernel/suggest.ts';
import { seal } from '#shared/runtime/seal.ts';
import {
  type ConnectedEndpoint,
  readEndpoint,
  readStoreEndpoints,
  replaceCredential,
} from '#shared/store/setup/connections.ts';
import { type Command, EXIT, type ExitCode, type Invocation, UsageError } from '../command.ts';
import { NOBODY } from '../stores/ask.ts';
import { collect, readGiven } from '../stores/credentials.ts';
import { at, DOOR_OPTIONS, type Door, type WithDoor, withInstallation } from '../stores/door.ts';
import { conciergeOf, type KeptStore, keptStore, openedCredential, openedSecrets, storeNamed } from '../stores/kept.ts';
import { namesInFiles, PLATFORMS, type PlatformName, webhookAddress, webhookBase } from '../stores/platforms.ts';
import { beginRotation, ORIGINS, type Rotated, retire } from '../stores/rotation.ts';

export const storeRotateWith = (withDoor: WithDoor): Command => ({
  name: 'store rotate',
  operands: 'NAME',
  about:
    'Changes the secret that webhooks are signed with, or what admits Parley to the shop, without losing a webhook.',
  takes: [1, 1],
  asksApi: false,
  options: {
    secret: { type: 'boolean', about: 'a new signing secret; the one before it counts as well until --retire' },
    retire: { type: 'boolean', about: 'the secret before the present one counts no more' },
    token: { type: 'boolean', about: 'a new access token, key or app' },
    endpoint: { type: 'string', value: 'SLUG', about: "one of the store's other senders  [the shop itself]" },
    credentials: {
      type: 'string',
      value: 'FILE',
      about: 'lines "name=value" instead of questions; - for the standard input',
    },
    'public-url': {
      type: 'string',
      value: 'URL',
      about: 'where the Internet reaches this Parley  [as it was started]',
    },
    ...DOOR_OPTIONS,
  },
  examples: [
    'store rotate candles --secret',
    'store rotate candles --retire',
    'store rotate candles --token --credentials new.env',
  ],
  exits:
    '0 done; 1 not done, what was in force stays so; 2 wrong usage; 3 Parley or its database does not answer; 4 no such store.',
  run: (invocation) => {
    const { secret, retire: retires, token, endpoint } = invocation.options;
    if ([secret, retires, token].filter(Boolean).length !== 1)
      throw new UsageError('Say one of --secret, --retire and --token.');
    if (token && endpoint) throw new UsageError('--token is of the shop itself; --endpoint does not go with it.');
    return withDoor(invocation, async (opened) => {
      const door = await at(invocation, opened, invocation.operands[0]!);
      if (token) return rotateToken(invocation, door);
      return secret ? rotateSecret(invocation, door) : retireSecret(invocation, door);
    });
  },
});

export const storeRotate = storeRotateWith(withInstallation);

/** The same for a sender, which is named by itself. */
export const storeEndpointRotateWith = (withDoor: WithDoor): Command => ({
  name: 'store endpoint rotate',
  operands: 'SLUG',
  about: 'Changes the secret that a sender signs with, without losing a webhook.',
  takes: [1, 1],
  asksApi: false,
  options: {
    retire: { type: 'boolean', about: 'end the change: the secret before the present one counts no more' },
    credentials: {
      type: 'string',
      value: 'FILE',
      about: 'a line "secret=…" instead of the question; - for the standard input',
    },
    ...DOOR_OPTIONS,
  },
  examples: ['store endpoint rotate candles-erp', 'store endpoint rotate candles-erp --retire'],
  run: (invocation) =>
    withDoor(invocation, async (door) => {
      const slug = invocation.operands[0]!;
      const row = await readEndpoint(door.sql, slug);
      if (!row) throw new PermanentError('not-found', `There is no sender "${line(slug, 70)}".`);
      const asked = { ...invocation, operands: [row.store], options: { ...invocation.options, endpoint: slug } };
      return invocation.options.retire
        ? retireSecret(asked, door)
        : rotateSecret(asked, await at(asked, door, row.store));
    }),
});

export const storeEndpointRotate = storeEndpointRotateWith(withInstallation);

async function endpointOf({ operands, options }: Invocation, door: Door): Promise<ConnectedEndpoint> {
  const store = operands[0]!;
  await storeNamed(door, store);
  const rows = await readStoreEndpoints(door.sql, store);
  const wanted = (options.endpoint as string | undefined) ?? store;
  const row = rows.find(({ endpoint }) => endpoint === wanted);
  if (row) return row;
  const names = rows.map(({ endpoint }) => endpoint);
  throw new PermanentError(
    'not-found',
    `${store} has no sender "${line(wanted, 60)}".${didYouMean(wanted, names)} It has: ${names.join(', ')}.`,
  );
}

async function rotateSecret(invocation: Invocation, door: Door): Promise<ExitCode> {
  const { output, options } = invocation;
  const row = await endpointOf(invocation, door);
  const origin = ORIGINS[row.platform];
  // BigCommerce gives an account its secret once and for all.
  if (row.platform === 'bigcommerce') throw anotherApp(row.store);
  const isUnderWay = row.secrets.length > 1;
  const file = options.credentials as string | undefined;
  let given: string | undefined;
  if (origin.by === 'sender' && !(isUnderWay && file === undefined)) {
    const said = file === undefined ? new Map<string, string>() : readGiven(file, [origin.asked.name, ...namesAt(row)]);
    given = (await collect([origin.asked], said, file === undefined ? door.asker : NOBODY)).get(origin.asked.name);
  }
  // What can go wrong does so before two secrets are in force.
  const address = row.platform === 'woocommerce' ? await addressTold(door, row) : undefined;
  const app = row.platform === 'shopify' && given !== undefined ? await triedApp(door, row.store, given) : undefined;
  const rotated = await beginRotation(door, row, given);
  if (address) await tellShop(door, row, address, rotated);
  if (app) await keep(door, app.kept, app.credential);
  const next = `npx parley store rotate ${row.store}${row.endpoint === row.store ? '' : ` --endpoint ${row.endpoint}`} --retire`;
  const isShown = row.platform === 'standard';
  output.say(
    `${row.endpoint}: both secrets count from now on${rotated.isResumed ? ' (the change was begun before)' : ''}.`,
  );
  if (address) output.say(`The shop signs with the new one: its webhooks to ${address} were changed.`);
  if (isShown) output.say(`The new one, shown once; give it to the sender:\n  ${rotated.secret}`);
  output.say(
    `When nothing is signed with the old one any more (Shopify: after an hour; others: after their retries): ${next}`,
  );
  output.result({
    ok: true,
    store: row.store,
    endpoint: row.endpoint,
    inForce: 2,
    isResumed: rotated.isResumed,
    ...(isShown ? { secret: rotated.secret } : {}),
    next,
  });
  return EXIT.done;
}

/** The file that a shop was connected with may be given again; of it the signing secret is taken. */
const namesAt = ({ platform }: ConnectedEndpoint) =>
  platform in PLATFORMS ? namesInFiles(PLATFORMS[platform as PlatformName]) : [];

async function addressTold(door: Door, { store, endpoint }: ConnectedEndpoint): Promise<string> {
  if ((await storeNamed(door, store)).webhooks) return webhookAddress(webhookBase(door.publicUrl), endpoint);
  throw new PermanentError(
    'nothing-new',
    `${store} was connected without webhooks, so that nothing is signed. To have them: npx parley store add ${store}`,
  );
}

/** WooCommerce signs with what we tell it. A webhook that could not be told goes on with the old secret, which still counts. */
async function tellShop(door: Door, row: ConnectedEndpoint, address: string, { secret }: Rotated): Promise<void> {
  const concierge = conciergeOf(door, await keptStore(door, row.store));
  try {
    await concierge.register(address, secret, { renew: true });
  } catch (thrown) {
    const again = `npx parley store rotate ${row.store} --secret`;
    throw inStep(
      `Both secrets count, but not every webhook of the shop was told the new one; when the cause is gone, run ${again} again`,
      thrown,
    );
  } finally {
    concierge.close();
  }
}

/** An app of the Dev Dashboard asks for its tokens with the secret that it signs with: it is tried before it is kept. */
async function triedApp(
  door: Door,
  store: string,
  clientSecret: string,
): Promise<{ kept: KeptStore; credential: string } | undefined> {
  const kept = await keptStore(door, store);
  const opened = openedCredential(door, kept);
  if (!opened.startsWith('{')) return undefined;
  const { clientId } = JSON.parse(opened) as { clientId: string };
  const credential = JSON.stringify({ clientId, clientSecret });
  const concierge = conciergeOf(door, kept, credential);
  try {
    await concierge.whoIsThere();
    return { kept, credential };
  } finally {
    concierge.close();
  }
}

async function retireSecret(invocation: Invocation, door: Door): Promise<ExitCode> {
  const row = await endpointOf(invocation, door);
  const done = await retire(door, row);
  invocation.output.say(
    done
      ? `${row.endpoint}: only the newest secret counts; what is signed with the old one is refused.`
      : `${row.endpoint} has one secret only; there is nothing to retire.`,
  );
  invocation.output.result({ ok: true, store: row.store, endpoint: row.endpoint, inForce: 1, changed: done });
  return EXIT.done;
}

/** The new credential is tried before it takes the place of the old one, which the executor uses until then. */
async function rotateToken(invocation: Invocation, door: Door): Promise<ExitCode> {
  const { operands, options, output } = invocation;
  const store = operands[0]!;
  const kept = await keptStore(door, store);
  const platform = kept.row.platform as PlatformName;
  const about = PLATFORMS[platform];
  const file = options.credentials as string | undefined;
  const given = new Map(file === undefined ? [] : readGiven(file, namesInFiles(about)));
  const [row] = (await readStoreEndpoints(door.sql, store)).filter(({ endpoint }) => endpoint === store);
  const signing = row && openedSecrets(door, row)[0];
  // What webhooks are signed with changes by --secret; for a token it is not asked for again.
  if (platform === 'shopify' && signing) given.set('client_secret', given.get('client_secret') ?? signing);
  const values = await collect(about.asked, given, file === undefined ? door.asker : NOBODY);
  const { credential, signing: signedWith } = about.secretsOf(values);
  if (signedWith !== undefined && signedWith !== signing) throw anotherApp(store);
  const concierge = conciergeOf(door, kept, credential);
  try {
    const card = await concierge.whoIsThere();
    const missing = missingOf(await concierge.scopes());
    const lacks = missing.filter(({ essential }) => essential);
    if (lacks.length > 0)
      throw new PermanentError(
        'not-permitted',
        `The new credential cannot ${lacks[0]!.can}: add ${lacks[0]!.scope} in ${concierge.whereScopesAre}. The old one stays in force.`,
      );
    await keep(door, kept, credential);
    output.say(
      `${line(card.name, 80)} takes the new credential; the executor uses it from its next call on. Delete the old one at the shop.`,
    );
    for (const { can, scope } of missing) output.say(`  Parley cannot ${can} with it: ${scope} is missing`);
    output.result({ ok: true, store, missing: missing.map(({ can, scope, actions }) => ({ can, scope, actions })) });
    return EXIT.done;
  } finally {
    concierge.close();
  }
}

/** An app or an account of its own signs its own webhooks, and has to register them. */
function anotherApp(store: string): UsageError {
  return new UsageError(
    `Another app or API account has webhooks and a signing secret of its own: npx parley store add ${store} --credentials FILE takes both over, and what the old one signs counts as well.`,
  );
}

async function keep(door: Door, { row, credential }: KeptStore, opened: string): Promise<void> {
  const sealed = seal(door.masterKey, credentialPurpose(row.store, row.platform), Buffer.from(opened));
  await replaceCredential(door.sql, { ...credential, sealed });
}
