import { basename } from 'node:path';
import { SENDER_NAMES, type SenderName } from '#shared/contracts/sources.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { line } from '#shared/kernel/plain-text.ts';
import { didYouMean } from '#shared/kernel/suggest.ts';
import { readMappingFile } from '#shared/mapping-files/mapping-file.ts';
import { ruleErrorText } from '#shared/policy/rule-error.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import {
  addEndpoint,
  readEndpoint,
  readLastDelivery,
  readRegistered,
  readStoreEndpoints,
  removeEndpoint,
  setMapping,
  setRegistered,
} from '#shared/store/setup/connections.ts';
import { type Command, EXIT, type Invocation, UsageError } from '../command.ts';
import { readRegular } from '../read-regular.ts';
import { NOBODY } from '../stores/ask.ts';
import { type Asked, collect, readGiven } from '../stores/credentials.ts';
import { at, DOOR_OPTIONS, type Door, type WithDoor, withInstallation } from '../stores/door.ts';
import { sealedSecret, storeNamed } from '../stores/kept.ts';
import { isReached, webhookAddress, webhookBase } from '../stores/platforms.ts';
import { drawn, ORIGINS } from '../stores/rotation.ts';

/** A sender by Standard Webhooks may have drawn the secret itself, or sign with a key of its own. */
const SENDERS_OWN: Asked = {
  name: 'secret',
  question: 'Secret or public key of the sender',
  fault: (text) => {
    if (!/^wh(sec|pk)_[A-Za-z0-9+/]+=*$/.test(text)) return 'it begins with whsec_, or whpk_ for a public key.';
    const bytes = Buffer.from(text.slice(text.indexOf('_') + 1), 'base64').length;
    if (!text.startsWith('whpk_') || bytes === PUBLIC_KEY_BYTES) return undefined;
    return `a public key (Ed25519) has ${PUBLIC_KEY_BYTES} bytes, and this one has ${bytes}.`;
  },
};

const PUBLIC_KEY_BYTES = 32;

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

export const storeEndpointAddWith = (withDoor: WithDoor): Command => ({
  name: 'store endpoint add',
  operands: 'NAME',
  about: 'Gives another sender an address of its own: Stripe, EasyPost, or anybody who signs by Standard Webhooks.',
  takes: [1, 1],
  asksApi: false,
  options: {
    source: { type: 'string', value: 'S', about: SENDER_NAMES.join(', ') },
    as: { type: 'string', value: 'SLUG', about: 'the last part of its address  [NAME-S]' },
    mapping: {
      type: 'string',
      value: 'FILE',
      about: 'standard only: how its own bodies become events; given again, it replaces the one before',
    },
    credentials: {
      type: 'string',
      value: 'FILE',
      about: 'a line "secret=…" instead of the question for the sender\'s own; - for the standard input',
    },
    'public-url': {
      type: 'string',
      value: 'URL',
      about: 'where the Internet reaches this Parley  [as it was started]',
    },
    ...DOOR_OPTIONS,
  },
  examples: [
    'store endpoint add candles --source stripe',
    'store endpoint add candles --source standard --as candles-erp --mapping erp.yaml --json',
  ],
  run: (invocation) =>
    withDoor(invocation, async (door) => add(invocation, await at(invocation, door, invocation.operands[0]!))),
});

export const storeEndpointListWith = (withDoor: WithDoor): Command => ({
  name: 'store endpoint list',
  operands: 'NAME',
  about: 'Shows who sends webhooks to a store, where, and when they last did.',
  takes: [1, 1],
  asksApi: false,
  options: DOOR_OPTIONS,
  examples: ['store endpoint list candles'],
  run: (invocation) =>
    withDoor(invocation, async (opened) => {
      const store = invocation.operands[0]!;
      const door = await at(invocation, opened, store);
      await storeNamed(door, store);
      const rows = await readStoreEndpoints(door.sql, store);
      const endpoints = [];
      for (const { endpoint, platform, secrets, mapping } of rows) {
        const last = await readLastDelivery(door.sql, store, endpoint);
        const address = addressOf(door, endpoint);
        endpoints.push({
          endpoint,
          source: platform,
          address,
          secrets: secrets.length,
          hasMapping: mapping !== null,
          last: last ?? null,
        });
      }
      if (endpoints.length === 0) invocation.output.say(`Nobody sends webhooks to ${store}.`);
      else
        invocation.output.table([
          ['sender', 'source', 'address', 'secrets', 'last webhook'],
          ...endpoints.map((one) => [
            one.endpoint,
            one.hasMapping ? `${one.source}, with a mapping file` : one.source,
            one.address,
            one.secrets,
            one.last?.at.slice(0, 19).replace('T', ' ') ?? 'none yet',
          ]),
        ]);
      if (endpoints.length > 0 && !isReached(door.publicUrl)) invocation.output.say(`\n${insideOnly('They are')}`);
      invocation.output.result({ store, endpoints });
      return EXIT.done;
    }),
});

