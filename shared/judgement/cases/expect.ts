import { didYouMean } from '#shared/kernel/suggest.ts';
import { figure } from '#shared/policy/units.ts';
import type { Decision, Outcome, Verdict } from '../types.ts';
import { asContractWants, inside, type Place, readFields } from './fields.ts';
import type { WrittenExpectation, WrittenStep } from './format.ts';
import type { ReadIntent } from './intents.ts';
import type { Difference } from './report.ts';
import { readTime, type Terms, timeWords } from './values.ts';

export const VERDICTS: readonly Verdict[] = ['granted', 'adjusted', 'merged', 'deferred', 'denied', 'escalated'];

/** What decides without being a rule of the files. */
export const BUILT_IN_DECIDERS = [
  'claim',
  'contract',
  'freshness',
  'merge',
  'no-op',
  'nothing-covered',
  'remembered-ruling',
  'replacements',
  'respect',
] as const;

/** What a case expects of one intent. */
export interface Expected {
  readonly verdict: Verdict;
  readonly by?: string;
  /** Said of a rule that there is not. The case fails and is no fault of the file: the rule may have gone since. */
  readonly unknown?: string | undefined;
  readonly because?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly covers?: readonly string[];
  readonly until?: string;
  readonly behind?: string;
}

/** `granted`, `{ denied: by margin-floor }`, `{ adjusted: { price: £9.20 }, by: margin-floor }`, `{ deferred: until 2011-10-06 07:00 }`. */
export function readExpected(
  written: string | WrittenExpectation,
  of: ReadIntent | undefined,
  rules: readonly string[],
  terms: Terms,
  place: Place,
): Expected | undefined {
  const fault = (message: string, guess?: { name: string; known: readonly string[] }) => {
    place.source.report({ path: place.path }, message, guess);
    return undefined;
  };
  if (typeof written === 'string') {
    const verdict = VERDICTS.find((known) => known === written);
    return verdict ? { verdict } : fault(`unknown verdict "${written}".`, { name: written, known: VERDICTS });
  }
  const given = VERDICTS.filter((verdict) => written[verdict] !== undefined);
  const [verdict] = given;
  if (verdict === undefined || given.length > 1) return fault(`expect exactly one of ${VERDICTS.join(', ')}`);
  const detail = written[verdict];
  const words = typeof detail === 'string' ? detail : '';
  const by = written.by ?? /^by (.+)$/.exec(words)?.[1];
  const until = /^until (.+)$/.exec(words)?.[1];
  const moment = until === undefined ? undefined : readTime(until, terms);
  if (until !== undefined && moment === undefined) return fault(`"${until}" is not a time`);
  const behind = /^behind (.+)$/.exec(words)?.[1];
  if (words !== '' && by === undefined && !until && !behind)
    return fault(`"${verdict}: ${words}" says neither "by" a rule nor "until" a time nor "behind" an agent`);
  const params = paramsOf(detail, of, terms, inside(place, verdict));
  return {
    verdict,
    ...(by === undefined ? {} : { by, unknown: unknownRule(by, rules) }),
    ...(written.because === undefined ? {} : { because: written.because }),
    ...(params === undefined ? {} : { params }),
    ...(written.covers === undefined ? {} : { covers: written.covers.map(String) }),
    ...(moment === undefined ? {} : { until: moment }),
    ...(behind === undefined ? {} : { behind }),
  };
}

function unknownRule(by: string, rules: readonly string[]): string | undefined {
  const known = [...rules, ...BUILT_IN_DECIDERS];
  return known.includes(by) ? undefined : ` (there is no such rule.${didYouMean(by, known)})`;
}

function paramsOf(detail: unknown, of: ReadIntent | undefined, terms: Terms, place: Place) {
  if (typeof detail !== 'object' || detail === null || !of) return undefined;
  const { shape } = of.type.params;
  return asContractWants(readFields(detail as never, Object.keys(shape), terms, place), shape);
}

