import type { Envelope } from '#shared/contracts/envelope.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { type Instant, plus } from '#shared/kernel/time.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { parseClockDuration } from '#shared/policy/units.ts';
import { effectsOf } from '../effects.ts';
import { judge } from '../resolve.ts';
import type { Outcome, Proposed } from '../types.ts';
import { compareEffects, compareQuestion } from './effects.ts';
import { foldEvent, readEvent } from './events.ts';
import { compareConflicts, compareDecision, readExpected } from './expect.ts';
import { inside, type Place } from './fields.ts';
import type { WrittenStep } from './format.ts';
import { setScene } from './given.ts';
import { type ReadIntent, readIntent } from './intents.ts';
import type { ReadCase } from './read.ts';
import type { CaseResult, Difference } from './report.ts';
import { Stage } from './stage.ts';
import { readTime, type Terms } from './values.ts';

/** A Wednesday in autumn, while the shop is open: the moment of every case that names no other. */
const USUAL_NOW = '2011-10-05 11:00';
const FIRST_SEQ = 100;

interface Asked {
  readonly agent: string;
  readonly read: ReadIntent | undefined;
  readonly proposed: Proposed | undefined;
}

/**
 * Plays one case, step by step, against the real judgement. Faults of the text go to its source; a case that has any says
 * nothing about the rules, and there is no result of it.
 */
export function playCase(read: ReadCase, policy: Policy): CaseResult | undefined {
  const { source, path, shared, written } = read;
  const before = source.reported;
  const stage = new Stage();
  const differences: Difference[] = [];
  const deciders = new Set<string>();
  let now: Instant = clock(shared?.now, USUAL_NOW, policy);
  const steps: { step: WrittenStep; place: Place }[] = [
    { step: written, place: { source, path } },
    ...(written.then ?? []).map((step, index) => ({ step, place: { source, path: [...path, 'then', index] } })),
  ];
  for (const [index, { step, place }] of steps.entries()) {
    now = moment(step, now, policy, place);
    const terms: Terms = { currency: policy.shop.currency, zone: policy.shop.zone, now };
    if (index === 0 && shared) setScene(shared, stage, policy, terms, { source, path: ['given'] });
    if (step.given) setScene(step.given, stage, policy, terms, inside(place, 'given'));
    const about = index === 0 ? '' : `step ${index + 1}: `;
    const played = playStep(step, FIRST_SEQ + index, stage, policy, terms, place, about, deciders);
    differences.push(...played.differences);
    // What comes after a step that could not happen says nothing of its own.
    if (!played.happened) break;
  }
  if (source.reported > before) return undefined;
  differences.unshift(...stage.missing);
  return {
    file: read.file,
    line: read.line,
    name: written.case,
    number: String(written.number ?? ''),
    passed: differences.length === 0,
    differences,
    deciders: [...deciders].sort(),
  };
}

function clock(text: string | undefined, usual: string, policy: Policy): Instant {
  const terms = { currency: policy.shop.currency, zone: policy.shop.zone, now: '1970-01-01T00:00:00.000Z' };
  return readTime(text ?? usual, terms) ?? readTime(usual, terms)!;
}

/** The clock of a step: its own, or so long after the step before it. */
function moment(step: WrittenStep, before: Instant, policy: Policy, place: Place): Instant {
  const written = step.given?.now;
  const terms = { currency: policy.shop.currency, zone: policy.shop.zone, now: before };
  if (written !== undefined) {
    const found = readTime(written, terms);
    if (found === undefined)
      place.source.report({ path: [...place.path, 'given', 'now'] }, `"${written}" is not a time`);
    return found ?? before;
  }
  if (step.after === undefined) return before;
  try {
    return plus(before, parseClockDuration(step.after));
  } catch (thrown) {
    place.source.report({ path: [...place.path, 'after'] }, thrown instanceof Error ? thrown.message : String(thrown));
    return before;
  }
}

