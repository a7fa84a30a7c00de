import type { Projection } from '#shared/contracts/projection.ts';
import type { Aspect } from '#shared/contracts/resource.ts';
import { type Instant, plus } from '#shared/kernel/time.ts';
import { PROJECTED } from '../condition/projected.ts';
import type { SimpleCondition } from '../condition/simple.ts';
import type { Change, GuardrailInput } from '../policy.ts';
import { thinned } from './finding.ts';
import type { Ground, Placed } from './ground.ts';
import { narrowed, type Region } from './region.ts';
import { daysToLookAt, momentOn } from './times.ts';
import { figureIn, type Witness, witnessesIn } from './witness.ts';

/** A moment in which a rule may speak: a wish, and all that rules are told beside it. */
export interface Situation extends Witness {
  readonly now: Instant;
  /** What has been counted already towards every cumulative limit. */
  readonly counted: number;
  readonly changes: readonly Change[];
  readonly leaf: GuardrailInput;
}

const HOUR_MS = 3_600_000;

/** So many are tried at most of one rule. */
const SITUATIONS_MAX = 600;
const WITNESSES_MAX = 8;

/** Situations in which the rule could speak: its own region's wishes, with everything varied that its kind looks at. */
export function situationsFor(placed: Placed, region: Region, ground: Ground): readonly Situation[] {
  return thinned(everySituation(placed, region, ground), SITUATIONS_MAX);
}

function everySituation(placed: Placed, region: Region, ground: Ground): readonly Situation[] {
  const { says } = placed;
  const witnesses = witnessesIn(region, ground);
  if (says.kind === 'temporal') {
    const tried = thinned(witnesses, WITNESSES_MAX);
    const each = Math.ceil(SITUATIONS_MAX / Math.max(1, tried.length));
    return tried.flatMap((witness) => inTime(witness, says, ground, each));
  }
  if (says.kind === 'threshold') {
    const sums = says.overMs === undefined ? [0] : [0, says.limit, says.limit * 10];
    const own = says.overMs === undefined ? [undefined] : [1, says.limit + 1];
    return witnesses.flatMap((witness) =>
      sums.flatMap((counted) => own.map((amount) => ({ ...plain(moving(witness, says.measure, amount)), counted }))),
    );
  }
  if (says.kind === 'damping') return witnesses.flatMap((witness) => swinging(witness));
  if (says.kind === 'guardrail') {
    return witnesses.flatMap((witness) =>
      projections(says.assert).map((projected) => ({ ...plain(witness), leaf: leafOf(witness, projected) })),
    );
  }
  return witnesses.map(plain);
}

/** Whether the rule says anything about it. */
export function speaks({ rule: { compiled } }: Placed, situation: Situation): boolean {
  const { intent, conflict, now, counted, changes, leaf } = situation;
  if (compiled.actions && !compiled.actions.includes(intent.action)) return false;
  const thing = { resource: intent.resource, category: intent.category, now };
  return (
    compiled.objectiveRank?.(intent) !== undefined ||
    compiled.agentRank?.(intent) !== undefined ||
    compiled.temporalRank?.(intent) !== undefined ||
    compiled.hold?.(intent, now) !== undefined ||
    compiled.violation?.(leaf) !== undefined ||
    compiled.threshold?.({ intent, conflict, counted: () => counted, now }) !== undefined ||
    compiled.sameness?.(intent) !== undefined ||
    compiled.succession?.(intent) !== undefined ||
    compiled.autonomy?.(intent) !== undefined ||
    compiled.damping?.hold(intent, changes, now) !== undefined ||
    (intent.aspect !== undefined && compiled.respectMs?.(thing, intent.aspect as Aspect) !== undefined)
  );
}

function plain(witness: Witness): Situation {
  return { ...witness, now: witness.intent.now, counted: 0, changes: [], leaf: leafOf(witness, {}) };
}

function moving(witness: Witness, measure: keyof Witness['intent']['impact'], amount: number | undefined): Witness {
  if (amount === undefined) return witness;
  return { ...witness, intent: { ...witness.intent, impact: { ...witness.intent.impact, [measure]: amount } } };
}

