import { type Ability, missingOf, type StoreConcierge } from '#shared/connectors/concierge.ts';
import { credentialPurpose, endpointPurpose } from '#shared/connectors/credentials.ts';
import { PermanentError, TransientError, toParleyError } from '#shared/kernel/errors.ts';
import { line } from '#shared/kernel/plain-text.ts';
import { didYouMean } from '#shared/kernel/suggest.ts';
import { sleep } from '#shared/runtime/clocks.ts';
import { unseal, unsealText } from '#shared/runtime/seal.ts';
import { type Command, EXIT, type ExitCode, type Invocation, UsageError } from '../command.ts';
import { type Asker, NOBODY } from '../stores/ask.ts';
import { type Connected, connect, type Plan, type Visit, visit } from '../stores/connect.ts';
import { collect, readGiven } from '../stores/credentials.ts';
import { at, DOOR_OPTIONS, type Door, type WithDoor, withInstallation } from '../stores/door.ts';
import {
  namesInFiles,
  PLATFORM_NAMES,
  PLATFORMS,
  type PlatformName,
  readsOnly,
  type Secrets,
  webhookBase,
} from '../stores/platforms.ts';
import { currencyFault, rulesOf, writeAdapted } from '../stores/rules-fit.ts';
import { type Before, readBefore, refuseAnother, refuseTaken } from '../stores/taken.ts';

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

export const storeAddWith = (withDoor: WithDoor): Command => ({
  name: 'store add',
  operands: 'NAME',
  about:
    'Connects a shop, or repairs its connection: asks for what it needs, checks everything, then writes and registers.',
  takes: [1, 1],
  asksApi: false,
  options: {
    platform: { type: 'string', value: 'P', about: PLATFORM_NAMES.join(', ') },
    shop: {
      type: 'string',
      value: 'ADDRESS',
      about: 'candles.myshopify.com, https://candles.example, or a BigCommerce store hash',
    },
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
    'same-shop': {
      type: 'boolean',
      about: 'WooCommerce: the shop that had this name before, at another address now',
    },
    'without-webhooks': { type: 'boolean', about: 'register none: the shop is asked every few minutes' },
    rules: { type: 'string', value: 'DIR', about: 'the folder of rule files  [as the coordinator]' },
    'copy-rules': {
      type: 'boolean',
      about: "where the rules are in another currency: write the shop's own, with the same figures",
    },
    ...DOOR_OPTIONS,
  },
  examples: [
    'store add candles',
    'store add candles --platform shopify --shop candles.myshopify.com',
    'store add candles --platform woocommerce --shop https://candles.example --credentials keys.env --json',
  ],
  exits: '0 connected; 1 not connected, and nothing changed; 2 wrong usage; 3 Parley or its database does not answer.',
  run: (invocation) => {
    const store = invocation.operands[0]!;
    if (!NAME.test(store))
      throw new UsageError(
        `"${line(store, 60)}" is no name for a store: 1 to 40 small letters, digits and dashes, as in "candles-de".`,
      );
    return withDoor(invocation, async (door) => add(store, invocation, await at(invocation, door, store)));
  },
});

export const storeAdd = storeAddWith(withInstallation);

async function add(store: string, invocation: Invocation, door: Door): Promise<ExitCode> {
  const { options, output } = invocation;
  const step = (text: string) => output.say(`${output.style('green', 'ok')}  ${text}`);
  // Before anything is asked: what was typed would be lost.
  const base = options['without-webhooks'] ? undefined : webhookBase(door.publicUrl);
  const before = await readBefore(door, store);
  const { platform, secrets, urls } = await tellMe(store, invocation, door, before);
  const { plan, concierge, seen } = await reach(door, { store, platform, secrets, base }, urls);
  try {
    await refuseTaken(door, plan, before);
    const { card } = seen;
    refuseAnother(plan, card, before, options['same-shop'] === true);
    step(
      `${line(card.name, 80)} answers (${line(card.domain, 80)}), sells in ${card.currency}, its clock is ${card.zone}`,
    );
    const notes = [...PLATFORMS[platform].limits, ...(await fitRules(store, invocation, door, seen))];
    step(
      `Parley can ${seen.abilities
        .filter(({ granted }) => granted)
        .map(({ can }) => can)
        .join('; ')}`,
    );
    const connected = await connect(door, plan, seen, before, concierge);
    sayEnd(store, invocation, { ...seen, connected, concierge, notes, canAct: !readsOnly(platform) });
    return EXIT.done;
  } finally {
    concierge.close();
  }
}

