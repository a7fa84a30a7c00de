/**
 * One NATS user per service, with the least it needs, as data. Allow-lists only: servers before 2.12 let a queue
 * subscription pass a deny rule. `$JS.ACK` is granted in both forms, because newer servers put domain and account into it.
 */
export interface Identity {
  readonly user: string;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

function consumes(stream: string, durable: string): string[] {
  return [
    `$JS.API.CONSUMER.INFO.${stream}.${durable}`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`,
    `$JS.ACK.${stream}.${durable}.>`,
    `$JS.ACK.*.*.${stream}.${durable}.>`,
  ];
}

function inbox(user: string): string {
  return `${inboxPrefix(user)}.>`;
}

export function inboxPrefix(user: string): string {
  return `_INBOX_${user}`;
}

function identity(user: string, publish: readonly string[], subscribe: readonly string[] = []): Identity {
  return {
    user,
    publish: [`parley.alive.${user}`, '$JS.API.INFO', ...publish],
    subscribe: [inbox(user), ...subscribe],
  };
}

function agent(user: string): Identity {
  return identity(
    user,
    [`parley.answer.*.*.${user}`, ...consumes('EVENTS', user)],
    [`parley.decision.*.*.${user}`, 'parley.watermark.>'],
  );
}

/** `agents` are the names of the agents in force; the partitioned services' durables end in the partition's number. */
export function identities(agents: readonly string[]): Identity[] {
  return [
    identity('gateway', ['parley.event.>'], ['parley.event.>', 'parley.decision.>', 'parley.alive.>']),
    identity('context', ['parley.watermark.>', ...consumes('EVENTS', '*')]),
    identity(
      'coordinator',
      ['parley.event.>', 'parley.decision.>', ...consumes('EVENTS', '*'), ...consumes('ANSWERS', '*')],
      ['parley.alive.>', 'parley.watermark.>'],
    ),
    identity('executor', ['parley.event.>']),
    identity('sandbox', []),
    ...agents.map(agent),
    // The deploy user: the only one that may create or change streams and consumers. `setup` has it, no service does.
    { user: 'setup', publish: ['$JS.API.>', 'parley.alive.setup'], subscribe: [inbox('setup')] },
  ];
}

/** The `authorization` part of a nats-server configuration. `passwords` maps each user to its password. */
export function renderAuthorization(agents: readonly string[], passwords: Readonly<Record<string, string>>): string {
  const users = identities(agents).map((entry) => {
    const list = (subjects: readonly string[]) => subjects.map((subject) => JSON.stringify(subject)).join(', ');
    return `    { user: ${JSON.stringify(entry.user)}, password: ${JSON.stringify(passwords[entry.user])}, permissions: {
        publish: { allow: [${list(entry.publish)}] }, subscribe: { allow: [${list(entry.subscribe)}] } } }`;
  });
  return `authorization {\n  users = [\n${users.join(',\n')}\n  ]\n}\n`;
}
