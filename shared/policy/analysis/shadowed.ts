import type { Says } from '../kinds/shape.ts';
import { FINDINGS_MAX, type StaticFinding } from './finding.ts';
import { cited, type Ground, type Placed, placeOf } from './ground.ts';
import { contains, emptyField, narrowed, type Region, regionOf } from './region.ts';
import { situationsFor, speaks } from './situation.ts';
import { blockedOn, covers, daysToLookAt, isWindowed } from './times.ts';
import { inWords } from './witness.ts';

type Saying<Kind extends Says['kind']> = Extract<Says, { kind: Kind }>;

/**
 * Rules that can never decide, because another rule of their kind always speaks first. What can be read off the shapes is
 * then tried out: wishes are made up in the rule's region, and a finding that one of them refutes is not reported.
 */
export function shadowed(ground: Ground): readonly StaticFinding[] {
  const found: StaticFinding[] = [];
  for (const [index, later] of ground.rules.entries()) {
    if (found.length >= FINDINGS_MAX) break;
    if (emptyField(later.region) !== undefined) continue;
    const shades = shadesOf(later, index, ground);
    const example = shades && confirmed(later, shades, ground);
    if (!shades || example === undefined) continue;
    found.push({
      check: 'shadowed',
      level: 'error',
      rules: [later.id, ...shades.map(({ id }) => id)],
      place: placeOf(later),
      message: `${later.id} never decides: ${shades.map(cited).join(' and ')} ${shades.length === 1 ? 'speaks' : 'speak'} first about everything that it is about. Put it before, make its scope different, or drop it.`,
      witness: example,
    });
  }
  return found;
}

/** The rules that speak first, one for each part of the rule; undefined where a part is left to it. */
function shadesOf(later: Placed, index: number, ground: Ground): readonly Placed[] | undefined {
  const parts = partsOf(later.says);
  const found = parts.map((part) =>
    ground.rules.find((first, position) => {
      if (first === later || first.says.kind !== later.says.kind || !goesFirst(first, position, later, index))
        return false;
      return contains(spokenAbout(first), spokenAbout(later)) && saysEnough(first.says, later.says, part, ground);
    }),
  );
  if (found.length === 0 || found.some((first) => first === undefined)) return undefined;
  return [...new Set(found as readonly Placed[])];
}

/** A rule that does two things is dead only when both are. */
function partsOf(says: Says): readonly string[] {
  if (says.kind === 'priority') return [...(says.objectives ? ['objectives'] : []), ...(says.agents ? ['agents'] : [])];
  if (says.kind === 'autonomy')
    return [...(says.mode ? ['mode'] : []), ...(says.respectMs === undefined ? [] : ['respect'])];
  return ['all'];
}

/** Kinds of which one speaks put the narrower first; the others go by file order. */
function goesFirst(first: Placed, position: number, later: Placed, index: number): boolean {
  const planned = first.says.kind === 'temporal' && first.says.form === 'planned-first';
  const byNarrowness = first.says.kind === 'priority' || first.says.kind === 'autonomy' || planned;
  const [a, b] = [first.rule.compiled.narrowness, later.rule.compiled.narrowness];
  return byNarrowness && a !== b ? a > b : position < index;
}

/** What adds up is asked about every wish in scope, however small. */
function spokenAbout(placed: Placed): Region {
  const { says, rule } = placed;
  if (says.kind !== 'threshold' || says.overMs === undefined) return placed.region;
  return regionOf({ ...rule.compiled.shape, condition: undefined });
}