/** The shop, at the first of the addresses that it answers at. */
async function reach(
  door: Door,
  wanted: Omit<Plan, 'url'>,
  [url, ...others]: readonly [string, ...string[]],
): Promise<{ plan: Plan; concierge: StoreConcierge; seen: Visit }> {
  const { platform, secrets } = wanted;
  const plan = { ...wanted, url };
  const concierge = door.concierge(platform, url, secrets.credential);
  try {
    return { plan, concierge, seen: await visit(concierge, plan) };
  } catch (thrown) {
    concierge.close();
    const [next, ...rest] = others;
    const isAnother = thrown instanceof PermanentError && thrown.reason !== 'not-permitted';
    if (next !== undefined && isAnother) return await reach(door, wanted, [next, ...rest]);
    throw withHint(thrown, platform, url);
  }
}

/** What the shop is and what admits to it: given, asked for, or as it is kept where the store is there already. */
async function tellMe(
  store: string,
  { options, output }: Invocation,
  door: Door,
  before: Before,
): Promise<{ platform: PlatformName; urls: readonly [string, ...string[]]; secrets: Secrets }> {
  const isThere = before.row !== undefined && before.row.mode !== 'removed';
  const platform = await readOrAsk(
    (options.platform as string | undefined) ?? (isThere ? before.row.platform : undefined),
    { question: `Platform (${PLATFORM_NAMES.join(', ')})`, read: platformNamed },
    door.asker,
  );
  const about = PLATFORMS[platform];
  const file = options.credentials as string | undefined;
  if (
    isThere &&
    before.credential &&
    before.endpoint &&
    file === undefined &&
    before.row.platform === platform &&
    options.shop === undefined
  ) {
    output.say(`${store} is connected already; it is checked and repaired with the credential that is kept.`);
    return { platform, urls: [before.credential.url], secrets: keptSecrets(door, store, platform, before) };
  }
  const given = file === undefined ? new Map<string, string>() : readGiven(file, namesInFiles(about));
  const url = await readOrAsk(
    (options.shop as string | undefined) ?? about.shopIn(given),
    { question: about.shopQuestion, read: (shop) => about.urlOf(shopNamed(shop)) },
    door.asker,
  );
  const urls = placesOf(url, about.pageOf?.(url), before.credential?.url);
  await refuseTaken(door, { store, platform, url: urls[0] }, before);
  return {
    platform,
    urls,
    secrets: about.secretsOf(await collect(about.asked, given, file === undefined ? door.asker : NOBODY)),
  };
}

/** Where to look for the shop, in this order; one of them may be known as its place. */
function placesOf(url: string, page: string | undefined, kept: string | undefined): readonly [string, ...string[]] {
  if (page === undefined) return [url];
  return kept === page ? [page] : [url, page];
}

/** What was given is right or ends the command; what a person typed is asked for again, as a slip is no reason to begin anew. */
async function readOrAsk<Read>(
  given: string | undefined,
  { question, read }: { readonly question: string; readonly read: (text: string | undefined) => Read },
  asker: Asker,
): Promise<Read> {
  if (given !== undefined || !asker.canAsk) return read(given);
  for (let asked = question; ; ) {
    const text = await asker.ask(asked);
    try {
      return read(text);
    } catch (thrown) {
      if (!(thrown instanceof UsageError)) throw thrown;
      asked = `${thrown.message} ${question}`;
    }
  }
}

function shopNamed(text: string | undefined): string {
  if (!text) throw new UsageError('Which shop? Name its address with --shop.');
  return text;
}

function platformNamed(text: string | undefined): PlatformName {
  if (!text) throw new UsageError(`Which platform? Name it with --platform: ${PLATFORM_NAMES.join(', ')}.`);
  const found = PLATFORM_NAMES.find((name) => name === text.toLowerCase());
  if (!found)
    throw new UsageError(
      `Unknown platform "${line(text, 40)}".${didYouMean(text, PLATFORM_NAMES)} There are: ${PLATFORM_NAMES.join(', ')}.`,
    );
  return found;
}

