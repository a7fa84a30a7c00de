import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOUR_MS, plus } from '#shared/kernel/time.ts';
import { compileRuleSet } from '#shared/policy/compile.ts';
import { ruleFile, TEST_SHOP } from '#shared/policy/testing.ts';
import { NOW } from '../testing.ts';
import type { Precedent } from './features.ts';
import { propose } from './propose.ts';

const FILES = {
  'shop.yaml': TEST_SHOP.replace('end: true', 'seasons: { christmas: { from: 11-15, to: 12-24 } }\nend: true'),
  'asked.yaml': ruleFile(`
  - id: promotions-asked
    kind: autonomy
    scope: { action: promotion.launch, season: christmas, sku: [A, B] }
    when: params.discountBasisPoints > 5% && intent.visible
    mode: ask
    why: A promotion is asked about.
`),
};

/** Three questions of that rule, all answered alike. */
function answered(option: string, carriedOut: readonly number[]): Precedent[] {
  return [0, 1, 2].map((n) => ({
    class: 'limit',
    rule: 'promotions-asked',
    parties: [{ agent: 'marketing', action: 'promotion.launch', objective: 'growth' }],
    aspect: 'promotion',
    measure: 'cashMinor',
    stake: 0,
    option,
    carriedOut,
    escalation: `e${n}`,
    by: 'jo@example.com',
    at: plus(NOW, n * HOUR_MS),
  }));
}

function compiled(files: Readonly<Record<string, string>>) {
  const set = compileRuleSet(files, 'x');
  assert.ok('rules' in set, JSON.stringify(set));
  return set;
}

for (const [option, carriedOut, mode] of [
  ['proposed', [0], 'tell'],
  ['nothing', [], 'off'],
] as const)
  test(`what was asked about where a condition holds is mode ${mode} there, and nowhere else`, () => {
    const known = { rules: compiled(FILES).rules, files: FILES, currency: 'GBP' };
    const [found] = propose(answered(option, carriedOut), known);
    const rule = compiled({ 'shop.yaml': FILES['shop.yaml'], 'new.yaml': `rules:\n${found!.yaml}end: true\n` }).rules;
    const was = known.rules.find((one) => one.compiled.id === 'promotions-asked')!.compiled.shape;
    const is = rule.find((one) => one.compiled.id === found!.rule)!.compiled.shape;
    assert.deepEqual([is.condition, is.seasons, is.scope.sku], [was.condition, was.seasons, was.scope.sku]);
    assert.equal(is.says.kind === 'autonomy' && is.says.mode, mode);
    if (mode === 'tell') assert.match(found!.says, /is told instead of asked by promotions-asked/);
  });
