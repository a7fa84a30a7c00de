import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { CHECKS } from './tidy/checks.ts';
import { type Fault, parse } from './tidy/source.ts';

const faultsOf = (path: string, text: string): Fault[] =>
  Object.values(CHECKS).flatMap((check) => check(parse({ path, text })));

describe('tidy', () => {
  const paths = globSync(['services/**/*.{ts,mjs}', 'shared/**/*.ts', 'test/**/*.ts'], { cwd: process.cwd() });

  test('every source file keeps the house rules', () => {
    assert.ok(paths.length > 100, 'the checks must have found the sources');
    const faults = paths.flatMap((path) => faultsOf(path.replaceAll('\\', '/'), readFileSync(path, 'utf8')));
    assert.deepEqual(
      faults.map((fault) => `${fault.where} [${fault.check}] ${fault.what}`),
      [],
    );
  });

  test('the top level holds what the house has rooms for', () => {
    const rooms = new Set([
      'services',
      'shared',
      'rules',
      'migrations',
      'test',
      'docs',
      'node_modules',
      'Dockerfile',
      'docker-compose.yml',
      'package.json',
      'package-lock.json',
      'tsconfig.json',
      'biome.json',
      'knip.json',
      'drizzle.config.ts',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
    ]);
    assert.deepEqual(
      readdirSync('.').filter((name) => !name.startsWith('.') && !rooms.has(name)),
      [],
    );
  });
});

describe('each check of tidy can fail', () => {
  const cases: readonly [string, string, string, string][] = [
    ['a service imports another', 'services/gateway/x.ts', "import { a } from '../executor/a.ts';", 'imports'],
    ['shared imports a service', 'shared/bus/x.ts', "import { a } from '../../services/gateway/a.ts';", 'imports'],
    ['kernel imports contracts', 'shared/kernel/x.ts', "import { a } from '#shared/contracts/a.ts';", 'imports'],
    ['product code imports a test', 'services/gateway/x.ts', "import { a } from '../../test/world.ts';", 'imports'],
    ['a file is too long', 'services/gateway/x.ts', 'export const a = 1;\n'.repeat(401), 'size'],
    ['a function is too long', 'services/gateway/x.ts', `export function a() {\n${'  a();\n'.repeat(70)}}\n`, 'size'],
    ['pure code reads the clock', 'services/pricing/decide.ts', 'export const a = () => Date.now();', 'purity'],
    ['pure code makes a date of now', 'shared/policy/x.ts', 'export const a = () => new Date();', 'purity'],
    ['pure code draws lots', 'shared/judgement/x.ts', 'export const a = () => Math.random();', 'purity'],
    [
      'pure code imports node',
      'shared/contracts/x.ts',
      "import { readFileSync } from 'node:fs';\nexport const a = readFileSync;",
      'purity',
    ],
    ['pure code fetches', 'services/support/decide.ts', "export const a = () => fetch('http://127.0.0.1');", 'purity'],
    ['a service reads the environment', 'services/gateway/x.ts', 'export const a = process.env.HOME;', 'environment'],
    ['a service writes SQL', 'services/gateway/x.ts', 'export const a = (tx) => tx`select 1`;', 'sql'],
    [
      'a service imports the driver',
      'services/gateway/x.ts',
      "import postgres from 'postgres';\nexport const a = postgres;",
      'sql',
    ],
    [
      'a service spells a subject',
      'services/gateway/x.ts',
      "export const a = 'parley.event.1.sandbox.order.placed';",
      'subjects',
    ],
    ['an enum', 'services/gateway/x.ts', 'export enum A { B }', 'erasable'],
    [
      'a parameter property',
      'services/gateway/x.ts',
      'export class A { constructor(private b: number) {} }',
      'erasable',
    ],
  ];
  for (const [name, path, text, check] of cases) {
    test(name, () => {
      assert.deepEqual([...new Set(faultsOf(path, text).map((fault) => fault.check))], [check]);
    });
  }

  test('what is allowed is allowed', () => {
    assert.deepEqual(
      faultsOf(
        'services/gateway/x.ts',
        "import { a } from '#shared/bus/subjects.ts';\n// Date.now() in a comment\nexport const b = [a, 'order.placed', Date.now()];",
      ),
      [],
    );
    assert.deepEqual(
      faultsOf('services/local/agents.ts', "import { a } from '../pricing/agent.ts';\nexport const b = a;"),
      [],
    );
  });
});
