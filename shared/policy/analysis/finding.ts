/** How much a finding matters: an `error` means that a rule cannot do what it says, a `warning` that it looks like a slip, a `note` that something is left to the order of precedence. */
export type FindingLevel = 'error' | 'warning' | 'note';

export const CHECKS = ['shadowed', 'unreachable', 'contradicting', 'cyclic', 'impossible-window', 'uncovered'] as const;

/** Something that the rules say, or leave unsaid, which no single line shows; always with an example that shows it. */
export interface StaticFinding {
  readonly check: (typeof CHECKS)[number];
  readonly level: FindingLevel;
  /** The rules that it is about, the one to change first; none where no rule speaks. */
  readonly rules: readonly string[];
  /** Where that rule stands; undefined where no rule speaks. */
  readonly place: { readonly file: string; readonly line: number } | undefined;
  readonly message: string;
  /** A concrete wish or moment that shows it, in plain words. */
  readonly witness: string;
}

/** Of each sort no more are looked for: whoever has so many begins with these. */
export const FINDINGS_MAX = 50;

/** Evenly chosen ones of many, the first among them. */
export function thinned<Item>(items: readonly Item[], most: number): readonly Item[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)]!);
}
