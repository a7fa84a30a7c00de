import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import type { Fact } from '#shared/contracts/facts.ts';
import { kindOf, nameOf, type ResourceKey } from '#shared/contracts/resource.ts';
import type { Before } from '#shared/judgement/effects.ts';
import { prepare } from '#shared/judgement/prepare.ts';
import type { Claim, OpenEscalation, Option, Proposed } from '#shared/judgement/types.ts';
import { type Loaded, permission, World } from '#shared/judgement/world.ts';
import type { LimitScope, Policy } from '#shared/policy/policy.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Transaction } from '#shared/store/connect.ts';
import {
  type ClaimRow,
  type EscalationRow,
  type RulingRow,
  readBefore,
  readClaims,
  readCounted,
  readOpenEscalations,
  readPendingByCause,
  readReplacements,
  readRulings,
  readVoids,
} from '#shared/store/coordinator/boundary.ts';
import type { AgentRow } from '#shared/store/coordinator/rounds.ts';
import { readCategory, readFacts } from '#shared/store/read-facts.ts';
import { PEOPLE_CHANGE } from './open-round.ts';
import type { ShadowBench } from './shadow.ts';

/** How many of the latest rulings a batch looks at, for memory and for like cases. */
const RULINGS_READ = 200;
const VOIDING_TYPES = [...EVENT_TYPES.values()].filter((type) => type.voids !== undefined).map((type) => type.type);

export interface Batch {
  readonly store: string;
  readonly now: string;
  readonly rounds: readonly { readonly event: Envelope; readonly proposed: readonly Proposed[] }[];
  readonly agents: readonly AgentRow[];
}

export interface LoadedBatch {
  readonly world: World;
  readonly before: ReadonlyMap<number, Before>;
}

/** Reads everything that a batch of rounds is judged on: a fixed number of queries, whatever the number of intents. */
export async function loadBatch(
  tx: Transaction,
  batch: Batch,
  policy: Policy,
  beside?: Pick<ShadowBench, 'limits'>,
): Promise<LoadedBatch> {
  const { store, now, rounds } = batch;
  const escalations = (await readOpenEscalations(tx, store)).map(toEscalation);
  const proposed = [...rounds.flatMap((round) => round.proposed), ...ruledMembers(rounds, escalations)];
  const targets = targetsOf(proposed);
  const categories = await readCategories(tx, store, targets);
  const leaves = [
    ...new Set([...targets.filter((target) => kindOf(target) !== 'category'), ...[...categories.values()].flat()]),
  ];
  const subjects = [
    ...new Set([...rounds.map((round) => round.event.subject), ...proposed.map((entry) => entry.event.subject)]),
  ];
  const holders = holdersOf(rounds, escalations);
  const [facts, rulings, voided, pending, before] = await Promise.all([
    readFactsOf(tx, store, proposed, leaves),
    proposed.length > 0 ? readRulings(tx, store, RULINGS_READ) : [],
    readVoids(tx, store, subjects, VOIDING_TYPES),
    readPendingByCause(
      tx,
      store,
      rounds.map((round) => round.event.subject),
    ),
    readPeopleChanges(tx, store, rounds),
  ]);
  const pendingActions = pending.map((row) => row.action);
  const resources = [...new Set([...leaves, ...rounds.map((round) => round.event.subject)])];
  const claims = (await readClaims(tx, store, resources, [...holders, ...pendingActions], now)).map(toClaim);
  const loaded: Loaded = {
    facts,
    claims,
    escalations,
    categories,
    voided: new Map(voided.map((row) => [row.subject, row.seq])),
    pending,
    counted: [],
    permitted: permittedBy(batch.agents),
    refused: rulings.flatMap((ruling) => refusals(ruling, now)),
    cases: rulings.map((ruling) => ({ key: ruling.key, option: ruling.option, by: ruling.by, at: ruling.at })),
  };
  const counted = await readCountedFor(tx, batch, proposed, new World(loaded), policy, beside);
  return { world: new World({ ...loaded, counted }), before };
}

/** The replacements that each proposal already stands for. */
export async function countReplacements(
  tx: Transaction,
  store: string,
  replaced: readonly string[],
): Promise<Map<string, number>> {
  return new Map((await readReplacements(tx, store, replaced)).map((row) => [row.intent, row.length]));
}

function ruledMembers(rounds: Batch['rounds'], escalations: readonly OpenEscalation[]): Proposed[] {
  const ruled = new Set(
    rounds.flatMap(({ event }) =>
      event.type === 'ruling.given' || event.type === 'escalation.due' ? [String(event.data.escalation)] : [],
    ),
  );
  return escalations
    .filter((escalation) => ruled.has(escalation.escalation))
    .flatMap((escalation) => escalation.members);
}

function holdersOf(rounds: Batch['rounds'], escalations: readonly OpenEscalation[]): string[] {
  const actions = rounds.flatMap(({ event }) => (event.type.startsWith('action.') ? [String(event.data.action)] : []));
  return [...new Set([...actions, ...escalations.map((escalation) => escalation.escalation)])];
}

function targetsOf(proposed: readonly Proposed[]): ResourceKey[] {
  const targets = new Set<ResourceKey>();
  for (const { intent } of proposed) {
    const type = ACTION_TYPES.get(intent.action);
    const parsed = type?.params.safeParse(intent.params);
    if (type && parsed?.success) targets.add(type.target(parsed.data));
  }
  return [...targets];
}

