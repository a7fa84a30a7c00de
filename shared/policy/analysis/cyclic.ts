import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { StaticFinding } from './finding.ts';
import { cited, type Ground, ofKind, placeOf, thingOf } from './ground.ts';
import { meet } from './pairs.ts';
import { rankedBy } from './ranking.ts';
import { emptyField, intersection, type Region } from './region.ts';
import { inWords, type Witness, witnessesIn } from './witness.ts';

/** Orders that come back to where they began: of objectives and agents by scoped priority rules, of actions by sequences. */
export function cyclic(ground: Ground): readonly StaticFinding[] {
  return [...sequences(ground), ...priorities(ground)];
}

type Sequence = ReturnType<typeof ofKind<'sequence'>>[number];

/** `action` waits for `first`, says the rule. */
interface Step {
  readonly rule: Sequence;
  readonly first: string;
  readonly action: string;
}

const LONGEST = 6;

/** Rings in which every action waits for the next: none of them is ever begun when all are wanted at once. */
function sequences(ground: Ground): readonly StaticFinding[] {
  const steps = ofKind(ground, 'sequence').flatMap((rule) =>
    rule.says.first.flatMap((first) => rule.says.then.map((action): Step => ({ rule, first, action }))),
  );
  const byAction = Map.groupBy(steps, (step) => step.action);
  const rings = new Map<string, readonly Step[]>();
  const follow = (path: readonly Step[]): void => {
    const last = path.at(-1)!;
    if (last.first === path[0]!.action) {
      const key = path
        .map(({ action }) => action)
        .sort()
        .join();
      if (!rings.has(key)) rings.set(key, path);
      return;
    }
    if (path.length >= LONGEST || path.slice(0, -1).some(({ first }) => first === last.first)) return;
    for (const next of byAction.get(last.first) ?? []) follow([...path, next]);
  };
  for (const step of steps) follow([step]);
  return [...rings.values()].flatMap((ring) => ringFinding(ring, ground));
}

function ringFinding(ring: readonly Step[], ground: Ground): readonly StaticFinding[] {
  const common = ring.map(({ rule }) => withoutAction(rule.region)).reduce(intersection);
  if (emptyField(common) !== undefined) return [];
  const wishes = ring.map(
    ({ action }) => witnessesIn({ ...common, names: new Map([...common.names, ['action', only(action)]]) }, ground)[0],
  );
  const waits = wishes.every(
    (wish, index) =>
      wish && ground.policy.successions(wish.intent).some(({ after }) => after.includes(ring[index]!.first)),
  );
  const [start] = wishes;
  if (!waits || !start) return [];
  const rules = [...new Set(ring.map(({ rule }) => rule))].sort((a, b) => b.rule.line - a.rule.line);
  const [later = ring[0]!.rule] = rules;
  // The steps go from what waits to what it waits for, which is against the order of time.
  const order = ring.map(({ first }) => first).reverse();
  const chain = ring.map(({ action, first, rule }) => `${action} waits for ${first} (${rule.id})`).join(', ');
  return [
    {
      check: ring.length === 2 ? 'contradicting' : 'cyclic',
      level: 'error',
      rules: rules.map(({ id }) => id),
      place: placeOf(later),
      message: `${rules.map(cited).join(' and ')} put these actions in a ring: ${order.join(' before ')}, and that before ${order[0]}.`,
      witness: `all wanted at once on ${start.intent.resource}: ${chain}; none of them ever begins.`,
    },
  ];
}

function withoutAction(region: Region): Region {
  return { ...region, names: new Map([...region.names].filter(([field]) => field !== 'action')) };
}

const only = (name: string) => ({ only: new Set([name]), but: new Set<string>() });

/**
 * Two wishes on one thing that are ranked by different rules, where each of the two rules would put its own order first:
 * the ranks are then places in two different lists, and which wish wins is chance.
 */
function priorities(ground: Ground): readonly StaticFinding[] {
  const rules = ofKind(ground, 'priority');
  return rules.flatMap((later, index) =>
    rules.slice(0, index).flatMap((first): readonly StaticFinding[] => {
      for (const list of ['objectives', 'agents'] as const) {
        const found = reversed(first, later, list, ground);
        if (found) return [found];
      }
      return [];
    }),
  );
}

