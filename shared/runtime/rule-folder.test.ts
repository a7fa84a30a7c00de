import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type RuleCandidate, RuleFolder } from './rule-folder.ts';

const RULES = 'rules: [{ id: a }]\nend: true\n';
const open: RuleFolder[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const folder of open.splice(0)) await folder.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'parley-rules-'));
  folders.push(directory);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(directory, name, '..'), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return directory;
}

async function watching(directory: string, isGood: (candidate: RuleCandidate) => boolean = () => true) {
  return watchingAt(directory, { settleMs: 30, lookMs: 80 }, isGood);
}

async function watchingAt(
  directory: string,
  times: { settleMs: number; lookMs: number },
  isGood: (candidate: RuleCandidate) => boolean = () => true,
) {
  const seen: RuleCandidate[] = [];
  const onCandidate = (candidate: RuleCandidate) => {
    seen.push(candidate);
    return isGood(candidate);
  };
  const folder = new RuleFolder({ directory, onCandidate, ...times });
  open.push(folder);
  await folder.start();
  return {
    seen,
    /** Waits for the n-th delivery; how long it may take is far above the times above. */
    async nth(count: number): Promise<RuleCandidate> {
      for (let tries = 0; seen.length < count && tries < 200; tries++) await wait(10);
      const candidate = seen[count - 1];
      assert.ok(candidate, `only ${seen.length} deliveries`);
      return candidate;
    },
  };
}

function filesOf(candidate: RuleCandidate | undefined): Readonly<Record<string, string>> {
  assert.ok(candidate && 'files' in candidate, JSON.stringify(candidate));
  return candidate.files;
}

function messageOf(candidate: RuleCandidate | undefined): string {
  assert.ok(candidate && 'errors' in candidate, JSON.stringify(candidate));
  return candidate.errors.map((error) => `${error.file}: ${error.message}`).join('\n');
}

