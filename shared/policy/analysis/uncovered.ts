import { DERIVED } from '../condition/projected.ts';
import type { StaticFinding } from './finding.ts';
import { type Ground, objectivesOf, type Placed, proposersOf, thingOf } from './ground.ts';
import { type Meeting, meetings } from './pairs.ts';
import { strongerOf } from './ranking.ts';
import { regionOf } from './region.ts';
import { type Witness, witnessesIn } from './witness.ts';

/** Pairs of action types that agents propose, that can get in each other's way, and of which no rule says anything together. */
export function uncovered(ground: Ground): readonly StaticFinding[] {
  return meetings().flatMap((meeting): readonly StaticFinding[] => {
    const pair = wishesFor(meeting, ground);
    if (!pair || ground.rules.some((rule) => covers(rule, meeting))) return [];
    const [first, second] = [meeting.first.type, meeting.second.type];
    const both = first === second ? `two wishes for ${first}` : `${first} and ${second}`;
    return [
      {
        check: 'uncovered',
        level: meeting.excludes || meeting.moves.length === 0 ? 'note' : 'warning',
        rules: [],
        place: undefined,
        message: `No rule speaks about ${both} together; they meet in ${meetingPoint(meeting)}.`,
        witness: verdictToday(meeting, pair, ground),
      },
    ];
  });
}

function meetingPoint({ first, second, excludes, aspect, moves }: Meeting): string {
  if (moves.length > 0) return `the ${moves.join(' and the ')} of ${article(first.type)}`;
  if (aspect !== undefined) return `the ${aspect} of ${article(first.type)}`;
  return excludes ? `that one undoes the other on ${article(first.type)}` : `${first.type} and ${second.type}`;
}

function article(action: string): string {
  const thing = thingOf(action);
  return thing === 'order' ? 'an order' : `a ${thing === 'sku' ? 'SKU' : thing}`;
}

/** Whether the rule says something about the two together, beyond an order of precedence that holds for everything. */
function covers({ rule: { compiled }, says }: Placed, { first, second, moves }: Meeting): boolean {
  const named = compiled.shape.actions;
  const has = (action: string) => named === undefined || named.includes(action);
  const either = has(first.type) || has(second.type);
  const both = has(first.type) && has(second.type);
  if (says.kind === 'guardrail') {
    return (
      either &&
      says.on === thingOf(first.type) &&
      looksAt(
        says.assert.comparisons.map(({ field }) => field),
        moves,
        says.assert.source,
      )
    );
  }
  if (says.kind === 'sequence') {
    const follows = (a: string, b: string) => says.first.includes(a) && says.then.includes(b);
    return follows(first.type, second.type) || follows(second.type, first.type);
  }
  if (says.kind === 'redundancy' || says.kind === 'damping') return both;
  if (named === undefined) return false;
  if (says.kind === 'priority') return both;
  if (says.kind === 'threshold') return says.stake && both;
  if (says.kind === 'autonomy') return (says.mode === 'ask' || says.mode === 'off') && either;
  return says.form === 'spacing' && both;
}

/** A guardrail covers a pair where it reads a quantity that both move, or the states that they leave. */
function looksAt(fields: readonly string[], moves: Meeting['moves'], source: string): boolean {
  if (source.includes('projected.states')) return true;
  const reads = [...fields, ...Object.keys(DERIVED).filter((field) => source.includes(field))];
  return reads.some((field) => DERIVED[field] !== undefined && moves.includes(DERIVED[field]));
}

/** Wishes of two agents, where there are two; an agent that alone proposes a type seldom meets itself, and then amends what it said. */
function wishesFor({ first, second }: Meeting, ground: Ground): readonly [Witness, Witness] | undefined {
  const both = proposersOf(first.type, ground).flatMap((one) =>
    proposersOf(second.type, ground).map((other) => [one, other] as const),
  );
  const pair = both.find(([one, other]) => one !== other) ?? (first === second ? undefined : both[0]);
  const a = pair && wishOf(pair[0], first.type, ground);
  const b = pair && wishOf(pair[1], second.type, ground);
  return a && b ? [a, b] : undefined;
}

function wishOf(agent: string, action: string, ground: Ground): Witness | undefined {
  const [objective = ''] = objectivesOf(agent, action, ground);
  const region = regionOf({
    actions: [action],
    scope: { agent: new Set([agent]), objective: new Set([objective]) },
    seasons: undefined,
    condition: undefined,
    says: { kind: 'priority', objectives: undefined, agents: undefined },
  });
  return witnessesIn(region, ground)[0];
}

/** What happens without a rule: of two that exclude each other the stronger is granted; otherwise both are, whatever they add up to. */
function verdictToday(meeting: Meeting, [a, b]: readonly [Witness, Witness], ground: Ground): string {
  const words = ({ intent }: Witness) => `${intent.agent} wants ${intent.action} (for ${intent.objective})`;
  const start = `on ${a.intent.resource} ${words(a)} and ${words(b)}: `;
  if (!meeting.excludes) {
    const merge =
      meeting.first === meeting.second && meeting.first.resolve ? ', or merged where one does for both' : '';
    const sum = meeting.moves.length > 0 ? `, whatever becomes of the ${meeting.moves.join(' and the ')}` : '';
    return `${start}both are granted${merge}${sum}.`;
  }
  const stronger = strongerOf(a, b, ground);
  if (!stronger)
    return `${start}they are equal in rank, so the one with more at stake is granted and the other denied.`;
  const { winner, loser, rule } = stronger;
  return `${start}${winner.intent.action} of ${winner.intent.agent} is granted by "${rule}", ${loser.intent.action} of ${loser.intent.agent} denied.`;
}