type Priority = ReturnType<typeof ofKind<'priority'>>[number];

function reversed(
  first: Priority,
  later: Priority,
  list: 'objectives' | 'agents',
  ground: Ground,
): StaticFinding | undefined {
  const [a, b] = [first.says[list] as readonly string[] | undefined, later.says[list] as readonly string[] | undefined];
  if (!a || !b) return undefined;
  for (const stronger of a) {
    for (const weaker of a.slice(a.indexOf(stronger) + 1)) {
      if (!b.includes(stronger) || !b.includes(weaker) || b.indexOf(weaker) > b.indexOf(stronger)) continue;
      const example =
        meeting(first, later, list, stronger, weaker, ground) ?? meeting(first, later, list, weaker, stronger, ground);
      if (!example) continue;
      const [one, other] = example;
      const wins =
        rankOf(one, list, ground) === rankOf(other, list, ground)
          ? 'neither goes first by it'
          : `${rankOf(one, list, ground) < rankOf(other, list, ground) ? one.intent.agent : other.intent.agent} goes first, by its place in its own list`;
      return {
        check: 'cyclic',
        level: 'error',
        rules: [later.id, first.id],
        place: placeOf(later),
        message: `${cited(first)} puts ${stronger} before ${weaker}, ${later.id} puts ${weaker} before ${stronger}, and wishes that meet are ranked one by the one and one by the other. Give both kinds of wishes one list.`,
        witness: `${inWords(one, ground)} (ranked by ${first.id}); ${inWords(other, ground)} (ranked by ${later.id}): ${wins}.`,
      };
    }
  }
  return undefined;
}

/** A wish that the first rule ranks and one that the later ranks, on one thing, where the two can collide. */
function meeting(
  first: Priority,
  later: Priority,
  list: 'objectives' | 'agents',
  name: string,
  otherName: string,
  ground: Ground,
): readonly [Witness, Witness] | undefined {
  const field = list === 'objectives' ? 'objective' : 'agent';
  // On one thing: what either scope says of goods and seasons holds of both wishes.
  const ofFirst = proposable(first, goodsOf(later.region), field, name, ground);
  const ofLater = proposable(later, goodsOf(first.region), field, otherName, ground);
  for (const one of ofFirst) {
    for (const other of ofLater) {
      if (one.intent.resource !== other.intent.resource || one.intent.category !== other.intent.category) continue;
      if (one.intent.now !== other.intent.now || !meet(one.intent.action, other.intent.action)) continue;
      return [one, other];
    }
  }
  return undefined;
}

function goodsOf(region: Region): Region {
  return { ...region, names: new Map([...region.names].filter(([field]) => field === 'category' || field === 'sku')) };
}

/** Wishes that agents really propose, by their manifests, and that this rule ranks. */
function proposable(
  rule: Priority,
  goods: Region,
  field: 'objective' | 'agent',
  name: string,
  ground: Ground,
): readonly Witness[] {
  const narrowedTo = [rule.region, goods, { ...goods, names: new Map([[field, only(name)]]) }].reduce(intersection);
  if (emptyField(narrowedTo) !== undefined) return [];
  const actions = [...(narrowedTo.names.get('action')?.only ?? ACTION_TYPES.keys())].filter((action) =>
    ground.manifests.some((one) =>
      one.actions.some(
        ({ type, objectives }) =>
          type === action && (field === 'agent' ? one.agent === name : objectives.includes(name)),
      ),
    ),
  );
  return actions
    .filter((action) => thingOf(action) !== 'budget')
    .flatMap((action) =>
      witnessesIn({ ...narrowedTo, names: new Map([...narrowedTo.names, ['action', only(action)]]) }, ground),
    )
    .filter(({ intent }) => rankedBy(intent, field === 'agent' ? 'agents' : 'objectives', ground) === rule.id);
}

function rankOf({ intent }: Witness, list: 'objectives' | 'agents', { policy }: Ground): number {
  const rank = policy.precedence(intent);
  return list === 'objectives' ? rank.objective : rank.agent;
}
