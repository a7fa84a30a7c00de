import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import { durationWords } from '../units.ts';
import { FINDINGS_MAX, type StaticFinding, thinned } from './finding.ts';
import { cited, type Ground, ofKind, type Placed, placeOf, startsAtOnce } from './ground.ts';
import { emptyField, intersection, type Region } from './region.ts';
import { blockedOn, type Day, daysToLookAt, fillsDay, inDays, isWindowed, momentOn } from './times.ts';
import { inWords, type Witness, witnessesIn } from './witness.ts';

type Windowed = Placed & {
  readonly says: Extract<Placed['says'], { form: 'quiet' | 'only' | 'business-hours' | 'freeze' }>;
};

/** Times that leave no minute of the year, and lead times for what begins when it is decided. */
export function impossibleWindow(ground: Ground): readonly StaticFinding[] {
  return [...noMinute(ground), ...noLead(ground)];
}

/** Around each rule, the rules that concern the same wishes are gathered; together they must leave a minute somewhere in the year. */
function noMinute(ground: Ground): readonly StaticFinding[] {
  const rules = ofKind(ground, 'temporal').filter((placed): placed is Windowed => isWindowed(placed.says));
  const found = new Map<string, StaticFinding>();
  const seen = new Set<string>();
  const days = daysToLookAt(ground.model, ground.now, []);
  for (const rule of rules) {
    const { together, common } = gathered(rule, rules);
    const key = together
      .map(({ id }) => id)
      .sort()
      .join();
    if (seen.has(key) || found.size >= FINDINGS_MAX) continue;
    seen.add(key);
    if (!days.every((day) => fillsDay(together.flatMap((one) => blocked(one, day, ground))))) continue;
    const needed = fewest(together, days, ground);
    const example = confirmed(needed, common, days, ground);
    if (!example) continue;
    const [later = rule] = needed.toSorted((a, b) => rules.indexOf(b) - rules.indexOf(a));
    found.set(
      needed
        .map(({ id }) => id)
        .sort()
        .join(),
      {
        check: 'impossible-window',
        level: 'error',
        rules: [later.id, ...needed.filter((one) => one !== later).map(({ id }) => id)],
        place: placeOf(later),
        message: `${needed.map(cited).join(' and ')} ${needed.length === 1 ? 'leaves' : 'together leave'} no minute of the year.`,
        witness: `${inWords(example, ground)}: at every minute of ${days[0]?.weekday} ${days[0]?.date}, and of every other day, ${needed.map(({ id }) => id).join(' or ')} holds it back.`,
      },
    );
  }
  return [...found.values()];
}

function gathered(
  rule: Windowed,
  rules: readonly Windowed[],
): { readonly together: readonly Windowed[]; readonly common: Region } {
  let common = rule.region;
  const together = [rule];
  for (const other of rules) {
    if (other === rule) continue;
    const narrower = intersection(common, other.region);
    if (emptyField(narrower) !== undefined) continue;
    common = narrower;
    together.push(other);
  }
  return { together, common };
}

/** In a season the rule blocks only on the season's days. */
function blocked(placed: Windowed, day: Day, { model }: Ground): readonly (readonly [number, number])[] {
  const { seasons } = placed.region;
  if (seasons && !seasons.some((range) => inDays(range, day.date))) return [];
  return blockedOn(placed.says, day, model);
}

/** Leaves out, one after another, what is not needed to fill a fortnight; what is left then has to fill the year. */
function fewest(together: readonly Windowed[], days: readonly Day[], ground: Ground): readonly Windowed[] {
  const filled = (rules: readonly Windowed[], some: readonly Day[]) =>
    some.every((day) => fillsDay(rules.flatMap((one) => blocked(one, day, ground))));
  let needed = together;
  for (const one of together) {
    const rest = needed.filter((other) => other !== one);
    if (rest.length > 0 && filled(rest, days.slice(0, FORTNIGHT))) needed = rest;
  }
  return filled(needed, days) ? needed : together;
}

const FORTNIGHT = 14;
const WITNESSES_MAX = 4;

/** The compiled rules are asked at every half hour of two weeks, and once a day for the rest of the year. */
function confirmed(
  needed: readonly Windowed[],
  common: Region,
  days: readonly Day[],
  { ...ground }: Ground,
): Witness | undefined {
  const moments = days.flatMap((day, index) => {
    const minutes = index < FORTNIGHT ? Array.from({ length: 48 }, (_, half) => half * 30) : [(index * 37) % 1_440];
    return minutes.map((minute) => momentOn(day, minute, ground.model));
  });
  return thinned(witnessesIn({ ...common, seasons: undefined }, ground), WITNESSES_MAX).find(({ intent }) =>
    moments.every((now) =>
      needed.some(({ rule }) => rule.compiled.hold?.({ ...intent, now, window: { from: now } }, now) !== undefined),
    ),
  );
}

/** A lead time for an action that cannot be planned ahead refuses all of them. */
function noLead(ground: Ground): readonly StaticFinding[] {
  return ofKind(ground, 'temporal').flatMap((placed): readonly StaticFinding[] => {
    const { says, region, rule } = placed;
    if (says.form !== 'lead') return [];
    const actions = [...(region.names.get('action')?.only ?? ACTION_TYPES.keys())];
    const atOnce = actions.filter((action) => startsAtOnce(action, ground.now));
    const example = witnessesIn(
      { ...region, names: new Map([...region.names, ['action', { only: new Set(atOnce), but: new Set<string>() }]]) },
      ground,
    ).find(({ intent }) => rule.compiled.hold?.(intent, intent.now)?.verdict === 'denied');
    if (!example) return [];
    const all = atOnce.length === actions.length;
    return [
      {
        check: 'impossible-window',
        level: all ? 'error' : 'warning',
        rules: [placed.id],
        place: placeOf(placed),
        message: `${placed.id} asks for ${durationWords(says.ms)} ahead, and ${atOnce.join(', ')} ${atOnce.length === 1 ? 'begins' : 'begin'} when decided: every one is refused.`,
        witness: `${inWords(example, ground)}: it would begin at once, 0 min ahead.`,
      },
    ];
  });
}