/** The same wish on one day of each weekday, at every half hour, soon after its cause and long after, started at once and planned. */
function inTime(
  witness: Witness,
  says: Extract<Placed['says'], { kind: 'temporal' }>,
  ground: Ground,
  most: number,
): readonly Situation[] {
  const events = 'events' in says ? says.events : [witness.intent.cause.type];
  const ms = 'ms' in says ? says.ms : HOUR_MS;
  const { form } = says;
  if (form === 'quiet' || form === 'only' || form === 'business-hours' || form === 'freeze') {
    return thinned(momentsOf(witness, says, ground), most).map((now) =>
      at(witness, now, witness.intent.cause.type, now, now),
    );
  }
  const { now } = witness.intent;
  return events.flatMap((cause) =>
    [0, ms - 1, ms, ms + 1, ms * 3].flatMap((ago) => [
      at(witness, now, cause, plus(now, -ago), now),
      at(witness, now, cause, plus(now, -ago), plus(now, ago)),
    ]),
  );
}

function momentsOf(
  witness: Witness,
  says: Extract<Placed['says'], { kind: 'temporal' }>,
  { model, now }: Ground,
): readonly Instant[] {
  const from = witness.intent.now > now ? witness.intent.now : now;
  const ranges = says.form === 'freeze' ? [says.range] : [];
  const days = daysToLookAt(model, from, ranges);
  const chosen = [
    ...days.slice(0, 8),
    ...days.filter(({ date }) => ranges.some((range) => range.from === date || range.to === date)),
  ];
  return chosen.flatMap((day) => Array.from({ length: 48 }, (_, index) => momentOn(day, index * 30, model)));
}

function at({ intent, conflict }: Witness, now: Instant, cause: string, caused: Instant, starts: Instant): Situation {
  const lasts =
    intent.window.to === undefined ? undefined : Date.parse(intent.window.to) - Date.parse(intent.window.from);
  const moved = {
    ...intent,
    now: intent.now === intent.window.from && now !== intent.now ? now : intent.now,
    cause: { type: cause, time: caused },
    lastChange: caused,
    window: { from: starts, ...(lasts === undefined ? {} : { to: plus(starts, lasts) }) },
  };
  return { ...plain({ intent: moved, conflict }), now };
}

/** Earlier changes back and forth, so many hours apart, with the wish going on or turning. */
function swinging(witness: Witness): readonly Situation[] {
  const { now } = witness.intent;
  return [1, 6, 24, 24 * 7].flatMap((hours) =>
    [0, 1, 2, 4, 8].flatMap((count) =>
      [0, 1_000].map((level) => {
        const changes = Array.from({ length: count }, (_, index) => ({
          at: plus(now, -(count - index) * hours * HOUR_MS),
          level: index % 2 === 0 ? 100 : 200,
          action: witness.intent.action,
        }));
        return { ...plain({ ...witness, intent: { ...witness.intent, level } }), changes };
      }),
    ),
  );
}

const READS: Readonly<Record<string, { readonly reads: keyof Projection }>> = PROJECTED;

const NOTHING: Region = { names: new Map(), spans: new Map(), members: new Map(), seasons: undefined, exact: true };

/** Figures at, below and above everything that the condition compares with, flags both ways; and nothing known at all. */
export function projections(assert: SimpleCondition): readonly Partial<Projection>[] {
  const held = narrowed(NOTHING, assert.comparisons, true);
  let all: Partial<Projection>[] = [{}];
  const vary = (field: string, values: readonly unknown[]) => {
    const key = READS[field.slice('projected.'.length)]?.reads;
    if (key)
      all = all.flatMap((one) => [one, ...values.map((value) => ({ ...one, [key]: value }))]).slice(0, TRIED_AT_MOST);
  };
  for (const [field, span] of held.spans) {
    const ends = [figureIn(span, false), figureIn(span, true)].flatMap((value) => value ?? []);
    vary(
      field,
      ends.flatMap((value) => [value - 1, value, value + 1, value - 10_000, value + 10_000]),
    );
  }
  for (const field of held.names.keys()) vary(field, [true, false]);
  return all;
}

const TRIED_AT_MOST = 500;

export function leafOf({ intent }: Witness, projected: Partial<Projection>, actions = [intent.action]): GuardrailInput {
  return {
    leaf: intent.resource,
    category: intent.category,
    actions,
    now: intent.now,
    projected: {
      discountBasisPoints: 0,
      contacts: 0,
      spendMinor: 0,
      refundMinor: 0,
      reorderUnits: 0,
      states: [],
      ...projected,
    },
  };
}
