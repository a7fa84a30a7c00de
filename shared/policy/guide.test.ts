import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import { compileRuleSet } from './compile.ts';
import { FIELDS } from './condition/vocabulary.ts';
import { KINDS } from './kinds/index.ts';
import { ruleErrorText } from './rule-error.ts';
import { shopSchema } from './shop-schema.ts';
import { OBJECTIVES } from './vocabulary.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const guide = read('rules/README.md');
const merchants = read('docs/merchants.md');
const shop = read('rules/shop.yaml');

describe("the merchants' guide", () => {
  const examples = [...guide.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');

  test('has an example of every kind', () => {
    for (const kind of KINDS.keys())
      assert.ok(
        examples.some((text) => text.includes(`kind: ${kind}`)),
        kind,
      );
  });

  examples.forEach((text, index) => {
    test(`example ${index + 1} is a good file`, () => {
      const result = compileRuleSet({ 'shop.yaml': shop, 'example.yaml': text }, 'h');
      if ('errors' in result) assert.fail(result.errors.map(ruleErrorText).join('\n'));
    });
  });

  test('names every field that a guardrail, and a threshold, can look at', () => {
    for (const field of Object.keys(FIELDS.projected)) assert.ok(guide.includes(`projected.${field}`), field);
    for (const field of Object.keys(FIELDS.intent)) assert.ok(guide.includes(`.${field}\``), field);
  });

  test('names every key of shop.yaml, every objective and every action', () => {
    for (const key of Object.keys(shopSchema.shape)) {
      if (key !== 'end') assert.ok(merchants.includes(`\`${key}\``), key);
    }
    for (const name of [...OBJECTIVES, ...ACTION_TYPES.keys()]) assert.ok(merchants.includes(name), name);
  });
});