export const storeEndpointRemoveWith = (withDoor: WithDoor): Command => ({
  name: 'store endpoint remove',
  operands: 'SLUG',
  about: 'Takes the address of a sender away: what it sends from then on is answered 404. What it sent stays.',
  takes: [1, 1],
  asksApi: false,
  options: { yes: { type: 'boolean', about: 'do not ask' }, ...DOOR_OPTIONS },
  examples: ['store endpoint remove candles-erp'],
  run: (invocation) =>
    withDoor(invocation, async (door) => {
      const { operands, options, output } = invocation;
      const row = await readEndpoint(door.sql, operands[0]!);
      if (!row) throw new PermanentError('not-found', `There is no sender "${line(operands[0]!, 70)}".`);
      if (row.endpoint === row.store)
        throw new UsageError(`${row.endpoint} is the address of the shop itself: npx parley store remove ${row.store}`);
      if (options.yes !== true && !door.asker.canAsk) throw new UsageError('To remove without being asked, say --yes.');
      if (options.yes !== true && !(await door.asker.confirm(`Remove ${row.endpoint} of ${row.store}?`, false)))
        return EXIT.failed;
      await removeEndpoint(door.sql, row.endpoint);
      output.say(`${row.endpoint} is removed. Delete the webhook at the sender, too.`);
      output.result({ ok: true, store: row.store, endpoint: row.endpoint });
      return EXIT.done;
    }),
});

export const storeEndpointAdd = storeEndpointAddWith(withInstallation);
export const storeEndpointList = storeEndpointListWith(withInstallation);
export const storeEndpointRemove = storeEndpointRemoveWith(withInstallation);

const addressOf = ({ publicUrl }: Door, endpoint: string) =>
  webhookAddress((publicUrl ?? '').replace(/\/+$/, ''), endpoint);

const insideOnly = (which: string) =>
  `${which} reached from this machine or its network only. For a sender on the Internet start Parley with "npm start -- --public-url https://…", or name its address with --public-url.`;

const shown = (address: string, { publicUrl }: Door) =>
  isReached(publicUrl) ? address : `${address}\n${insideOnly('It is')}`;

/** Where the shop's own webhooks have an address, that one stays. */
async function rememberAddress(door: Door, store: string): Promise<void> {
  const registered = await readRegistered(door.sql, store);
  if (!registered || registered.publicUrl !== null || !isReached(door.publicUrl)) return;
  await setRegistered(door.sql, store, { ...registered, publicUrl: webhookBase(door.publicUrl) });
}

async function add(invocation: Invocation, door: Door) {
  const { operands, options, output } = invocation;
  const store = operands[0]!;
  await storeNamed(door, store);
  const source = senderNamed(options.source as string | undefined);
  const endpoint = (options.as as string | undefined) ?? `${store}-${source}`;
  if (!SLUG.test(endpoint))
    throw new UsageError(`"${line(endpoint, 70)}" is no part of an address: small letters, digits and dashes.`);
  const mapping = options.mapping === undefined ? null : readMapping(options.mapping as string, source);
  const there = await readEndpoint(door.sql, endpoint);
  if (there && (there.store !== store || there.platform !== source || mapping === null))
    throw new PermanentError(
      'bad-input',
      `${endpoint} is a sender of ${there.store} already (${there.platform}). Choose another with --as.`,
    );
  if (there && mapping !== null) {
    await setMapping(door.sql, endpoint, mapping);
    output.say(`The mapping file of ${endpoint} is replaced; what comes from now on is read by it.`);
    output.result({ ok: true, store, endpoint, isNew: false });
    return EXIT.done;
  }
  const address = addressOf(door, endpoint);
  const secret = await secretOf({ source, address, file: options.credentials as string | undefined }, door, output);
  await addEndpoint(door.sql, {
    endpoint,
    store,
    platform: source,
    secrets: [sealedSecret(door, endpoint, secret)],
    mapping,
  });
  if (options['public-url'] !== undefined) await rememberAddress(door, store);
  output.say(`${store} takes webhooks of ${source} at\n  ${shown(address, door)}`);
  const isOurs = ORIGINS[source].by === 'parley' && options.credentials === undefined;
  if (isOurs) output.say(`signed with this secret, shown once:\n  ${secret}`);
  output.result({ ok: true, store, endpoint, source, address, isNew: true, ...(isOurs ? { secret } : {}) });
  return EXIT.done;
}

function senderNamed(text: string | undefined): SenderName {
  const found = SENDER_NAMES.find((name) => name === text);
  if (found) return found;
  throw new UsageError(
    `Which sender? Name it with --source: ${SENDER_NAMES.join(', ')}.${text ? didYouMean(text, SENDER_NAMES) : ''}`,
  );
}

/** A sender shows its secret once it has the address, so that the address is told before the secret is asked for. */
async function secretOf(
  { source, address, file }: { source: SenderName; address: string; file: string | undefined },
  door: Door,
  output: Invocation['output'],
): Promise<string> {
  const origin = ORIGINS[source];
  if (origin.by === 'parley' && file === undefined) return drawn(source);
  const asked = origin.by === 'sender' ? origin.asked : SENDERS_OWN;
  if (file !== undefined) return (await collect([asked], readGiven(file, [asked.name]), NOBODY)).get(asked.name)!;
  const first = `Give the sender this address first:\n  ${shown(address, door)}`;
  if (!door.asker.canAsk)
    throw new UsageError(
      `${first}\n${asked.question}: write it as a line "${asked.name}=…" into a file and name that with --credentials.`,
    );
  output.say(first);
  return (await collect([asked], new Map(), door.asker)).get(asked.name)!;
}

function readMapping(file: string, source: SenderName): string {
  if (source !== 'standard') throw new UsageError('Only a sender by Standard Webhooks has a mapping file.');
  let text: string;
  try {
    text = readRegular(file, LIMITS.ruleFileBytes);
  } catch (thrown) {
    throw new UsageError(`${line(file, 200)} cannot be read (${(thrown as Error).message}).`);
  }
  const read = readMappingFile(basename(file), text);
  if ('mapping' in read) return text;
  const faults = read.errors.map((error) => `\n  ${ruleErrorText(error)}`).join('');
  throw new PermanentError('bad-input', `The mapping file is not kept; it would not be understood:${faults}`, {
    position: file,
  });
}
