import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import type { Fact, FactValues } from '#shared/contracts/facts.ts';
import { kindOf, nameOf, type ResourceKey, resource } from '#shared/contracts/resource.ts';
import type { Before } from '#shared/judgement/effects.ts';
import type { Claim, OpenEscalation, Option, Proposed } from '#shared/judgement/types.ts';
import { type Loaded, permission, World } from '#shared/judgement/world.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Transaction } from '#shared/store/connect.ts';
import {
  type ActionRow,
  type EscalationRow,
  type RulingRow,
  readBefore,
  readClaims,
  readOpenEscalations,
  readReplacements,
  readRulings,
  readStandingActions,
  readVoids,
} from '#shared/store/coordinator/boundary.ts';
import type { AgentRow } from '#shared/store/coordinator/rounds.ts';
import { readCategory, readFacts } from '#shared/store/read-facts.ts';
import { lookBack, toClaim, toStandingAction } from './look-back.ts';
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
  beside?: Pick<ShadowBench, 'looksBackAt'>,
): Promise<LoadedBatch> {
  const { store, now, rounds } = batch;
  const escalations = (await readOpenEscalations(tx, store)).map(toEscalation);
  const proposed = [...rounds.flatMap((round) => round.proposed), ...ruledMembers(rounds, escalations)];
  const targets = targetsOf(proposed);
  const [categories, contents] = await Promise.all([
    readCategories(tx, store, targets),
    readContents(tx, store, targets),
  ]);
  const leaves = [
    ...new Set([
      ...targets.filter((target) => kindOf(target) !== 'category' && kindOf(target) !== 'bundle'),
      ...[...categories.values()].flat(),
      ...contents.flatMap(({ value }) => (value as FactValues['contents']).map((sku) => resource('sku', sku))),
    ]),
  ];
  const subjects = [
    ...new Set([...rounds.map((round) => round.event.subject), ...proposed.map((entry) => entry.event.subject)]),
  ];
  const [rulings, before, caused] = await Promise.all([
    proposed.length > 0 ? readRulings(tx, store, RULINGS_READ, now) : [],
    readPeopleChanges(tx, store, rounds),
    readStandingActions(tx, store, endedActionsOf(rounds), voidedSubjectsOf(rounds)),
  ]);
  const resources = [...new Set([...leaves, ...rounds.map((round) => round.event.subject)])];
  const holders = [...holdersOf(rounds, escalations), ...caused.map((row) => row.action)];
  const claims = (await readClaims(tx, store, resources, holders, now)).map(toClaim);
  const refused = rulings.flatMap((ruling) => refusals(ruling, now));
  const looked = proposed.length > 0 || before.size > 0;
  const [facts, held, voided] = await Promise.all([
    looked ? readFactsOf(tx, store, proposed, [...leaves, ...changedBy(rounds, before)], claims, refused) : [],
    looked ? readStandingActions(tx, store, actionsHolding(claims, caused), []) : [],
    readVoids(tx, store, [...new Set([...subjects, ...caused.map((row) => row.cause)])], VOIDING_TYPES),
  ]);
  const loaded: Loaded = {
    facts: [...facts, ...contents],
    claims,
    actions: [...caused, ...held].map(toStandingAction),
    escalations,
    categories,
    voided: new Map(voided.map((row) => [row.subject, row.seq])),
    counted: [],
    permitted: permittedBy(batch.agents),
    refused,
    cases: rulings.map(({ key, option, by, at, features }) => ({
      key,
      option,
      by,
      at,
      ...(features ? { features } : {}),
    })),
  };
  const back = await lookBack(tx, batch, proposed, leaves, new World(loaded), policy, beside);
  return { world: new World({ ...loaded, ...back }), before };
}

/** Actions whose end is a round of this batch. */
function endedActionsOf(rounds: Batch['rounds']): string[] {
  return rounds.flatMap(({ event }) => (event.type.startsWith('action.') ? [String(event.data.action)] : []));
}

function voidedSubjectsOf(rounds: Batch['rounds']): string[] {
  return rounds.flatMap(({ event }) => (EVENT_TYPES.get(event.type)?.voids ? [event.subject] : []));
}

function changedBy(rounds: Batch['rounds'], before: ReadonlyMap<number, Before>): ResourceKey[] {
  return rounds.filter(({ event }) => before.has(event.seq)).map(({ event }) => event.subject);
}

/** Actions behind the claims, which stronger intents may take back. */
function actionsHolding(claims: readonly Claim[], known: readonly ActionRow[]): string[] {
  const have = new Set(known.map((row) => row.action));
  const wanted = claims.flatMap(({ action, owner }) =>
    action !== undefined && owner !== 'escalation' && !have.has(action) ? [action] : [],
  );
  return [...new Set(wanted)];
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
  return [...new Set([...endedActionsOf(rounds), ...escalations.map((escalation) => escalation.escalation)])];
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

/** What the bundles among the targets are made of. */
async function readContents(tx: Transaction, store: string, targets: readonly ResourceKey[]): Promise<Fact[]> {
  const bundles = targets.filter((target) => kindOf(target) === 'bundle');
  return bundles.length === 0 ? [] : readFacts(tx, store, { resources: bundles, attributes: ['contents'] });
}

/** Facts that the actions and those behind the claims read on their leaves, and those that are or were cited, in one query. */
async function readFactsOf(
  tx: Transaction,
  store: string,
  proposed: readonly Proposed[],
  leaves: readonly ResourceKey[],
  claims: readonly Claim[],
  refused: Loaded['refused'],
): Promise<Fact[]> {
  const attributes = new Set<string>(['category', 'price', 'cost', 'available']);
  const resources = new Set<ResourceKey>(leaves);
  for (const { layer } of claims)
    for (const attribute of ACTION_TYPES.get(layer.action)?.reads ?? []) attributes.add(attribute);
  for (const { resource, attribute } of refused.flatMap((entry) => entry.cited ?? [])) {
    attributes.add(attribute);
    resources.add(resource);
  }
  for (const { intent } of proposed) {
    const type = ACTION_TYPES.get(intent.action);
    for (const attribute of type?.reads ?? []) attributes.add(attribute);
    const parsed = type?.looksAt && type.params.safeParse(intent.params);
    if (parsed?.success) for (const other of type?.looksAt?.(parsed.data) ?? []) resources.add(other);
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
              cited: (ruling.cited ?? []) as NonNullable<Loaded['refused'][number]['cited']>,
              text: `${ruling.by} chose "${ruling.option}" on ${ruling.at}; it stands until ${ruling.remember_until}.`,
            },
          ]
        : [];
    });
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
