import type { Impact } from '#shared/contracts/actions/define.ts';
import type { Attribute, FactView } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Candidate, LikeCase } from '../types.ts';
import { figureOf } from '../world.ts';

/** One of those who want something, as far as it tells kinds of cases apart. */
export interface Party {
  readonly agent: string;
  readonly action: string;
  readonly objective: string;
  readonly category?: string;
  /** Whether it raises or lowers the figure that it sets; absent where it sets none, or nothing is known of it. */
  readonly direction?: 'up' | 'down';
}

/** What kind of case a question is. Nothing in it names a single order, customer or product. */
export interface CaseFeatures {
  /** Of the conflict; `limit` where nothing collides. */
  readonly class: string;
  /** The rule that asked. */
  readonly rule: string;
  readonly aspect: string;
  readonly parties: readonly Party[];
  readonly measure: keyof Impact;
  readonly stake: number;
}

/** A case with what a person chose. */
export interface RuledFeatures extends CaseFeatures {
  readonly option: string;
  /** Whose wish is carried out under the option that was chosen: places in `parties`. */
  readonly carriedOut: readonly number[];
}

export interface Precedent extends RuledFeatures {
  readonly escalation: string;
  readonly by: string;
  readonly at: Instant;
}

/** What kind of case it is that these wishes are asked about. */
export function featuresOf(
  members: readonly Candidate[],
  about: Pick<CaseFeatures, 'class' | 'rule' | 'measure' | 'stake'>,
  facts: FactView,
): CaseFeatures {
  return {
    ...about,
    aspect: members[0]?.type.hold?.aspect ?? 'none',
    parties: members.map((member) => {
      const { category, objective } = member.ruled;
      const direction = directionOf(member, facts);
      return {
        agent: member.agent,
        action: member.type.type,
        objective,
        ...(category === undefined ? {} : { category }),
        ...(direction ? { direction } : {}),
      };
    }),
  };
}

function directionOf({ type, params, leaves }: Candidate, facts: FactView): Party['direction'] {
  const leaf = leaves[0];
  for (const write of leaf ? type.writes(params as never, leaf) : []) {
    const to = figureOf(write.value);
    const from = figureOf(facts.get(write.resource as ResourceKey, write.attribute as Attribute)?.value);
    if (to !== undefined && from !== undefined && to !== from) return to > from ? 'up' : 'down';
  }
  return undefined;
}

/** Stakes are alike within half a power of ten: £300 and £800 are, £300 and £1,200 are not. */
export function bandOf(stake: number): number {
  return stake <= 0 ? 0 : Math.floor(Math.log10(stake) * 2) + 1;
}

/** How alike two cases with one conflict key are, in words: what else they have in common, and what they have not. */
export function likeness(a: CaseFeatures, b: CaseFeatures): string {
  const traits: readonly (readonly [string, (features: CaseFeatures) => unknown])[] = [
    ['category', (features) => namesOf(features, 'category')],
    ['objective', (features) => namesOf(features, 'objective')],
    ['direction', (features) => namesOf(features, 'direction')],
    ['size of the stake', (features) => `${features.measure} ${bandOf(features.stake)}`],
  ];
  const same = traits.filter(([, trait]) => trait(a) === trait(b)).map(([name]) => name);
  const other = traits.filter(([, trait]) => trait(a) !== trait(b)).map(([name]) => name);
  if (other.length === 0) return 'alike in everything that is compared';
  return `${same.length > 0 ? `same ${same.join(', ')}; ` : ''}other ${other.join(', ')}`;
}

function namesOf({ parties }: CaseFeatures, trait: 'category' | 'objective' | 'direction'): string {
  return parties
    .map((party) => `${party.agent}:${party.action} ${party[trait] ?? ''}`)
    .sort()
    .join('+');
}

/** A like case as the question shows it: what was chosen, by whom, when, and how alike it was. */
export function shownCase({ option, by, at, features }: LikeCase, now: CaseFeatures): Record<string, string> {
  const said = { option, by, at };
  const then = features as RuledFeatures | undefined;
  if (!then) return said;
  const won = then.carriedOut.map((index) => then.parties[index]).flatMap((party) => party ?? []);
  const chose =
    won.length > 0 ? won.map((party) => `${party.agent} ${party.action}`).join(' and ') : 'nothing was done';
  return { ...said, chose, alike: likeness(then, now) };
}

interface ChosenOption {
  readonly id: string;
  readonly intents: readonly { readonly intent: string }[];
}

/** The features of a case with what was chosen; `members` are its intents in the order of its parties. */
export function ruledFeatures(
  features: CaseFeatures,
  options: readonly ChosenOption[],
  members: readonly string[],
  option: string,
): RuledFeatures {
  const chosen = new Set((options.find((entry) => entry.id === option)?.intents ?? []).map((entry) => entry.intent));
  return {
    ...features,
    option,
    carriedOut: members.flatMap((member, index) => (chosen.has(member) ? [index] : [])),
  };
}
