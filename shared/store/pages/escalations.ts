import type { Transaction } from '../connect.ts';

export interface EscalationOption {
  readonly id: string;
  readonly label: string;
  readonly effect: string;
  readonly impact: Readonly<Record<string, number>>;
  readonly intents: readonly { readonly intent: string; readonly params?: Readonly<Record<string, unknown>> }[];
}

export interface Question {
  readonly title: string;
  readonly summary?: string;
  readonly class?: string;
  readonly resources?: readonly string[];
  readonly why?: string;
  readonly rule?: string;
  readonly agents?: readonly {
    readonly agent: string;
    readonly action: string;
    readonly resource: string;
    readonly params?: Readonly<Record<string, unknown>>;
    readonly reason?: string;
    readonly impact?: Readonly<Record<string, number>>;
  }[];
  /** What was granted before and is collided with. */
  readonly standing?: readonly { readonly agent: string; readonly action: string; readonly resource: string }[];
  readonly likeCases?: readonly Readonly<Record<string, unknown>>[];
  /** What kind of case it is: kept with the ruling, so that later cases can be compared with it. */
  readonly features?: unknown;
}

export interface Stake {
  readonly measure?: string;
  readonly amount?: number;
  readonly currency?: string;
  readonly text?: string;
}

export interface EscalationRow {
  readonly store: string;
  readonly escalation: string;
  readonly seq: number;
  readonly key: string;
  readonly instance: string;
  readonly rule: string;
  readonly question: Question;
  readonly options: readonly EscalationOption[];
  /** Ids of the intents that it is about, in the order of the question's agents. */
  readonly memberIds: readonly string[];
  readonly stake: Stake;
  readonly digest: string;
  readonly defaultOption: string;
  readonly deadline: string;
  readonly tier: string;
  readonly state: 'open' | 'answered' | 'ruled' | 'replaced' | 'superseded' | 'voided';
  readonly replaces: string | null;
  readonly openedAt: string;
  /** The store clock as it stands. */
  readonly clock: string;
  readonly zone: string;
  readonly currency: string;
  readonly ruling: Ruling | null;
  /** The escalation that asks anew in its place. */
  readonly replacedBy: string | null;
  /** How many mails have asked for it; none beyond a person's daily limit. */
  readonly mails: number;
}

export interface Ruling {
  readonly by: string;
  readonly option: string;
  readonly note: string | null;
  readonly now: string;
}

const selected = (tx: Transaction) => tx`
  e.store, e.escalation, e.seq, e.key, e.instance, e.rule, e.question, e.options, coalesce(jsonb_path_query_array(e.members, '$[*].id'), '[]') as "memberIds", e.stake, e.digest, e.default_option as "defaultOption", e.deadline,
  e.tier, e.state, e.replaces, e.opened_at as "openedAt", s.zone, s.currency,
  case when s.clock_kind = 'live' then greatest(s.clock, clock_timestamp()) else s.clock end as clock,
  (select jsonb_build_object('by', r.by, 'option', r.option, 'note', r.note, 'now', to_char(r.now at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    from rulings r where r.store = e.store and r.escalation = e.escalation) as ruling,
  (select n.escalation from escalations n where n.store = e.store and n.replaces = e.escalation limit 1) as "replacedBy",
  (select count(*)::int from mails m where m.store = e.store and m.escalation = e.escalation) as mails`;

/** Those that wait for a person: the one whose deadline comes first, first; of those with one deadline the dearest. */
export async function readOpenEscalations(tx: Transaction, limit: number): Promise<EscalationRow[]> {
  return await tx<EscalationRow[]>`
    select ${selected(tx)} from escalations e join stores s on s.store = e.store
    where e.store = any (app_stores()) and e.state in ('open', 'answered') order by e.state desc, e.deadline,
      case when jsonb_typeof(e.stake->'amount') = 'number' then (e.stake->>'amount')::numeric end desc nulls last limit ${limit}`;
}

export async function readEndedEscalations(tx: Transaction, limit: number): Promise<EscalationRow[]> {
  return await tx<EscalationRow[]>`
    select ${selected(tx)} from escalations e join stores s on s.store = e.store
    where e.store = any (app_stores()) and e.state not in ('open', 'answered') order by e.opened_at desc limit ${limit}`;
}

export async function readEscalation(tx: Transaction, escalation: string): Promise<EscalationRow | undefined> {
  const [row] = await tx<EscalationRow[]>`
    select ${selected(tx)} from escalations e join stores s on s.store = e.store
    where e.store = any (app_stores()) and e.escalation = ${escalation}`;
  return row;
}

/** What a link in a mail leads to: only the hash of its token is kept. */
export interface Link {
  readonly store: string;
  readonly recipient: string;
  readonly escalation: string;
  /** Digest of the options that the mail showed; empty where it only reminded. */
  readonly digest: string;
}

export async function readLink(tx: Transaction, tokenHash: string): Promise<Link | undefined> {
  const [row] = await tx<Link[]>`
    select store, recipient, escalation, digest from mails
    where store = any (app_stores()) and token_hash = ${tokenHash} and escalation is not null limit 1`;
  return row;
}

/** What became of the intents of an escalation's members, as far as it has come. */
export async function readCarriedOut(tx: Transaction, escalation: EscalationRow) {
  return await tx<
    { action: string; type: string; agent: string; leaves: string[]; state: string; reason: string | null }[]
  >`
    select a.action, a.type, a.agent, a.leaves[1:5] as leaves, a.state, a.reason from actions a
    join (select jsonb_array_elements(members)->>'id' as intent from escalations where store = ${escalation.store} and escalation = ${escalation.escalation}) m
      on a.action = m.intent
    where a.store = ${escalation.store} order by a.action`;
}

/** Takes the row from open to answered, if it is open, in time, and still asks what was shown. The row decides between two answers. */
export async function answerIfOpen(
  tx: Transaction,
  store: string,
  escalation: string,
  digest: string,
): Promise<{ key: string; instance: string; now: string } | undefined> {
  const [row] = await tx<{ key: string; instance: string; now: string }[]>`
    update escalations e set state = 'answered' from stores s
    where e.store = ${store} and e.escalation = ${escalation} and e.state = 'open' and e.digest = ${digest} and s.store = e.store
      and e.deadline > case when s.clock_kind = 'live' then greatest(s.clock, clock_timestamp()) else s.clock end
    returning e.key, e.instance, case when s.clock_kind = 'live' then greatest(s.clock, clock_timestamp()) else s.clock end as now`;
  return row;
}

export interface RulingToWrite {
  readonly store: string;
  readonly escalation: string;
  readonly by: string;
  readonly option: string;
  readonly note: string | undefined;
  readonly key: string;
  readonly instance: string;
  readonly now: string;
  readonly features: unknown;
}

export async function insertRuling(tx: Transaction, ruling: RulingToWrite): Promise<void> {
  await tx`
    insert into rulings (store, escalation, by, option, note, key, instance, now, features)
    values (${ruling.store}, ${ruling.escalation}, ${ruling.by}, ${ruling.option}, ${ruling.note ?? null}, ${ruling.key}, ${ruling.instance}, ${ruling.now},
      ${ruling.features === undefined ? null : tx.json(ruling.features as never)})`;
}

/** The correlation of the event that led to a question, so that its answer belongs to the same story. */
export async function readCorrelation(tx: Transaction, store: string, escalation: string): Promise<string | undefined> {
  const [row] = await tx<{ correlation: string }[]>`
    select v.correlation from escalations e join events v on v.store = e.store and v.seq = e.seq
    where e.store = ${store} and e.escalation = ${escalation}`;
  return row?.correlation;
}
