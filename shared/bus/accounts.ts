import { API_PREFIX, type Identity, identities, inboxPrefix } from './identities.ts';

/** The account that owns the streams. Only `setup` has a user in it. */
const BUS = 'PARLEY';

const accountOf = (user: string) => (user === 'setup' ? BUS : `${BUS}-${user}`);

/**
 * The `accounts` part of a nats-server configuration; `passwords` maps each user to its password.
 *
 * Each service has an account of its own and reaches the streams through imports. Permissions alone would not do:
 * nats-server answers a request under whatever reply subject it is given, with its own power, so that in one common
 * account a service could have it say things that the service may not (drop a stream, for one). Across accounts an answer
 * goes back into the asker's account, and there is nothing there to be commanded.
 *
 * What services hear from each other goes from account to account: the server does not hand on, as an exported stream,
 * what has come through an imported service.
 */
export function renderAccounts(agents: readonly string[], passwords: Readonly<Record<string, string>>): string {
  const all = identities(agents);
  const guests = all.filter(({ user }) => accountOf(user) !== BUS);
  const whispers = guests.flatMap((speaker) => guests.flatMap((listener) => whispersBetween(speaker, listener)));
  const accounts = all.map((identity) => {
    const account = accountOf(identity.user);
    const exported = account === BUS ? servicesOf(guests) : streamsOf(account, whispers);
    const imported = account === BUS ? [] : importsOf(identity, whispers);
    return `  ${quoted(account)}: {
    ${account === BUS ? 'jetstream: enabled' : ''}
    users: [${userOf(identity, passwords)}]
    exports: [${lines(exported)}]
    imports: [${lines(imported)}]
  }`;
  });
  return `accounts {\n${accounts.join('\n')}\n}\n`;
}

/** A subject that one account says and another one hears, beside the streams. */
interface Whisper {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
}

function whispersBetween(speaker: Identity, listener: Identity): Whisper[] {
  if (speaker.user === listener.user) return [];
  const heard = listener.subscribe.filter((subject) => !subject.startsWith(inboxPrefix(listener.user)));
  const subjects = speaker.publish.flatMap((said) => heard.flatMap((pattern) => narrower(said, pattern) ?? []));
  const [from, to] = [accountOf(speaker.user), accountOf(listener.user)];
  return [...new Set(subjects)].map((subject) => ({ from, to, subject }));
}

/** Of two patterns of which one holds the other, the narrower one. */
function narrower(a: string, b: string): string | undefined {
  return holds(b, a) ? a : holds(a, b) ? b : undefined;
}

function holds(wide: string, narrow: string): boolean {
  const [wideTokens, narrowTokens] = [wide.split('.'), narrow.split('.')];
  for (const [index, token] of wideTokens.entries()) {
    if (token === '>') return narrowTokens.length > index;
    if (token !== narrowTokens[index] && (token !== '*' || narrowTokens[index] === '>')) return false;
    if (narrowTokens[index] === undefined) return false;
  }
  return wideTokens.length === narrowTokens.length;
}

/** What the account of the streams takes from others, each subject from those alone who may say it. */
function servicesOf(guests: readonly Identity[]): string[] {
  const bySubject = new Map<string, string[]>();
  for (const { user, publish } of guests)
    for (const subject of publish.filter(isForStreams).map(inBus))
      bySubject.set(subject, [...(bySubject.get(subject) ?? []), accountOf(user)]);
  return [...bySubject].map(([subject, accounts]) => {
    // One request for messages is answered by many; all else by one or none.
    const answers = subject.startsWith('$JS.API.CONSUMER.MSG.NEXT.') ? 'response_type: Stream, ' : '';
    return `{ service: ${quoted(subject)}, ${answers}${only(accounts)} }`;
  });
}

function streamsOf(account: string, whispers: readonly Whisper[]): string[] {
  const bySubject = new Map<string, string[]>();
  for (const { from, to, subject } of whispers)
    if (from === account) bySubject.set(subject, [...(bySubject.get(subject) ?? []), to]);
  return [...bySubject].map(([subject, accounts]) => `{ stream: ${quoted(subject)}, ${only(accounts)} }`);
}

function importsOf({ user, publish }: Identity, whispers: readonly Whisper[]): string[] {
  return [
    ...publish
      .filter(isForStreams)
      .map((own) => `{ service: { account: ${quoted(BUS)}, subject: ${quoted(inBus(own))} }, to: ${quoted(own)} }`),
    ...whispers
      .filter(({ to }) => to === accountOf(user))
      .map(({ from, subject }) => `{ stream: { account: ${quoted(from)}, subject: ${quoted(subject)} } }`),
  ];
}

/** Heartbeats and watermarks are kept by no stream. */
function isForStreams(subject: string): boolean {
  return !subject.startsWith('parley.alive.') && !subject.startsWith('parley.watermark.');
}

/** What a subject of a service's account is called in the account of the streams. */
function inBus(subject: string): string {
  return subject.startsWith(`${API_PREFIX}.`) ? `$JS.API${subject.slice(API_PREFIX.length)}` : subject;
}

function userOf({ user, publish, subscribe }: Identity, passwords: Readonly<Record<string, string>>): string {
  const list = (subjects: readonly string[]) => subjects.map(quoted).join(', ');
  return `{ user: ${quoted(user)}, password: ${quoted(passwords[user] ?? '')}, permissions: {
      publish: { allow: [${list(publish)}] }, subscribe: { allow: [${list(subscribe)}] } } }`;
}

const quoted = (text: string) => JSON.stringify(text);
const only = (accounts: readonly string[]) => `accounts: [${accounts.map(quoted).join(', ')}]`;
const lines = (entries: readonly string[]) => entries.map((entry) => `\n      ${entry}`).join('');
