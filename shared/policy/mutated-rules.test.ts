import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { compileRuleSet } from './compile.ts';
import { compileCondition } from './condition/compile.ts';
import { PROJECTED } from './condition/projected.ts';
import { FIELDS, type Root } from './condition/vocabulary.ts';
import { KINDS } from './kinds/index.ts';
import type { Policy } from './policy.ts';
import { Source } from './source.ts';
import { conflictOf, guardrailInput, ruledIntent, ruleFile, TEST_NOW, thresholdInput } from './testing.ts';

const folder = new URL('../../rules/', import.meta.url);
const shipped = readdirSync(folder).filter((name) => /(?<!\.cases)\.yaml$/.test(name));
const guide = readFileSync(new URL('README.md', folder), 'utf8');
const examples = [...guide.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');

const RULES_A_PART = 3;

/** A file in parts of a few rules each, so that many mutations are read in a short time; shop.yaml stays whole. */
function partsOf(name: string, text: string): readonly (readonly [name: string, text: string])[] {
  const rules = text
    .split(/\n(?= {2}- )/)
    .slice(1)
    .map((rule) => rule.replace(/\nend: true[\s\S]*$/, ''));
  if (rules.length === 0) return [[name, text]];
  return Array.from({ length: Math.ceil(rules.length / RULES_A_PART) }, (_, part) => [
    `${part}-${name}`,
    `rules:\n${rules.slice(part * RULES_A_PART, (part + 1) * RULES_A_PART).join('\n')}\nend: true\n`,
  ]);
}

/** The shipped files, and the guide's examples of every kind. */
const files: Readonly<Record<string, string>> = Object.fromEntries([
  ...shipped.flatMap((name) => partsOf(name, readFileSync(new URL(name, folder), 'utf8'))),
  ...examples.flatMap((text, index) => partsOf(`example-${index}.yaml`, text)),
]);
const names = Object.keys(files);
const shop = files['shop.yaml'] ?? '';

/** SEED repeats a run, RUNS makes it longer: SEED=7 RUNS=50000 node --test shared/policy/mutated-rules.test.ts */
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = Number(process.env.RUNS ?? 5_000);
const EVALUATION_MS = 10;

type Mutation = (text: string) => string;

const place = fc.double({ min: 0, max: 1, noNaN: true });
const cut = fc.tuple(place, fc.integer({ min: 1, max: 60 })).map(
  ([at, length]): Mutation =>
    (text) => {
      const start = Math.floor(at * text.length);
      return text.slice(0, start) + text.slice(start + length);
    },
);
const scraps = [
  '\n',
  ' ',
  '\t',
  ':',
  '- ',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  '#',
  '|',
  '>',
  '&a ',
  '*a',
  '!!js/function ',
  '<<: ',
  '%',
  '£',
  '€9',
  '15%',
  'end: true\n',
  '__proto__: {}\n',
  'constructor: 1\n',
  '\u0000',
  '\ud800',
  '🎁',
  '99999999999999999999',
  'matches("(a+)+$")',
  '?',
  '---\n',
  '...\n',
  'null',
  '.inf',
  '0x1F',
  '\u202e',
];
const insert = fc.tuple(place, fc.constantFrom(...scraps)).map(
  ([at, scrap]): Mutation =>
    (text) => {
      const start = Math.floor(at * text.length);
      return text.slice(0, start) + scrap + text.slice(start);
    },
);
const lines = fc.tuple(place, fc.constantFrom('drop', 'double', 'indent', 'swap')).map(
  ([at, what]): Mutation =>
    (text) => {
      const all = text.split('\n');
      const index = Math.floor(at * (all.length - 1));
      const line = all[index] ?? '';
      if (what === 'drop') all.splice(index, 1);
      else if (what === 'double') all.splice(index, 0, line);
      else if (what === 'indent') all[index] = `  ${line}`;
      else all.splice(index, 2, all[index + 1] ?? '', line);
      return all.join('\n');
    },
);
const mutations = fc.array(fc.oneof(cut, insert, lines), { minLength: 1, maxLength: 3 });

/** How many rules the text holds by a reading of its own: a set with fewer would be a part of one. */
function rulesIn(text: string): number {
  return (parse(text) as { rules?: unknown[] }).rules?.length ?? 0;
}

const intents = [
  ruledIntent({ params: { priceMinor: 1_200, currency: 'GBP', sku: '85123A' }, level: 1_200 }),
  ruledIntent({ action: 'notice.send', resource: 'customer:1', params: { customer: '1', topic: 'delay' } }),
  ruledIntent({ action: 'promotion.launch', category: undefined, params: { discountBasisPoints: 3_000 }, level: 1 }),
];
const leaves = [guardrailInput({ marginBasisPoints: 980, netMinor: 1_000 }), guardrailInput({}, { leaf: 'order:1' })];
const changes = [{ at: TEST_NOW, level: 900, action: 'price.set' }];

/** Everything that a policy can be asked; each question has to be answered, and soon. */
function questionAll(policy: Policy): void {
  for (const intent of intents) {
    const threshold = thresholdInput(intent, { conflict: conflictOf({ revenueMinor: 600_000 }) });
    const questions: readonly (() => unknown)[] = [
      () => policy.precedence(intent),
      () => policy.hold(intent, TEST_NOW),
      () => policy.ask(threshold),
      () => policy.limits(intent),
      () => policy.sameness(intent),
      () => policy.successions(intent),
      () => policy.autonomy(intent),
      () => policy.damp(intent, changes, TEST_NOW),
      () => leaves.map((leaf) => policy.violations(leaf)),
      () => policy.trace({ intent, leaves, threshold, changes, now: TEST_NOW }),
    ];
    for (const question of questions) question();
  }
}

/** CPU time of one call, the best of three: a busy machine is not a dear condition. */
function cheapestMs(call: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && best > EVALUATION_MS; attempt++) {
    const before = process.cpuUsage();
    call();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1_000);
  }
  return best;
}

