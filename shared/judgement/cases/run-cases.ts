import { compileRuleSet } from '#shared/policy/compile.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { playCase } from './play.ts';
import { CASES_ENDING, faultsOf, type ReadCase, readCases } from './read.ts';
import type { CaseReport, CaseResult, RunCases } from './report.ts';

/** Runs every case of the `*.cases.yaml` among the files against the rules among them. Pure; never throws for what a file says. */
export const runCases: RunCases = (files) => {
  const rules = Object.fromEntries(Object.entries(files).filter(([name]) => !name.endsWith(CASES_ENDING)));
  const compiled = compileRuleSet(rules, 'cases');
  if ('errors' in compiled) return { ...EMPTY, errors: compiled.errors };
  const { cases, sources } = readCases(files);
  const played = cases.map((read) => ({ read, result: playCase(read, compiled.policy) }));
  return reportOf(
    played.flatMap(({ result }) => result ?? []),
    played.flatMap(({ read, result }) => (result ? [read] : [])),
    compiled.policy,
    faultsOf(sources),
  );
};

const EMPTY: CaseReport = { passed: 0, failed: 0, cases: 0, rules: 0, unnamed: [], errors: [], results: [] };

function reportOf(
  results: readonly CaseResult[],
  cases: readonly ReadCase[],
  policy: Policy,
  errors: CaseReport['errors'],
): CaseReport {
  const named = new Set(cases.flatMap(namedIn));
  const rules = policy.rules.map((rule) => rule.id);
  const passed = results.filter((result) => result.passed).length;
  return {
    passed,
    failed: results.length - passed,
    cases: results.length,
    rules: rules.filter((rule) => named.has(rule)).length,
    unnamed: rules.filter((rule) => !named.has(rule)),
    errors,
    results,
  };
}

/** The rules that a case names as the ones that decide. */
export function namedIn({ written }: ReadCase): string[] {
  const steps = [written, ...(written.then ?? [])];
  const expectations = steps.flatMap((step) => Object.values(step.expect ?? {}).flat());
  return expectations.flatMap((expected) => {
    if (typeof expected === 'string') return [];
    const { by, granted, denied, deferred, escalated, adjusted, merged } = expected;
    const said = [granted, denied, deferred, escalated, adjusted, merged].flatMap((words) =>
      typeof words === 'string' && words.startsWith('by ') ? [words.slice(3)] : [],
    );
    return by === undefined ? said : [by, ...said];
  });
}