describe('a folder of rules', () => {
  test('delivers what is there at once, without cases, hidden files and other files', async () => {
    const directory = folderWith({
      'a.yaml': RULES,
      'a.cases.yaml': 'x',
      '.a.yaml.swp': 'x',
      'README.md': 'x',
      'workflows/w.yaml': 'x',
    });
    const { seen } = await watching(directory);
    assert.deepEqual(
      seen.map((candidate) => Object.keys(filesOf(candidate))),
      [['a.yaml']],
    );
  });

  test('the hash follows names and contents, and nothing else', async () => {
    const one = await watching(folderWith({ 'a.yaml': RULES }));
    const same = await watching(folderWith({ 'a.yaml': RULES }));
    const renamed = await watching(folderWith({ 'b.yaml': RULES }));
    const hashes = [one, same, renamed].map(({ seen }) => (seen[0] && 'hash' in seen[0] ? seen[0].hash : ''));
    assert.equal(hashes[0], hashes[1]);
    assert.notEqual(hashes[0], hashes[2]);
  });

  test('a save by rename, by truncation and by a link swapped is seen', async () => {
    const directory = folderWith({ 'a.yaml': RULES });
    const { nth } = await watching(directory);
    writeFileSync(join(directory, '.new'), '# renamed\n');
    renameSync(join(directory, '.new'), join(directory, 'a.yaml'));
    assert.equal(filesOf(await nth(2))['a.yaml'], '# renamed\n');
    truncateSync(join(directory, 'a.yaml'), 0);
    writeFileSync(join(directory, 'a.yaml'), '# written\n');
    assert.equal(filesOf(await nth(3))['a.yaml'], '# written\n');
    const elsewhere = folderWith({ 'v2.yaml': '# linked\n' });
    symlinkSync(join(elsewhere, 'v2.yaml'), join(directory, '.link'));
    renameSync(join(directory, '.link'), join(directory, 'a.yaml'));
    assert.equal(filesOf(await nth(4))['a.yaml'], '# linked\n');
    writeFileSync(join(elsewhere, 'v2.yaml'), '# target changed, which no watch on the folder tells\n');
    assert.match(filesOf(await nth(5))['a.yaml'] ?? '', /target changed/);
  });

  test('a save that keeps size and modification time is seen', async () => {
    const directory = folderWith({ 'a.yaml': '# one\n' });
    const { nth } = await watching(directory);
    const time = new Date('2020-01-01');
    writeFileSync(join(directory, 'a.yaml'), '# two\n');
    utimesSync(join(directory, 'a.yaml'), time, time);
    assert.equal(filesOf(await nth(2))['a.yaml'], '# two\n');
  });

  test('a file that is still being written is not delivered half', async () => {
    const directory = folderWith({ 'a.yaml': RULES });
    const { seen, nth } = await watchingAt(directory, { settleMs: 120, lookMs: 200 });
    for (let part = 1; part <= 8; part++) {
      writeFileSync(join(directory, 'a.yaml'), `# part ${part}\n`.repeat(part));
      await wait(40);
    }
    assert.match(filesOf(await nth(2))['a.yaml'] ?? '', /part 8/);
    assert.equal(seen.length, 2);
  });

  test('a hundred saves in a row: each set delivered is one that was saved whole, and the last one counts', async () => {
    const directory = folderWith({ 'a.yaml': '# 0\n' });
    const { seen, nth } = await watchingAt(directory, { settleMs: 5, lookMs: 20 });
    const saved = (version: number) => `# ${version}\n${'x'.repeat(version * 50)}\nend\n`;
    for (let version = 1; version <= 100; version++) {
      writeFileSync(join(directory, '.a.new'), saved(version));
      renameSync(join(directory, '.a.new'), join(directory, 'a.yaml'));
      if (version % 7 === 0) await wait(15);
    }
    await nth(2);
    for (let tries = 0; filesOf(seen.at(-1))['a.yaml'] !== saved(100) && tries < 100; tries++) await wait(10);
    assert.equal(filesOf(seen.at(-1))['a.yaml'], saved(100));
    const whole = new Set(['# 0\n', ...Array.from({ length: 100 }, (_, index) => saved(index + 1))]);
    for (const candidate of seen) assert.ok(whole.has(filesOf(candidate)['a.yaml'] ?? ''));
  });

  test('a deleted file is an error and not a smaller set; brought back, its set counts again', async () => {
    const directory = folderWith({ 'a.yaml': RULES, 'b.yaml': RULES });
    const { nth } = await watching(directory);
    rmSync(join(directory, 'b.yaml'));
    assert.match(messageOf(await nth(2)), /^b\.yaml: the file has gone/);
    writeFileSync(join(directory, 'b.yaml'), RULES);
    assert.deepEqual(Object.keys(filesOf(await nth(3))), ['a.yaml', 'b.yaml']);
  });

  test('a file that was never good is not missed when it goes', async () => {
    const directory = folderWith({ 'a.yaml': RULES, 'b.yaml': RULES });
    const { nth } = await watching(directory, (candidate) => !('files' in candidate && 'typo.yaml' in candidate.files));
    writeFileSync(join(directory, 'typo.yaml'), 'rulez: 1\n');
    assert.deepEqual(Object.keys(filesOf(await nth(2))), ['a.yaml', 'b.yaml', 'typo.yaml']);
    rmSync(join(directory, 'typo.yaml'));
    assert.deepEqual(Object.keys(filesOf(await nth(3))), ['a.yaml', 'b.yaml']);
    rmSync(join(directory, 'a.yaml'));
    assert.match(messageOf(await nth(4)), /^a\.yaml: the file has gone/);
  });

  test('a file that was emptied on purpose may be deleted', async () => {
    const directory = folderWith({ 'a.yaml': RULES, 'b.yaml': 'rules: []\nend: true\n' });
    const { nth } = await watching(directory);
    rmSync(join(directory, 'b.yaml'));
    assert.deepEqual(Object.keys(filesOf(await nth(2))), ['a.yaml']);
  });

  test('the folder gone altogether is an error, and it is found again', async () => {
    const directory = folderWith({ 'a.yaml': RULES });
    const { nth } = await watching(directory);
    renameSync(directory, `${directory}-away`);
    folders.push(`${directory}-away`);
    assert.match(messageOf(await nth(2)), /no rule file/);
    renameSync(`${directory}-away`, directory);
    assert.deepEqual(Object.keys(filesOf(await nth(3))), ['a.yaml']);
  });

  test('what is no text file of a sensible size is refused by name', async () => {
    const directory = folderWith({
      'a.yaml': RULES,
      'huge.yaml': '#'.repeat(300_000),
      'old.yml': RULES,
      'LOUD.YAML': RULES,
    });
    writeFileSync(join(directory, 'binary.yaml'), new Uint8Array([0xff, 0xfe, 0x00, 0xc3, 0x28]));
    symlinkSync('/nowhere/at/all', join(directory, 'dangling.yaml'));
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(directory, 'pipe.yaml')]);
    mkdirSync(join(directory, 'folder.yaml'));
    const { seen } = await watching(directory);
    const message = messageOf(seen[0]);
    assert.match(message, /huge\.yaml: the file is larger than 256 KB/);
    assert.match(message, /old\.yml: rule files end in \.yaml/);
    assert.match(message, /LOUD\.YAML: rule files end in \.yaml; rename it to LOUD\.yaml/);
    assert.match(message, /binary\.yaml: the file is not UTF-8 text/);
    assert.match(message, /dangling\.yaml: the file is a link that leads nowhere/);
    assert.match(message, /pipe\.yaml: this is not a regular file/);
    assert.match(message, /folder\.yaml: this is not a regular file/);
  });

  test("a store's own files stand in for the shared ones of the same name", async () => {
    const directory = folderWith({ 'a.yaml': '# shared\n', 'b.yaml': '# both\n', 'acme/a.yaml': '# acme\n' });
    const { seen, nth } = await watching(directory);
    assert.deepEqual(
      seen.map((candidate) => candidate.store),
      [undefined, 'acme'],
    );
    assert.deepEqual(filesOf(seen[1]), { 'a.yaml': '# acme\n', 'b.yaml': '# both\n' });
    writeFileSync(join(directory, 'acme', 'a.yaml'), '# acme again\n');
    const changed = await nth(3);
    assert.equal(changed.store, 'acme');
    assert.equal(filesOf(changed)['a.yaml'], '# acme again\n');
  });

  test('a receiver that throws does not end the watch', async () => {
    const directory = folderWith({ 'a.yaml': RULES });
    const faults: unknown[] = [];
    let calls = 0;
    const folder = new RuleFolder({
      directory,
      onCandidate: () => {
        calls++;
        throw new Error('receiver');
      },
      onFault: (thrown) => faults.push(thrown),
      settleMs: 10,
      lookMs: 20,
    });
    open.push(folder);
    await folder.start();
    writeFileSync(join(directory, 'a.yaml'), '# two\n');
    for (let tries = 0; calls < 2 && tries < 100; tries++) await wait(10);
    assert.equal(calls, 2);
    assert.equal(faults.length, 2);
  });
});