async function readCategories(
  tx: Transaction,
  store: string,
  targets: readonly ResourceKey[],
): Promise<Map<string, ResourceKey[]>> {
  const names = targets.filter((target) => kindOf(target) === 'category').map(nameOf);
  const leaves = await Promise.all(names.map((name) => readCategory(tx, store, name, LIMITS.leavesPerIntent)));
  return new Map(names.map((name, index) => [name, leaves[index]!]));
}

/** Facts that the actions read on their leaves, and those that are cited, in one query. */
async function readFactsOf(
  tx: Transaction,
  store: string,
  proposed: readonly Proposed[],
  leaves: readonly ResourceKey[],
): Promise<Fact[]> {
  if (proposed.length === 0) return [];
  const attributes = new Set<string>(['category', 'price', 'cost', 'available']);
  const resources = new Set<ResourceKey>(leaves);
  for (const { intent } of proposed) {
    for (const attribute of ACTION_TYPES.get(intent.action)?.reads ?? []) attributes.add(attribute);
    for (const cited of intent.cites) {
      attributes.add(cited.attribute);
      resources.add(cited.resource);
    }
  }
  return readFacts(tx, store, { resources: [...resources], attributes: [...attributes] });
}

async function readPeopleChanges(
  tx: Transaction,
  store: string,
  rounds: Batch['rounds'],
): Promise<Map<number, Before>> {
  const wanted = rounds.flatMap(({ event }) => {
    const attribute = event.addressee === 'nobody' ? undefined : PEOPLE_CHANGE[event.type];
    return attribute ? [{ resource: event.subject, attribute, seq: event.seq }] : [];
  });
  const rows = new Map((await readBefore(tx, store, wanted)).map((row) => [row.seq, row.value]));
  const before = new Map<number, Before>();
  for (const { event } of rounds) {
    const attribute = PEOPLE_CHANGE[event.type];
    if (!attribute || !rows.has(event.seq)) continue;
    const is =
      attribute === 'price' ? { minor: event.data.minor, currency: event.data.currency } : event.data[attribute];
    before.set(event.seq, { attribute, was: rows.get(event.seq), is });
  }
  return before;
}

async function readCountedFor(
  tx: Transaction,
  batch: Batch,
  proposed: readonly Proposed[],
  world: World,
  policy: Policy,
  beside: Pick<ShadowBench, 'limits'> | undefined,
): Promise<Loaded['counted']> {
  const limits = new Map<string, LimitScope>();
  const add = (limit: LimitScope) => limits.set(keyOf(limit), limit);
  for (const entry of proposed) {
    const prepared = prepare(entry, batch.now, world, policy);
    if ('candidate' in prepared) policy.limits(prepared.candidate.ruled).forEach(add);
  }
  beside?.limits(proposed, batch.now, world).forEach(add);
  const rows = await readCounted(tx, batch.store, [...limits.values()], batch.now);
  return rows.flatMap((row) => {
    const limit = limits.get(keyOf(row));
    return limit ? [{ ...limit, amount: row.amount }] : [];
  });
}

/** Two sets may count one rule over different times, so the time belongs to the key. */
function keyOf(limit: {
  readonly rule: string;
  readonly scope: string;
  readonly measure: string;
  readonly overMs: number;
}): string {
  return `${limit.rule} ${limit.scope} ${limit.measure} ${limit.overMs}`;
}

function permittedBy(agents: readonly AgentRow[]): Set<string> {
  return new Set(
    agents.flatMap((row) =>
      row.manifest.actions.flatMap((action) =>
        action.objectives.map((objective) => permission(row.agent, action.type, objective)),
      ),
    ),
  );
}

function refusals(ruling: RulingRow, now: string): Loaded['refused'] {
  if (!ruling.remember_until || ruling.remember_until <= now || ruling.by === 'voided' || ruling.by === 'superseded')
    return [];
  const chosen = new Set(
    ((ruling.options as Option[]).find((option) => option.id === ruling.option)?.intents ?? []).map(
      (entry) => entry.intent,
    ),
  );
  return (ruling.members as Proposed[])
    .filter((member) => !chosen.has(member.id))
    .flatMap((member) => {
      const target = targetsOf([member])[0];
      return target
        ? [
            {
              agent: member.agent,
              action: member.intent.action,
              target,
              text: `${ruling.by} chose "${ruling.option}" on ${ruling.at}; it stands until ${ruling.remember_until}.`,
            },
          ]
        : [];
    });
}

function toClaim(row: ClaimRow): Claim {
  return {
    claim: row.claim,
    resource: row.resource,
    aspect: row.aspect as Claim['aspect'],
    from: row.from,
    ...(row.to === null ? {} : { to: row.to }),
    exclusive: row.exclusive,
    ...(row.amount === null ? {} : { amount: row.amount }),
    owner: row.owner,
    layer: row.layer as Claim['layer'],
    ...(row.action === null ? {} : { action: row.action }),
    ...(row.action_state === null ? {} : { actionState: row.action_state as NonNullable<Claim['actionState']> }),
  };
}

function toEscalation(row: EscalationRow): OpenEscalation {
  return {
    escalation: row.escalation,
    instance: row.instance,
    key: row.key,
    rule: row.rule,
    state: row.state,
    options: row.options as Option[],
    members: row.members as Proposed[],
    deadline: row.deadline,
    defaultOption: row.default_option as Option['id'],
    tier: row.tier,
  };
}
