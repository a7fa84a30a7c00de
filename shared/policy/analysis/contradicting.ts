import type { Projection } from '#shared/contracts/projection.ts';
import { plus } from '#shared/kernel/time.ts';
import { FIELDS } from '../condition/vocabulary.ts';
import { durationWords, figure } from '../units.ts';
import type { StaticFinding } from './finding.ts';
import { cited, type Ground, ofKind, type Placed, placeOf } from './ground.ts';
import { emptyField, intersection, isEmptySpan, lies, narrowed, type Region, type Span, wholeSpan } from './region.ts';
import { leafOf, projections, speaks } from './situation.ts';
import { figureIn, inWords, type Witness, witnessesIn } from './witness.ts';

/** Rules that cannot both hold: floors above ceilings, hands off and hands free, a wait longer than the time allowed. */
export function contradicting(ground: Ground): readonly StaticFinding[] {
  return [...floorsAndCeilings(ground), ...modes(ground), ...waitsTooLong(ground)];
}

type Guardrail = ReturnType<typeof ofKind<'guardrail'>>[number];

const EVERYTHING: Region = { names: new Map(), spans: new Map(), members: new Map(), seasons: undefined, exact: true };

function floorsAndCeilings(ground: Ground): readonly StaticFinding[] {
  const guardrails = ofKind(ground, 'guardrail');
  return guardrails.flatMap((later, index) =>
    guardrails.slice(0, index + 1).flatMap((first) => {
      const where = first.says.on === later.says.on ? commonThings(first, later) : undefined;
      const asserted = where && intersection(heldBy(first), heldBy(later));
      const field = asserted && [...asserted.spans].find(([, span]) => isEmptySpan(span))?.[0];
      // What one rule alone cannot satisfy is that rule's fault, not its neighbours'.
      const others = first !== later && [first, later].some((one) => [...heldBy(one).spans.values()].some(isEmptySpan));
      if (!where || field === undefined || others) return [];
      const witness = neverBoth(first, later, field, where, ground);
      if (witness === undefined) return [];
      const both =
        first === later ? `${later.id} asks for what cannot be` : `${cited(first)} and ${later.id} cannot both hold`;
      const words = [...new Set([first, later])].map(({ says }) => `"${says.assert.source}"`).join(' and ');
      return [
        {
          check: 'contradicting',
          level: 'error',
          rules: [...new Set([later.id, first.id])],
          place: placeOf(later),
          message: `${both}: ${words} leave no ${field}.`,
          witness,
        } satisfies StaticFinding,
      ];
    }),
  );
}

function heldBy({ says }: Guardrail): Region {
  return narrowed(EVERYTHING, says.assert.comparisons, says.assert.exact);
}

/** The goods that both look at. Actions need not be common: two different ones can be in force on one thing. */
function commonThings(first: Placed, later: Placed): Region | undefined {
  const things = (region: Region): Region => ({
    ...region,
    names: new Map([...region.names].filter(([field]) => field !== 'action')),
  });
  const common = intersection(things(first.region), things(later.region));
  const someAction = (region: Region) => (region.names.get('action')?.only?.size ?? 1) > 0;
  return emptyField(common) === undefined && someAction(first.region) && someAction(later.region) ? common : undefined;
}

/** Tries every figure near the limits: each must break one of the two. */
function neverBoth(
  first: Guardrail,
  later: Guardrail,
  field: string,
  where: Region,
  ground: Ground,
): string | undefined {
  const [a, b] = [first, later].map((one) => one.region.names.get('action')!);
  const [wish] = witnessesIn({ ...where, names: new Map([...where.names, ['action', a!]]) }, ground);
  const [other] = witnessesIn({ ...where, names: new Map([...where.names, ['action', b!]]) }, ground);
  if (!wish || !other) return undefined;
  const actions = [...new Set([wish.intent.action, other.intent.action])];
  const breaks = (one: Guardrail, projected: Partial<Projection>) =>
    one.rule.compiled.violation?.(leafOf(wish, projected, actions))?.unknown === false;
  const figures = [...projections(first.says.assert), ...projections(later.says.assert)];
  const canBe = ({ marginBasisPoints: margin }: Partial<Projection>) =>
    margin === undefined || lies(wholeSpan('projected.margin'), margin);
  const all = figures.filter(
    (projected) => Object.keys(projected).length > 0 && readAll(first, later, projected) && canBe(projected),
  );
  if (all.some((projected) => !breaks(first, projected) && !breaks(later, projected))) return undefined;
  const spans = [heldBy(first), heldBy(later)].map((held) => held.spans.get(field));
  const text = [figureText(field, spans[0], ground), figureText(field, spans[1], ground)];
  const on = `${wish.intent.resource}${wish.intent.category ? ` (${wish.intent.category})` : ''}, as ${actions.join(' and ')} would leave it`;
  if (first === later) return `${on}: whatever its ${field}, ${later.id} is broken.`;
  return `${on}: ${field} ${text[0]} keeps ${first.id} and breaks ${later.id}; ${field} ${text[1]} keeps ${later.id} and breaks ${first.id}.`;
}