function keptSecrets(door: Door, store: string, platform: PlatformName, { credential, endpoint }: Before): Secrets {
  return {
    credential: unseal(door.masterKey, credentialPurpose(store, platform), credential!.sealed).toString(),
    signing: unsealText(door.masterKey, endpointPurpose(store), endpoint!.secrets[0]!),
  };
}

/** A refused credential is looked up at its place, and an address that nobody answers at is looked at again. */
function withHint(thrown: unknown, platform: PlatformName, url: string): unknown {
  const { reason, message } = toParleyError(thrown);
  const { title, whereCredentialsAre } = PLATFORMS[platform];
  if (reason === 'store-unavailable' || reason === 'timeout')
    return new TransientError(
      'store-unavailable',
      `Nobody answers at ${url} (${message}). Is the address right, and does this machine reach the Internet?`,
      { cause: thrown },
    );
  if (reason !== 'not-permitted' || message.includes('run again')) return thrown;
  const where = `It is found at ${whereCredentialsAre}`;
  return new PermanentError('not-permitted', `${title} refuses this credential (${message}). ${where}.`, {
    cause: thrown,
  });
}

/** The rules have to be readable, and in the shop's currency; where they are not, a copy is offered. */
async function fitRules(
  store: string,
  { options, output }: Invocation,
  door: Door,
  { card }: Visit,
): Promise<string[]> {
  const named = options.rules as string | undefined;
  const rules = await rulesOf(store, named);
  const fault = currencyFault(rules, card, store);
  if (fault) {
    const wanted =
      !rules.areOwn &&
      (options['copy-rules'] === true || (await door.asker.confirm(`${fault}\nWrite them now?`, true)));
    if (!wanted) throw new PermanentError('rule-file-invalid', fault);
    const folder = writeAdapted(store, rules, card);
    await sleep(door.rulesKnownMs);
    output.say(
      `${output.style('green', 'ok')}  Rules of its own in ${folder}, with the same figures in ${card.currency}`,
    );
    return [`Look through ${folder}: its figures were written for ${rules.currency}.`];
  }
  if (rules.zone === card.zone) return [];
  return [
    `The rules keep hours by ${rules.zone}, the shop's clock is ${card.zone}: change "zone" in shop.yaml if that is not meant.`,
  ];
}

interface End extends Visit {
  readonly connected: Connected;
  readonly concierge: StoreConcierge;
  readonly notes: readonly string[];
  readonly canAct: boolean;
}

function sayEnd(
  store: string,
  { output }: Invocation,
  { card, abilities, connected, concierge, notes, canAct }: End,
): void {
  const { registration, address, mode } = connected;
  const ok = output.style('green', 'ok');
  if (registration) {
    const count = registration.made.length + registration.kept.length;
    output.say(
      `${ok}  ${count} webhooks go to ${address}${registration.made.length > 0 ? ` (${registration.made.length} new)` : ''}`,
    );
    for (const { topic, why } of registration.refused) output.say(`    not ${topic}: ${line(why, 200)}`);
  } else output.say(`${ok}  No webhooks: the shop is asked every few minutes`);
  const missing = missingOf(abilities);
  if (missing.length > 0) sayMissing(missing, `${store}${address ? '' : ' --without-webhooks'}`, concierge, output);
  for (const note of notes) output.say(`${output.style('yellow', '!')}   ${note}`);
  output.say();
  const toAct = canAct ? ` To let it act: npx parley store go-live ${store}` : '';
  output.say(
    mode === 'live'
      ? `${store} is connected and live.`
      : `${store} is connected and only watched: everything is decided, nothing is done. What would have been done: npx parley store report ${store}.${toAct}`,
  );
  output.result({
    ok: true,
    store,
    isNew: connected.isNew,
    mode,
    shop: card,
    endpoint: connected.endpoint,
    address: address ?? null,
    webhooks: registration ?? null,
    missing: missing.map(({ can, scope, actions }) => ({ can, scope, actions })),
    notes,
  });
}

function sayMissing(
  missing: readonly Ability[],
  again: string,
  concierge: StoreConcierge,
  output: Invocation['output'],
): void {
  for (const { can, scope } of missing)
    output.say(`${output.style('yellow', '!')}   Parley cannot ${can}: add ${scope}`);
  output.say(`    in ${concierge.whereScopesAre}. Then run: npx parley store add ${again}`);
}
