import { compileRuleSet } from '#shared/policy/compile.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { ruleErrorText } from '#shared/policy/rule-error.ts';
import { lookInto, SHARED } from '#shared/runtime/rule-files.ts';

/** The rules that the project ships, as they would be in force. */
export async function shippedPolicy(): Promise<Policy> {
  const files = (await lookInto('rules')).sets.get(SHARED);
  if (!files) throw new Error('The shipped rules cannot be read.');
  return compiled(files);
}

/** A set of files as a policy; throws with its first fault in words. */
export function compiled(files: Readonly<Record<string, string>>): Policy {
  const result = compileRuleSet(files, 'bench');
  if ('policy' in result) return result.policy;
  throw new Error(ruleErrorText(result.errors[0]!));
}
