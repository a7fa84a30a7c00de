import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import { localTime } from '../business-time.ts';
import type { SimpleComparison } from '../condition/simple.ts';
import { FIELDS, type FieldType, type Root } from '../condition/vocabulary.ts';
import { figure } from '../units.ts';
import type { StaticFinding } from './finding.ts';
import { type Ground, objectivesOf, type Placed, placeOf, proposersOf, thingOf } from './ground.ts';
import { emptyField, regionOf } from './region.ts';
import { situationsFor, speaks } from './situation.ts';

/** Rules that can never speak: what they ask contradicts itself, concerns nothing that is ever proposed, or is over. */
export function unreachable(ground: Ground): readonly StaticFinding[] {
  return ground.rules.flatMap((placed) => {
    const found =
      contradiction(placed, ground) ?? noSuchThing(placed) ?? noSuchProposal(placed, ground) ?? over(placed, ground);
    return found
      ? [{ check: 'unreachable', rules: [placed.id], place: placeOf(placed), ...found } satisfies StaticFinding]
      : [];
  });
}

type Found = Pick<StaticFinding, 'level' | 'message' | 'witness'>;

/** Comparisons that no figure or name can satisfy together. */
function contradiction(placed: Placed, ground: Ground): Found | undefined {
  const { shape } = placed.rule.compiled;
  const field = emptyField(regionOf(shape));
  if (field === undefined || !shape.condition) return undefined;
  // A wish without the field may still be spoken about: what is missing does not lift a hold. It is tried out.
  const loose = regionOf({ ...shape, condition: undefined });
  if (situationsFor(placed, loose, ground).some((situation) => speaks(placed, situation))) return undefined;
  const parts = shape.condition.comparisons.filter((one) => one.field === field || one.field === `intent.${field}`);
  const words = parts.map((one) => comparisonText(one, ground)).join(' and ');
  return {
    level: 'error',
    message: `${placed.id} never speaks: nothing can have ${words || `such a ${field}`}${parts.length < 2 ? ` (its scope leaves no ${field})` : ''}.`,
    witness: tried(parts, field, ground),
  };
}

/** For each comparison, a figure that satisfies it and fails another. */
function tried(parts: readonly SimpleComparison[], field: string, ground: Ground): string {
  const figures = parts.flatMap(({ operator, value }) => {
    if (typeof value !== 'number') return [];
    const fits = operator === '>' ? value + 1 : operator === '<' ? value - 1 : value;
    const fails = parts.find((one) => typeof one.value === 'number' && !holdsFigure(one.operator, fits, one.value));
    return fails ? [`${field} ${valueText(field, fits, ground)} is refused by "${comparisonText(fails, ground)}"`] : [];
  });
  if (figures.length > 0) return `${figures.join(', and ')}; so is everything between.`;
  return `a wish with ${parts.map((one) => comparisonText(one, ground)).join(' that also has ') || `any ${field}`} cannot be made.`;
}

function holdsFigure(operator: SimpleComparison['operator'], figureTried: number, limit: number): boolean {
  if (operator === '<') return figureTried < limit;
  if (operator === '<=') return figureTried <= limit;
  if (operator === '>') return figureTried > limit;
  if (operator === '>=') return figureTried >= limit;
  return operator === '==' ? figureTried === limit : figureTried !== limit;
}

/** A scope of goods on actions that are about orders or customers. */
function noSuchThing(placed: Placed): Found | undefined {
  const { shape } = placed.rule.compiled;
  const { says } = placed;
  const actions = shape.actions ?? [...ACTION_TYPES.keys()];
  const goods = shape.scope.sku ? 'sku' : shape.scope.category ? 'category' : undefined;
  const wanted = says.kind === 'guardrail' ? says.on : goods === undefined ? undefined : 'sku';
  if (wanted === undefined || actions.some((action) => thingOf(action) === wanted)) return undefined;
  const [first] = actions;
  const what =
    says.kind === 'guardrail'
      ? `it looks at ${says.on === 'order' ? 'an order' : `a ${says.on}`}`
      : `its scope names a ${goods}`;
  return {
    level: 'error',
    message: `${placed.id} never speaks: ${what}, and ${first === undefined ? 'no action moves that' : `${actions.join(', ')} ${actions.length === 1 ? 'is' : 'are'} about ${things(actions)}`}.`,
    witness:
      first === undefined
        ? 'there is no such wish.'
        : `${/^[aeiou]/.test(first) ? 'an' : 'a'} ${first} is about ${things([first])}, so the rule passes it over.`,
  };
}

