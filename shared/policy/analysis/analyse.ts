import type { NamedRule } from '../assemble.ts';
import type { Policy } from '../policy.ts';
import type { ShopModel } from '../shop.ts';
import { contradicting } from './contradicting.ts';
import { cyclic } from './cyclic.ts';
import { CHECKS, type StaticFinding } from './finding.ts';
import { type Around, groundOf } from './ground.ts';
import { impossibleWindow } from './impossible-window.ts';
import { shadowed } from './shadowed.ts';
import { uncovered } from './uncovered.ts';
import { unreachable } from './unreachable.ts';

/** Everything that can be said about a rule set without running it, each with an example that shows it; in the order of the files. */
export function analyse(
  set: { readonly policy: Policy; readonly rules: readonly NamedRule[]; readonly model: ShopModel },
  around: Around,
): readonly StaticFinding[] {
  const ground = groundOf(set, around);
  const found = [shadowed, unreachable, contradicting, cyclic, impossibleWindow, uncovered].flatMap((check) =>
    check(ground),
  );
  // A rule that can never speak is not blamed for what it would say, nor for what another says first.
  const dead = new Set(
    found.filter(({ check, level }) => check === 'unreachable' && level === 'error').map(({ rules }) => rules[0]),
  );
  const shaded = new Set(found.filter(({ check }) => check === 'shadowed').map(({ rules }) => rules[0]));
  return found
    .filter(({ check, rules }) => check === 'unreachable' || !rules.some((rule) => dead.has(rule)))
    .filter(
      ({ check, rules }) =>
        !(check === 'contradicting' || check === 'cyclic') || !rules.some((rule) => shaded.has(rule)),
    )
    .toSorted((a, b) => placeText(a).localeCompare(placeText(b)) || CHECKS.indexOf(a.check) - CHECKS.indexOf(b.check));
}

/** Findings without a place come last. */
function placeText({ place }: StaticFinding): string {
  return place ? `${place.file}:${String(place.line).padStart(6, '0')}` : '\uffff';
}