/** Where a decision differs from what was expected of it; what is not mentioned is not compared. */
export function compareDecision(
  about: string,
  expected: Expected,
  decision: Decision | undefined,
  outcome: Outcome,
  terms: Terms,
): Difference[] {
  if (!decision) return [{ about, expected: wordsOf(expected, terms), got: 'no decision' }];
  const got = gotWords(decision, outcome, terms);
  const meets =
    decision.verdict === expected.verdict &&
    (expected.by === undefined || decision.rule === expected.by) &&
    (expected.because === undefined || reasonsHold(decision, expected.because)) &&
    Object.entries(expected.params ?? {}).every(([key, value]) => (decision.params as never)[key] === value) &&
    (expected.covers === undefined || coversOf(decision, outcome) === [...expected.covers].sort().join(', ')) &&
    (expected.until === undefined || decision.wakesOn === `time:${expected.until}`) &&
    (expected.behind === undefined || behindWhom(decision) === expected.behind);
  return meets ? [] : [{ about, expected: wordsOf(expected, terms), got }];
}

function reasonsHold(decision: Decision, because: string): boolean {
  const said = decision.reasons.map(({ why, detail }) => `${why} ${detail}`).join(' ');
  return said.toLowerCase().includes(because.toLowerCase());
}

function coversOf(decision: Decision, outcome: Outcome): string {
  const action = outcome.actions.find((entry) => entry.action === decision.action);
  return (action?.leaves ?? [])
    .map((leaf) => leaf.slice(leaf.indexOf(':') + 1))
    .sort()
    .join(', ');
}

/** The agent behind whose claim, action or question a deferred intent waits; ids begin with the event and name the agent. */
function behindWhom({ wakesOn }: Decision): string | undefined {
  if (wakesOn === undefined || wakesOn.startsWith('time:')) return undefined;
  if (/\.e\d+$/.test(wakesOn)) return 'a question';
  return wakesOn.split('.').at(-3);
}

function wordsOf(expected: Expected, { currency, zone }: Terms): string {
  const parts: string[] = [expected.verdict];
  if (expected.params) parts.push(paramWords(expected.params, currency));
  if (expected.covers) parts.push(`covering ${[...expected.covers].sort().join(', ')}`);
  if (expected.until) parts.push(`until ${timeWords(expected.until, zone)}`);
  if (expected.behind) parts.push(`behind ${expected.behind}`);
  if (expected.by) parts.push(`by ${expected.by}${expected.unknown ?? ''}`);
  if (expected.because) parts.push(`because "${expected.because}"`);
  return parts.join(' ');
}

function gotWords(decision: Decision, outcome: Outcome, terms: Terms): string {
  const parts: string[] = [decision.verdict];
  if (decision.verdict === 'adjusted') {
    parts.push(paramWords(decision.params as Record<string, unknown>, terms.currency));
    const covers = coversOf(decision, outcome);
    if (covers) parts.push(`covering ${covers}`);
  }
  if (decision.verdict === 'deferred') {
    const { wakesOn = '' } = decision;
    parts.push(
      wakesOn.startsWith('time:')
        ? `until ${timeWords(wakesOn.slice('time:'.length), terms.zone)}`
        : `behind ${behindWhom(decision) ?? wakesOn}`,
    );
  }
  parts.push(`by ${decision.rule}`);
  const reason = decision.reasons[0]?.detail;
  if (reason) parts.push(`because "${reason}"`);
  return parts.join(' ');
}

/** The figures among parameters, as people write them. */
function paramWords(params: Readonly<Record<string, unknown>>, currency: string): string {
  return Object.entries(params)
    .flatMap(([key, value]) => {
      if (typeof value !== 'number') return [];
      if (key.endsWith('Minor')) return [`${key.slice(0, -5)} ${figure(value, 'money', currency)}`];
      if (key.endsWith('BasisPoints')) return [`${key.slice(0, -11)} ${figure(value, 'percent', currency)}`];
      return [`${key} ${value}`];
    })
    .join(', ');
}

/** The classes of conflict that a round showed, or `none`. */
export function compareConflicts(about: string, written: WrittenStep['conflict'], outcome: Outcome): Difference[] {
  if (written === undefined) return [];
  const expected = [written].flat().sort().join(', ');
  const got = [...new Set(outcome.conflicts.map((conflict) => conflict.class))].sort().join(', ') || 'none';
  return expected === got ? [] : [{ about, expected, got }];
}