const words = [
  ...Object.entries(FIELDS).flatMap(([root, fields]) => Object.keys(fields).map((field) => `${root}.${field}`)),
  'params.priceMinor',
  'params.units',
  'params.topic',
  'params.x',
  'projected',
  'intent.__proto__',
  'impact.constructor',
  ...[
    '£5',
    '€5',
    '15%',
    '24h',
    '3',
    '1.5',
    '"a"',
    "'b'",
    '""',
    'true',
    'null',
    '999999999999999999999',
    '0x1F',
    '-1',
    '"unclosed',
  ],
  ...[
    '>',
    '>=',
    '<',
    '==',
    '!=',
    '&&',
    '||',
    '!',
    '+',
    '-',
    '*',
    '/',
    'in',
    '?',
    ':',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ',',
    '.',
  ],
  ...[
    '.exists(a, a == "x")',
    '.all(a, size(a) > 2)',
    '.map(a, a)',
    '.matches("(a+)+$")',
    '.contains("a")',
    'size(',
    'has(',
  ],
];
const roots: readonly Root[] = ['intent', 'impact', 'params', 'conflict', 'projected', 'leaf'];
const params = { priceMinor: 'money', units: 'count', topic: 'text' } as const;
/** A free text may be so long; names of actions, agents and states are never so long as this. */
const text = 'a'.repeat(2_000);
const long = 'a'.repeat(80);
/** As much of everything as there can be, so that what is dear shows. */
const values = {
  intent: {
    agent: long,
    action: long,
    objective: long,
    resource: long,
    category: long,
    protective: true,
    visible: true,
    lasts: 1,
    cause: long,
  },
  impact: { revenue: 1, margin: 1, cash: 1, units: 1, customers: 1 },
  params: { priceMinor: 1, units: 2, topic: text },
  conflict: { class: long, agents: Array(50).fill(long), actions: Array(50).fill(long), stake: { revenue: 1 } },
  projected: { ...Object.fromEntries(Object.keys(PROJECTED).map((name) => [name, 1])), states: Array(200).fill(long) },
  leaf: { resource: long, category: long, actions: Array(50).fill(long) },
};