/** Whether the first says something wherever the later would, given that it is asked about everything that the later is. */
function saysEnough(first: Says, later: Says, part: string, ground: Ground): boolean {
  if (first.kind === 'priority' && later.kind === 'priority') {
    return part === 'objectives' ? first.objectives !== undefined : first.agents !== undefined;
  }
  if (first.kind === 'temporal' && later.kind === 'temporal') return holdsAsMuch(first, later, ground);
  if (first.kind === 'threshold' && later.kind === 'threshold') return asksAsMuch(first, later);
  if (first.kind === 'guardrail' && later.kind === 'guardrail') return demandsAsMuch(first, later);
  if (first.kind === 'redundancy' && later.kind === 'redundancy') {
    return first.same.every((name) => later.same.includes(name)) && first.withinMs >= later.withinMs;
  }
  if (first.kind === 'sequence' && later.kind === 'sequence') {
    const stricter = first.otherwise === later.otherwise || first.otherwise === 'deny';
    return stricter && later.first.every((action) => first.first.includes(action));
  }
  if (first.kind === 'autonomy' && later.kind === 'autonomy') {
    if (part === 'mode') return first.mode !== undefined;
    return first.respectMs !== undefined && later.aspects.every((aspect) => first.aspects.includes(aspect));
  }
  if (first.kind === 'damping' && later.kind === 'damping') return calmsAsMuch(first, later);
  return false;
}

function holdsAsMuch(first: Saying<'temporal'>, later: Saying<'temporal'>, { model, now }: Ground): boolean {
  if (isWindowed(first) && isWindowed(later)) {
    const ranges = [first, later].flatMap((says) => (says.form === 'freeze' ? [says.range] : []));
    const days = daysToLookAt(model, now, ranges);
    return days.every((day) => covers(blockedOn(first, day, model), blockedOn(later, day, model)));
  }
  if (first.form !== later.form) return false;
  if (first.form === 'planned-first') return true;
  if ('events' in first && 'events' in later) {
    const sameEvents = later.events.every((event) => first.events.includes(event));
    return sameEvents && (first.form === 'wait' ? first.ms >= later.ms : first.ms <= later.ms);
  }
  return 'ms' in first && 'ms' in later && first.ms >= later.ms;
}

function asksAsMuch(first: Saying<'threshold'>, later: Saying<'threshold'>): boolean {
  if (first.measure !== later.measure || first.stake !== later.stake) return false;
  const lower =
    first.limit < later.limit || (first.limit === later.limit && (first.operator === '>=' || later.operator === '>'));
  if (first.overMs === undefined) return later.overMs === undefined && lower;
  if (later.overMs === undefined) return lower && later.limit >= 0;
  return lower && first.per === later.per && first.overMs >= later.overMs;
}

/** The later is broken only where the first is broken too, and the first leaves it nothing to do. */
function demandsAsMuch(first: Saying<'guardrail'>, later: Saying<'guardrail'>): boolean {
  if (first.on !== later.on) return false;
  const weaker = first.otherwise === later.otherwise || later.otherwise === 'adjust';
  const fieldsOf = (says: Saying<'guardrail'>) =>
    [...new Set(says.assert.comparisons.map(({ field }) => field))].sort().join();
  const unknowns =
    later.whenUnknown === 'allow' || (first.whenUnknown === later.whenUnknown && fieldsOf(first) === fieldsOf(later));
  const held = (says: Saying<'guardrail'>) => narrowed(EVERYTHING, says.assert.comparisons, says.assert.exact);
  return weaker && unknowns && contains(held(later), held(first));
}

const EVERYTHING: Region = { names: new Map(), spans: new Map(), members: new Map(), seasons: undefined, exact: true };

function calmsAsMuch(first: Saying<'damping'>, later: Saying<'damping'>): boolean {
  const dwells = later.dwellMs === undefined || (first.dwellMs !== undefined && first.dwellMs >= later.dwellMs);
  const turns =
    later.reversals === undefined ||
    (first.reversals !== undefined && first.reversals <= later.reversals && (first.overMs ?? 0) >= (later.overMs ?? 0));
  return dwells && turns;
}

/** An example in which the rule would speak, and the first does; undefined where there is none, or where one refutes the finding. */
function confirmed(later: Placed, shades: readonly Placed[], ground: Ground): string | undefined {
  const spoken = situationsFor(later, later.region, ground).filter((situation) => speaks(later, situation));
  const [example] = spoken;
  if (!example || !spoken.every((situation) => shades.every((first) => speaks(first, situation)))) return undefined;
  const first = shades.map(({ id }) => id).join(' and ');
  return `${inWords(example, ground)}: ${first} decides, and ${later.id} is not reached.`;
}