function playStep(
  step: WrittenStep,
  seq: number,
  stage: Stage,
  policy: Policy,
  terms: Terms,
  place: Place,
  about: string,
  deciders: Set<string>,
): { readonly happened: boolean; readonly differences: readonly Difference[] } {
  const event = readEvent(step.on, seq, stage, terms, inside(place, 'on'));
  if (!event) return { happened: false, differences: [] };
  if ('missing' in event) {
    const on = Object.entries(step.on ?? {}).map(([type, what]) => `${type}: ${String(what)}`);
    return { happened: false, differences: [{ about: `${about}on ${on.join(', ')}`, ...event.missing }] };
  }
  const before = foldEvent(event, stage);
  if (event.type.startsWith('action.')) stage.moved(String(event.data.action), endOf(event.type));
  const asked = readAsked(step, event, stage, terms, place);
  const proposed = asked.flatMap((entry) => entry.proposed ?? []);
  // The members of a question are judged again when it is answered, so what they count towards is looked up too.
  const members = [...stage.escalations.values()].flatMap((open) => open.members);
  const world = stage.world([...proposed, ...members], policy);
  const effects = effectsOf(event, world, policy, before);
  const differences = compareEffects(about, step.effects, effects, stage);
  world.apply(effects);
  const outcome = judge(event, proposed, world, policy);
  stage.take(effects);
  if (effects.revocations.length > 0 || event.type === 'order.cancelled') stage.void(event.subject, seq);
  stage.take(outcome);
  for (const decision of outcome.decisions) deciders.add(decision.rule);
  differences.push(
    ...compareAsked(step, asked, outcome, policy, terms, place, about),
    ...compareConflicts(`${about}conflict`, step.conflict, outcome),
    ...compareQuestion(about, step.asks, { ...outcome, escalations: [...effects.escalations, ...outcome.escalations] }),
  );
  return { happened: true, differences };
}

function endOf(type: string): 'done' | 'failed' | 'unknown' | 'revoked' {
  return type.slice('action.'.length) as 'done';
}

function readAsked(step: WrittenStep, event: Envelope, stage: Stage, terms: Terms, place: Place): Asked[] {
  return Object.entries(step.intents ?? {}).flatMap(([agent, written]) => {
    const isList = Array.isArray(written);
    return [written].flat().map((one, index): Asked => {
      const spot = inside(place, 'intents', agent, ...(isList ? [index] : []));
      const read = readIntent(agent, one, stage.facts, terms, spot);
      const id = `${event.id}.${agent}.1.${index}`;
      return { agent, read, proposed: read && { id, agent, intent: read.intent, event, replacements: 0 } };
    });
  });
}

function compareAsked(
  step: WrittenStep,
  asked: readonly Asked[],
  outcome: Outcome,
  policy: Policy,
  terms: Terms,
  place: Place,
  about: string,
): Difference[] {
  const rules = policy.rules.map((rule) => rule.id);
  return Object.entries(step.expect ?? {}).flatMap(([agent, written]) => {
    const mine = asked.filter((entry) => entry.agent === agent);
    const list = [written].flat();
    const spot = inside(place, 'expect', agent);
    if (list.length !== mine.length) {
      const words = `${agent} has ${mine.length} intents here, and ${list.length} are expected`;
      spot.source.report({ path: spot.path }, words);
      return [];
    }
    return list.flatMap((one, index) => {
      const entry = mine[index]!;
      const expected = readExpected(one, entry.read, rules, terms, Array.isArray(written) ? inside(spot, index) : spot);
      if (!expected || !entry.proposed) return [];
      const decision = outcome.decisions.find((found) => found.intent === entry.proposed?.id);
      const target = decision?.resource ?? entry.read?.type.target(entry.proposed.intent.params as never);
      const name = `${about}${agent} ${entry.proposed.intent.action} ${target as ResourceKey}`;
      return compareDecision(name, expected, decision, outcome, terms);
    });
  });
}