/** Where one of them has facts missing it says nothing about the other. */
function readAll(first: Guardrail, later: Guardrail, projected: Partial<Projection>): boolean {
  const read = new Set([...first.says.assert.comparisons, ...later.says.assert.comparisons].map(({ field }) => field));
  return Object.keys(projected).length >= read.size;
}

function figureText(field: string, span: Span | undefined, { model }: Ground): string {
  const value = figureIn(span, Number.isFinite(span?.max ?? 0) && !Number.isFinite(span?.min ?? 0)) ?? 0;
  const type = FIELDS.projected[field.slice('projected.'.length)];
  return type === 'money' || type === 'percent' ? figure(value, type, model.shop.currency) : String(value);
}

/** Two modes for the same wishes, in scopes that are equally narrow: only the order of the files decides between them. */
function modes(ground: Ground): readonly StaticFinding[] {
  const rules = ofKind(ground, 'autonomy').filter(({ says }) => says.mode !== undefined);
  return rules.flatMap((later, index) =>
    rules.slice(0, index).flatMap((first) => {
      const equal = first.rule.compiled.narrowness === later.rule.compiled.narrowness;
      if (!equal || first.says.mode === later.says.mode) return [];
      const common = intersection(first.region, later.region);
      const example = emptyField(common) === undefined ? bothSpeak(first, later, common, ground) : undefined;
      if (!example) return [];
      const opposite = [first.says.mode, later.says.mode].every((mode) => mode === 'off' || mode === 'alone');
      return [
        {
          check: 'contradicting',
          level: opposite ? 'error' : 'warning',
          rules: [later.id, first.id],
          place: placeOf(later),
          message: `${cited(first)} says ${first.says.mode} and ${later.id} says ${later.says.mode}, in scopes that are equally narrow; only the order of the files decides between them.`,
          witness: `${inWords(example, ground)}: both rules concern it, and ${ground.policy.autonomy(example.intent)?.rule ?? first.id} decides.`,
        } satisfies StaticFinding,
      ];
    }),
  );
}

function bothSpeak(first: Placed, later: Placed, common: Region, ground: Ground): Witness | undefined {
  return witnessesIn(common, ground).find((witness) => {
    const situation = { ...witness, now: witness.intent.now, counted: 0, changes: [], leaf: leafOf(witness, {}) };
    return speaks(first, situation) && speaks(later, situation);
  });
}

/** `wait` and `within` after one event, with the wait longer than the time allowed: no moment fits. */
function waitsTooLong(ground: Ground): readonly StaticFinding[] {
  const rules = ofKind(ground, 'temporal');
  return rules.flatMap((wait) =>
    rules.flatMap((within) => {
      if (wait.says.form !== 'wait' || within.says.form !== 'within' || wait.says.ms <= within.says.ms) return [];
      const event = wait.says.events.find((one) => within.says.form === 'within' && within.says.events.includes(one));
      const common = intersection(wait.region, within.region);
      if (event === undefined || emptyField(common) !== undefined) return [];
      const example = neverFits(wait, within, event, common, ground);
      if (!example) return [];
      return [
        {
          check: 'contradicting',
          level: 'error',
          rules: [within.id, wait.id],
          place: placeOf(within),
          message: `${cited(wait)} waits ${durationWords(wait.says.ms)} after ${event}, and ${within.id} refuses what comes more than ${durationWords(within.says.ms)} after it; nothing ever fits.`,
          witness: `${inWords(example, ground)}, because of ${event}: held back at first, and refused as soon as ${durationWords(within.says.ms)} have passed.`,
        } satisfies StaticFinding,
      ];
    }),
  );
}

function neverFits(
  wait: Placed,
  within: Placed,
  event: string,
  common: Region,
  { ...ground }: Ground,
): Witness | undefined {
  if (wait.says.kind !== 'temporal' || within.says.kind !== 'temporal') return undefined;
  const spans = [wait.says, within.says].flatMap((says) => ('ms' in says ? [says.ms] : []));
  const agos = spans.flatMap((ms) => [0, ms - 1, ms, ms + 1, ms * 2]);
  return witnessesIn(common, ground).find(({ intent }) =>
    agos.every((ago) => {
      const caused = { ...intent, cause: { type: event, time: plus(intent.now, -ago) } };
      return [wait, within].some(({ rule }) => rule.compiled.hold?.(caused, intent.now) !== undefined);
    }),
  );
}