describe(`mutated rule files and expressions (SEED=${SEED})`, () => {
  test('the guide and the shipped files have every kind, and are read as any reader of YAML reads them', () => {
    const all = Object.values(files).join('\n');
    for (const kind of KINDS.keys()) assert.ok(all.includes(`kind: ${kind}`), kind);
    for (const [name, text] of Object.entries(files)) assert.deepEqual(new Source(name, text).data, parse(text), name);
  });

  test(`${RUNS} mutated files: refused with a place, or whole; never a throw, never a part`, () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), mutations, (name, steps) => {
        const text = steps.reduce((before, step) => step(before), files[name] ?? '');
        const set = { 'shop.yaml': shop, 'other.yaml': 'rules: []\nend: true', [name]: text };
        const result = compileRuleSet(set, 'h');
        if ('policy' in result) {
          const topics = Object.entries(set).filter(([file]) => file !== 'shop.yaml');
          const expected = topics.reduce((sum, [, content]) => sum + rulesIn(content), 0);
          assert.equal(result.policy.rules.filter((rule) => rule.file !== 'shop.yaml').length, expected);
          questionAll(result.policy);
          return;
        }
        assert.ok(result.errors.length > 0);
        for (const error of result.errors) {
          assert.ok(error.message.length > 0 && !error.message.includes('could not be read'), error.message);
          assert.ok(error.line >= 1 && error.line <= text.split('\n').length + 1, `${error.file}:${error.line}`);
        }
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });

  test(`${RUNS} expressions: refused inside the text, or answered within ${EVALUATION_MS} ms`, () => {
    const known = examples.flatMap((text) =>
      [...text.matchAll(/(?:when|assert): (.+)$/gm)].map((match) => match[1] ?? ''),
    );
    const source = fc.oneof(
      fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 40 }).map((parts) => parts.join(' ')),
      fc
        .tuple(fc.constantFrom(...known), mutations)
        .map(([text, steps]) => steps.reduce((before, step) => step(before), text)),
      fc.string({ unit: 'grapheme', maxLength: 500 }),
    );
    fc.assert(
      fc.property(source, (text) => {
        const result = compileCondition(text, roots, 'GBP', params);
        if ('bad' in result)
          assert.ok(result.bad.offset >= 0 && result.bad.offset <= text.length + 1, result.bad.message);
        else assert.ok(cheapestMs(() => result.condition.ask(values)) <= EVALUATION_MS, text);
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });

  test('the dearest conditions that the limits let through', () => {
    const body = (each: string) => `projected.states.exists(a, ${each}) || leaf.actions.all(a, ${each})`;
    const dear = [
      body(Array(6).fill('a.contains("aaaaaaaaaaaaaaaaab")').join(' || ')),
      body(Array(5).fill('a + a == "b"').join(' || ')),
      body(Array(5).fill('size(a) > 99999').join(' || ')),
      Array(14).fill('params.topic.contains("aaaaaaaaab")').join(' || '),
      `"${'b'.repeat(400)}" in projected.states`,
    ];
    for (const text of dear) {
      const result = compileCondition(text, roots, 'GBP', params);
      if ('bad' in result) assert.fail(`${text}: ${result.bad.message}`);
      const ms = cheapestMs(() => result.condition.ask(values));
      assert.ok(ms <= EVALUATION_MS, `${ms} ms: ${text}`);
    }
  });

  for (const name of names) {
    test(`${name} cut short anywhere is refused`, () => {
      const text = files[name] ?? '';
      const whole = text.indexOf('end: true') + 'end: true'.length;
      const steps = Math.max(13, Math.floor(whole / 40));
      for (let length = 0; length < whole; length += steps) {
        const result = compileRuleSet(
          { 'shop.yaml': shop, 'other.yaml': 'rules: []\nend: true', [name]: text.slice(0, length) },
          'h',
        );
        assert.ok('errors' in result, `taken at ${length} of ${whole}`);
      }
    });
  }

  test('any value in any key of any kind is refused or taken, never thrown at', () => {
    const value = fc.oneof(
      fc.constantFrom(
        'price.set',
        'notice.send',
        'customer',
        'resource',
        '24h',
        '2 business days',
        '22:00-07:00',
        'tell',
        'ask',
        'deny',
        'wait',
        'impact.units > 3',
      ),
      fc.array(fc.constantFrom('price.set', 'refund.issue', 'margin', 'monday', 'agent'), { maxLength: 3 }),
      fc.jsonValue({ maxDepth: 2 }),
    );
    const kinds = [...KINDS.values()].map((kind) =>
      fc.tuple(
        fc.constant(kind.kind),
        fc.record(Object.fromEntries(Object.keys(kind.schema.shape).map((key) => [key, value])), { requiredKeys: [] }),
      ),
    );
    fc.assert(
      fc.property(fc.oneof(...kinds), ([kind, rule]) => {
        const written = ruleFile(`  - ${JSON.stringify({ ...rule, kind, id: 'r', why: 'w' })}`);
        const result = compileRuleSet({ 'shop.yaml': shop, 'a.yaml': written }, 'h');
        if ('policy' in result) questionAll(result.policy);
        else for (const { message } of result.errors) assert.ok(!message.includes('could not be read'), message);
      }),
      { numRuns: RUNS / 5, seed: SEED },
    );
  });
});