function things(actions: readonly string[]): string {
  const nouns: Readonly<Record<string, string>> = { order: 'an order', sku: 'a SKU' };
  return [...new Set(actions.map((action) => nouns[thingOf(action)] ?? `a ${thingOf(action)}`))].join(' or ');
}

/** Nobody in its scope proposes such an action; an agent without a manifest may propose anything. */
function noSuchProposal(placed: Placed, ground: Ground): Found | undefined {
  const { shape } = placed.rule.compiled;
  // Nobody's name or wish stands in a guardrail or a budget: they look at what is in force, whoever asked for it.
  if (placed.says.kind === 'guardrail' || (!shape.scope.agent && !shape.scope.objective)) return undefined;
  const known = new Set(ground.manifests.map(({ agent }) => agent));
  const agents = [...(shape.scope.agent ?? ground.model.agents)].filter((agent) => agent !== 'coordinator');
  if (agents.length === 0 || agents.some((agent) => !known.has(agent))) return undefined;
  const actions = shape.actions ?? [...ACTION_TYPES.keys()];
  const fits = (agent: string, action: string) =>
    proposersOf(action, ground).includes(agent) &&
    (!shape.scope.objective || objectivesOf(agent, action, ground).some((one) => shape.scope.objective?.has(one)));
  if (agents.some((agent) => actions.some((action) => fits(agent, action)))) return undefined;
  const [agent = ''] = agents;
  const proposes = ground.manifests.find((one) => one.agent === agent)?.actions ?? [];
  const whose = shape.scope.agent ? agents.join(', ') : 'no agent';
  const what = `${shape.actions ? shape.actions.join(', ') : 'anything'}${shape.scope.objective ? ` for ${[...shape.scope.objective].join(' or ')}` : ''}`;
  return {
    level: 'warning',
    message: `${placed.id} never speaks: ${whose} ${shape.scope.agent ? `${agents.length === 1 ? 'does' : 'do'} not propose` : 'proposes'} ${what}.`,
    witness: `by its manifest ${agent} proposes ${proposes.map(({ type, objectives }) => `${type} (${objectives.join(', ')})`).join(', ') || 'nothing'}.`,
  };
}

/** Dates that lie behind us. */
function over(placed: Placed, { model, now }: Ground): Found | undefined {
  const { shape } = placed.rule.compiled;
  const { says } = placed;
  const today = localTime(model.calendar, now).date;
  const frozen = says.kind === 'temporal' && says.form === 'freeze' ? [says.range] : undefined;
  for (const ranges of [frozen, shape.seasons]) {
    const last = ranges
      ?.map(({ to }) => to)
      .sort()
      .at(-1);
    if (last === undefined || ranges?.some(({ to }) => to.length === 'mm-dd'.length || to >= today)) continue;
    return {
      level: 'warning',
      message: `${placed.id} no longer speaks: its last day was ${last}.`,
      witness: `on ${today} nothing is in it. Write the days of the coming year, or, in a season, 11-15 for every year.`,
    };
  }
  return undefined;
}

function comparisonText({ field, operator, value }: SimpleComparison, ground: Ground): string {
  return `${field} ${operator} ${valueText(field, value, ground)}`;
}

function valueText(field: string, value: SimpleComparison['value'], { model }: Ground): string {
  if (Array.isArray(value)) return value.join(' or ');
  if (typeof value !== 'number') return String(value);
  const [root = '', ...rest] = field.split('.');
  const type: FieldType | undefined = FIELDS[root as Root]?.[rest.join('.')] ?? paramType(field);
  return type === 'money' || type === 'percent' || type === 'duration'
    ? figure(value, type, model.shop.currency)
    : String(value);
}

function paramType(field: string): FieldType | undefined {
  if (field.endsWith('Minor')) return 'money';
  return field.endsWith('BasisPoints') ? 'percent' : undefined;
}
