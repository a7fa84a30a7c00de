/** What each role needs, by table; a list is the columns that may be changed. All else is refused. */
export interface Rights {
  readonly select?: true | readonly string[];
  readonly insert?: true;
  readonly update?: true | readonly string[];
  readonly delete?: true;
  /** Nobody has it; here so that it can be asked like the others. */
  readonly forbidden?: never;
}

const R: Rights = { select: true };
const RA: Rights = { select: true, insert: true };
const RAW: Rights = { select: true, insert: true, update: true };
const ALL: Rights = { select: true, insert: true, update: true, delete: true };
const CLOCK: Rights = { select: true, update: ['head', 'clock'] };

/** What an agent may do: read what is believed and promised. It writes nothing; answers go over the bus. */
const AGENT: Readonly<Record<string, Rights>> = {
  stores: R,
  facts: R,
  positions: R,
  claims: R,
};

/** What the pages and the command line show. */
const SHOWN: Readonly<Record<string, Rights>> = {
  stores: R,
  events: R,
  facts: R,
  positions: R,
  leases: R,
  agents: R,
  rounds: R,
  answers: R,
  decisions: R,
  conflicts: R,
  claims: R,
  limit_entries: R,
  escalations: R,
  rulings: R,
  timers: R,
  rule_sets: R,
  round_inputs: R,
  rule_candidates: R,
  shadow_runs: R,
  shadow_decisions: R,
  fact_history: R,
  actions: R,
  mails: R,
  dead_letters: R,
  openings: R,
  fetches: R,
  polls: R,
};

export const RIGHTS: Readonly<Record<string, Readonly<Record<string, Rights>>>> = {
  gateway: {
    ...SHOWN,
    stores: CLOCK,
    endpoints: R,
    deliveries: ALL,
    fetches: RA,
    polls: { select: true, update: ['found'] },
    versions: RAW,
    order_references: ALL,
    events: RA,
    personal: RAW,
    escalations: { select: true, update: ['state'] },
    rulings: RA,
    rule_sets: RA,
    dead_letters: RAW,
  },
  context: { stores: R, events: R, facts: RAW, fact_history: RA, positions: RAW, leases: RAW, dead_letters: RAW },
  coordinator: {
    stores: { select: true, update: ['head', 'clock', 'rules_pinned'] },
    events: RA,
    facts: R,
    fact_history: R,
    positions: RAW,
    leases: RAW,
    agents: R,
    rounds: RAW,
    answers: RAW,
    conflicts: RAW,
    decisions: RA,
    claims: RAW,
    limit_entries: RAW,
    rulings: RAW,
    escalations: RAW,
    timers: { select: true, insert: true, delete: true },
    rule_sets: RA,
    round_inputs: RA,
    shadow_decisions: RA,
    rule_candidates: RAW,
    shadow_runs: RAW,
    openings: R,
    actions: { select: true, insert: true, update: ['state', 'reason', 'ended_at'] },
    mails: RA,
    dead_letters: RAW,
  },
  executor: {
    stores: CLOCK,
    credentials: R,
    endpoints: { select: ['endpoint', 'store', 'platform'] },
    deliveries: { select: ['id', 'store', 'endpoint', 'key', 'via', 'state', 'received_at'], insert: true },
    fetches: { select: true, update: true, delete: true },
    polls: RAW,
    openings: R,
    events: RA,
    facts: R,
    personal: R,
    positions: R,
    actions: { select: true, update: true },
    mails: { select: true, update: true },
    escalations: R,
    claims: R,
    rule_sets: R,
    dead_letters: RAW,
  },
  // The stand-in for a shop is a stranger to everything but its own schema.
  sandbox: Object.fromEntries(
    ['effects', 'idempotency', 'outgoing', 'records', 'roots', 'sent', 'stores'].map((table) => [
      `sandbox.${table}`,
      ALL,
    ]),
  ),
  operator: SHOWN,
  agent: AGENT,
};

/** An agent has what every agent has, whatever its name. */
export function grantOf(role: string, table: string): Rights {
  return (RIGHTS[role] ?? AGENT)[table] ?? {};
}

/**
 * Tables with a store but without a policy. `stores` and `endpoints` say which stores there are and are read before one can
 * be named; they hold nothing of what happens in a store (secrets of endpoints are sealed). The sandbox's are its own.
 */
export const WITHOUT_POLICY: ReadonlySet<string> = new Set([
  'stores',
  'endpoints',
  'sandbox.effects',
  'sandbox.idempotency',
  'sandbox.outgoing',
  'sandbox.records',
  'sandbox.roots',
  'sandbox.sent',
  'sandbox.stores',
]);
