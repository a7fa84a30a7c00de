import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { Manifest } from '#shared/contracts/answer.ts';
import { kindOf, type ResourceKind } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { NamedRule } from '../assemble.ts';
import type { RuleShape, Says } from '../kinds/shape.ts';
import type { Policy } from '../policy.ts';
import type { ShopModel } from '../shop.ts';
import { intersection, type Region, regionOf } from './region.ts';

/** What the analysis is told beside the rules. */
export interface Around {
  /** Who proposes what; agents without a manifest may propose anything. */
  readonly manifests: readonly Pick<Manifest, 'agent' | 'actions'>[];
  readonly now: Instant;
}

/** A rule with what it is asked about, worked out once. */
export interface Placed {
  readonly rule: NamedRule;
  readonly id: string;
  readonly says: Says;
  readonly region: Region;
}

/** Everything that the checks look at. */
export interface Ground extends Around {
  readonly policy: Policy;
  readonly model: ShopModel;
  /** In file order; budgets last. */
  readonly rules: readonly Placed[];
}

export function groundOf(
  set: { readonly policy: Policy; readonly rules: readonly NamedRule[]; readonly model: ShopModel },
  around: Around,
): Ground {
  const rules = set.rules.map((rule) => ({
    rule,
    id: rule.compiled.id,
    says: rule.compiled.shape.says,
    region: askedAbout(rule.compiled.shape),
  }));
  return { ...around, policy: set.policy, model: set.model, rules };
}

/** A guardrail is asked only about actions on its kind of thing. */
function askedAbout(shape: RuleShape): Region {
  const region = regionOf(shape);
  const { says } = shape;
  if (says.kind !== 'guardrail') return region;
  const about = new Set([...ACTION_TYPES.keys()].filter((action) => thingOf(action) === says.on));
  return intersection(region, { ...region, names: new Map([['action', { only: about, but: new Set<string>() }]]) });
}

/** Rules of one kind, with what they say. */
export function ofKind<Kind extends Says['kind']>(
  ground: Ground,
  kind: Kind,
): readonly (Placed & { readonly says: Extract<Says, { kind: Kind }> })[] {
  return ground.rules.filter(
    (placed): placed is Placed & { readonly says: Extract<Says, { kind: Kind }> } => placed.says.kind === kind,
  );
}

export function placeOf({ rule }: Placed): { readonly file: string; readonly line: number } {
  return { file: rule.file, line: rule.line };
}

/** `big-refund (money.yaml:52)`. */
export function cited({ id, rule }: Placed): string {
  return `${id} (${rule.file}:${rule.line})`;
}

const MADE_UP = 'sku:85123A';

/** Parameters that answer with one text whatever is asked: enough to see what an action is about and whether it names its own start. */
const anyParams: Record<string, unknown> = new Proxy({}, { get: () => MADE_UP });

/** What kind of thing an action is about. A category stands for the SKUs in it. */
export function thingOf(action: string): ResourceKind {
  const type = ACTION_TYPES.get(action);
  return type ? kindOf(type.target(anyParams)) : 'sku';
}

/** Whether an action begins when it is decided, so that nobody can plan it ahead. */
export function startsAtOnce(action: string, now: Instant): boolean {
  return ACTION_TYPES.get(action)?.window(anyParams, now).from === now;
}

/** Agents that propose an action by their manifest. */
export function proposersOf(action: string, { manifests }: Around): readonly string[] {
  return manifests.filter((one) => one.actions.some(({ type }) => type === action)).map(({ agent }) => agent);
}

/** What an agent's action may be for; empty where no manifest says. */
export function objectivesOf(agent: string, action: string, { manifests }: Around): readonly string[] {
  const mine = manifests.find((one) => one.agent === agent);
  return mine?.actions.find(({ type }) => type === action)?.objectives ?? [];
}
