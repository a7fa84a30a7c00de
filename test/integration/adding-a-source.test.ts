import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { SENDER_NAMES } from '#shared/contracts/sources.ts';

const GUIDE = 'docs/adding-a-source.md';
/** What the copy needs to be compiled as the project is. */
const COPIED = ['services', 'shared', 'test', 'package.json', 'tsconfig.json', 'drizzle.config.ts'];
const NEW_FILES_MAX = 3;
const EDITED_FILES_MAX = 2;

interface Block {
  readonly path: string;
  readonly lines: readonly string[];
}

/** The guide's blocks of one language; the first line of each names its file. */
function blocksOf(language: 'ts' | 'diff'): Block[] {
  const found = readFileSync(GUIDE, 'utf8').matchAll(
    new RegExp(`^\`\`\`${language}\\n ?// (\\S+)\\n([\\s\\S]*?)^\`\`\`$`, 'gm'),
  );
  return [...found].map(([, path, text]) => ({ path: path!, lines: text!.trimEnd().split('\n') }));
}

const without = (lines: readonly string[], sign: '+' | '-') =>
  lines.flatMap((line) => (line.startsWith(sign) ? [] : [`${line.slice(1)}\n`])).join('');

describe('the guide to a new source', () => {
  const files = blocksOf('ts');
  const edits = blocksOf('diff');
  const copy = mkdtempSync(join(tmpdir(), 'parley-guide-'));
  after(() => rmSync(copy, { recursive: true, force: true }));

  test(`asks for at most ${NEW_FILES_MAX} new files and ${EDITED_FILES_MAX} edited ones`, () => {
    assert.ok(files.length > 0 && files.length <= NEW_FILES_MAX, `${files.length} new files`);
    const edited = new Set(edits.map(({ path }) => path));
    assert.ok(edited.size > 0 && edited.size <= EDITED_FILES_MAX, [...edited].join());
  });

  test('followed to the letter gives a project that compiles and whose new test passes', () => {
    for (const name of COPIED) cpSync(name, join(copy, name), { recursive: true });
    symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'));
    for (const { path, lines } of files) writeFileSync(join(copy, path), `${lines.join('\n')}\n`, { flag: 'wx' });
    for (const { path, lines } of edits) {
      const before = readFileSync(join(copy, path), 'utf8');
      const place = without(lines, '+');
      assert.equal(before.split(place).length, 2, `${path} has this once:\n${place}`);
      writeFileSync(
        join(copy, path),
        before.replace(place, () => without(lines, '-')),
      );
    }
    const run = (...argv: string[]) => spawnSync(process.execPath, argv, { cwd: copy, encoding: 'utf8' });
    const compiled = run('node_modules/typescript/bin/tsc', '-p', '.');
    assert.equal(compiled.status, 0, compiled.stdout);
    const tested = run('--test', ...files.map(({ path }) => path).filter((path) => path.endsWith('.test.ts')));
    assert.equal(tested.status, 0, tested.stdout);
  });

  test('a sender is named where the guide says, and nowhere else in the product', () => {
    const allowed = /^(?:shared\/contracts\/sources\.ts|services\/gateway\/sources\/)/;
    const product = globSync(['services/**/*.ts', 'shared/**/*.ts']).filter(
      (path) => !/\.test\.ts$|\/(?:testing|fixtures)\//.test(path) && !allowed.test(path.replaceAll('\\', '/')),
    );
    assert.ok(product.length > 100);
    // `standard` has a meaning of its own: its endpoints have mapping files.
    for (const name of SENDER_NAMES.filter((sender) => sender !== 'standard'))
      assert.deepEqual(
        product.filter((path) => new RegExp(`['"]${name}['"]|\\b${name}:`).test(readFileSync(path, 'utf8'))),
        [],
        name,
      );
  });
});
