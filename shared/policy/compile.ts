import { z } from 'zod';
import { checkAsk } from './asking.ts';
import { assemble, type NamedRule } from './assemble.ts';
import { budgetRules } from './budgets.ts';
import { compileCondition } from './condition/compile.ts';
import type { AskSpec } from './fields.ts';
import type { RuleContext } from './kinds/define.ts';
import { KINDS } from './kinds/index.ts';
import type { Policy } from './policy.ts';
import { RULE_LIMITS, type RuleError } from './rule-error.ts';
import { reportIssues } from './schema-errors.ts';
import { checkScope } from './scope.ts';
import { compileShop, type ShopModel } from './shop.ts';
import { SHOP_FILE } from './shop-schema.ts';
import { type Path, Source } from './source.ts';

/** The outside of every topic file; what is in the list is the business of the kinds. */
const ruleFileSchema = z.strictObject({
  rules: z.array(z.unknown()).max(RULE_LIMITS.rules),
  end: z.literal(true),
});

/** A schema that reads a handful of rules at a start is not worth being compiled to code first. */
const RARELY = { jitless: true } as const;

/** `rules` and `model` are what the policy was made of: static analysis looks at them one by one. */
export type CompiledRuleSet =
  | { readonly policy: Policy; readonly rules: readonly NamedRule[]; readonly model: ShopModel }
  | { readonly errors: readonly RuleError[] };

/** Text by file name to a policy, or to every fault that was found: a set is whole or it is not a set. Never throws. */
export function compileRuleSet(files: Readonly<Record<string, string>>, hash: string): CompiledRuleSet {
  try {
    return compile(files, hash);
  } catch (thrown) {
    const message = `the rules could not be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    return { errors: [{ file: SHOP_FILE, line: 0, column: 0, message }] };
  }
}

function compile(files: Readonly<Record<string, string>>, hash: string): CompiledRuleSet {
  const shopText = files[SHOP_FILE];
  if (shopText === undefined)
    return { errors: [missingFile(SHOP_FILE, 'the file is missing; it says who the shop is')] };
  const topics = Object.keys(files)
    .filter((name) => name !== SHOP_FILE)
    .sort();
  if (topics.length === 0) return { errors: [missingFile('rules', 'there is no rule file beside shop.yaml')] };
  if (topics.length > RULE_LIMITS.files) {
    return { errors: [missingFile('rules', `there are more than ${RULE_LIMITS.files} rule files`)] };
  }
  const shopSource = new Source(SHOP_FILE, shopText);
  if (shopSource.errors.length === 0) requireEnd(shopSource);
  const model = compileShop(shopSource);
  const sources = topics.map((name) => new Source(name, files[name] ?? ''));
  const budgets = model ? budgetRules(model, shopSource) : [];
  const seen = new Map(budgets.map((rule) => [rule.compiled.id, `${SHOP_FILE}:${rule.line}`]));
  // Budgets come last: a rule of a topic file says more about the case than a sum of all.
  const rules = [...sources.flatMap((source) => compileTopic(source, model, seen)), ...budgets];
  const errors = [shopSource, ...sources].flatMap((source) => source.errors.toSorted(byPlace));
  if (errors.length > 0 || !model) return { errors: errors.slice(0, RULE_LIMITS.errors) };
  if (rules.length > RULE_LIMITS.rules) {
    return { errors: [missingFile('rules', `there are more than ${RULE_LIMITS.rules} rules`)] };
  }
  return { policy: assemble(hash, model, rules), rules, model };
}

/** A half-saved file is often valid YAML; only its last line tells that it is whole. */
function requireEnd(source: Source): void {
  const end = (source.data as { end?: unknown } | null)?.end;
  if (end !== true) source.reportAtEnd('the file does not end with the line "end: true", so it may be half saved');
  else if (Object.keys(source.data as object).at(-1) !== 'end') {
    source.report(
      { path: [], key: 'end' },
      '"end: true" must be the last line of the file, or it does not say that it is whole',
    );
  }
}

function compileTopic(source: Source, model: ShopModel | undefined, seen: Map<string, string>): NamedRule[] {
  if (source.errors.length > 0) return [];
  requireEnd(source);
  if (source.errors.length > 0) return [];
  const outer = ruleFileSchema.safeParse(source.data, RARELY);
  if (!outer.success) {
    reportIssues(source, ruleFileSchema, [], outer.error.issues, source.data);
    return [];
  }
  return outer.data.rules.flatMap((rule, index) => compileRule(source, ['rules', index], rule, model, seen) ?? []);
}

function compileRule(
  source: Source,
  path: Path,
  data: unknown,
  model: ShopModel | undefined,
  seen: Map<string, string>,
): NamedRule | undefined {
  const written = (data as { kind?: unknown } | null)?.kind;
  const kind = typeof written === 'string' ? KINDS.get(written) : undefined;
  if (!kind) {
    const known = [...KINDS.keys()];
    if (typeof written !== 'string') source.report({ path }, `a rule says its kind: ${known.join(', ')}`);
    else source.report({ path: [...path, 'kind'] }, `unknown kind "${written}".`, { name: written, known });
    return undefined;
  }
  const result = kind.schema.safeParse(data, RARELY);
  if (!result.success) {
    reportIssues(source, kind.schema, path, result.error.issues, data);
    return undefined;
  }
  const rule = result.data as { id: string; why: string; scope?: Parameters<typeof checkScope>[2]; ask?: AskSpec };
  const line = source.position({ path }).line;
  const before = seen.get(rule.id);
  if (before !== undefined)
    source.report({ path: [...path, 'id'] }, `the id "${rule.id}" is already used at ${before}`);
  seen.set(rule.id, `${source.file}:${line}`);
  // Without a shop there is no currency and no calendar; what can be said about the rule has been said.
  if (!model) return undefined;
  checkScope(source, [...path, 'scope'], rule.scope, model.agents, model.seasons);
  if (rule.ask) checkAsk(source, [...path, 'ask'], rule.ask, model.tiers);
  const compiled = kind.compile(result.data, contextFor(source, path, model));
  return compiled && { compiled, kind: kind.kind, file: source.file, line, why: rule.why };
}

function contextFor(source: Source, path: Path, model: ShopModel): RuleContext {
  return {
    source,
    path,
    model,
    report: (key, message) => source.report({ path: [...path, key] }, message),
    condition(key, text, roots, params) {
      const result = compileCondition(text, roots, model.shop.currency, params);
      if ('condition' in result) return result.condition;
      const { offset, message, guess } = result.bad;
      source.report({ path: [...path, key], offset }, message, guess);
      return undefined;
    },
  };
}

function byPlace(a: RuleError, b: RuleError): number {
  return a.line - b.line || a.column - b.column;
}

function missingFile(file: string, message: string): RuleError {
  return { file, line: 0, column: 0, message };
}
