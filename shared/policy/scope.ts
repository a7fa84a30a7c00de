import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { Scope } from './fields.ts';
import type { GuardrailInput, RuledIntent } from './policy.ts';
import type { Path, Source } from './source.ts';
import { OBJECTIVES } from './vocabulary.ts';

/** Reports action types, agents and objectives that nobody knows: a mistyped name would silently switch a rule off. */
export function checkScope(
  source: Source,
  path: Path,
  scope: Partial<Scope> | undefined,
  agents: readonly string[],
): void {
  const known = { action: [...ACTION_TYPES.keys()], agent: agents, objective: OBJECTIVES } as const;
  for (const field of ['action', 'agent', 'objective'] as const) {
    for (const name of scope?.[field] ?? []) {
      if (known[field].includes(name as never)) continue;
      source.report({ path: [...path, field] }, `unknown ${field} "${name}".`, { name, known: known[field] });
    }
  }
}

/** Whether a rule's scope takes an intent in. The action was settled by the index. */
export function takesIn(scope: Scope | undefined, intent: RuledIntent): boolean {
  if (!scope) return true;
  return (
    holdsName(scope.category, intent.category) &&
    holdsName(scope.agent, intent.agent) &&
    holdsName(scope.objective, intent.objective) &&
    holdsSku(scope.sku, intent.resource)
  );
}

export function takesInLeaf(scope: Pick<Scope, 'category' | 'sku'> | undefined, input: GuardrailInput): boolean {
  if (!scope) return true;
  return holdsName(scope.category, input.category) && holdsSku(scope.sku, input.leaf);
}

function holdsName(names: readonly string[] | undefined, name: string | undefined): boolean {
  return names === undefined || (name !== undefined && names.includes(name));
}

function holdsSku(skus: readonly string[] | undefined, resource: string): boolean {
  return skus === undefined || (resource.startsWith('sku:') && skus.includes(resource.slice(4)));
}
