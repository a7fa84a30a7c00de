import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, open, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { compileRuleSet } from '#shared/policy/compile.ts';
import { ruleFile, TEST_SHOP } from '#shared/policy/testing.ts';
import { ruleSetHash } from '#shared/runtime/rule-files.ts';
import { CoordinatorStage, STORE, until } from './coordinator-stage.ts';

/** A thousand with `PARLEY_TEST_SAVES=1000 npm test -- rule-saves`; fewer in every run, so that it ends in time. */
const SAVES = Number(process.env.PARLEY_TEST_SAVES ?? 100);
const ROUND_EVERY_MS = 40;
/** After some of eight saves, one good and one bad, the editor rests long enough for what it saved to be believed. */
const RESTS: ReadonlySet<number> = new Set([0, 3]);
const REST_MS = 2_000;
const SKUS = Array.from({ length: 40 }, (_, n) => `S${n}`);

const floor = (n: number) =>
  ruleFile(
    `  - { id: floor, kind: guardrail, on: sku, assert: projected.margin >= ${5 + (n % 30)}%, else: deny, whenUnknown: deny, why: Save ${n}. }`,
  );
const limit = (n: number) =>
  ruleFile(`  - { id: big, kind: threshold, when: "conflict.stake.revenue > £${1_000 + n}", why: Save ${n}. }`);

/** The ways in which editors, and accidents, change a file. Each leaves it good or bad. */
type Way = (path: string, text: string, spare: string) => Promise<void>;
const truncate: Way = async (path, text) => {
  const file = await open(path, 'w');
  await file.write(text.slice(0, text.length / 2));
  await file.sync();
  await file.write(text.slice(text.length / 2));
  await file.close();
};
const replace: Way = async (path, text) => {
  await writeFile(`${path}~`, text);
  await rename(`${path}~`, path);
};
const swapLink: Way = async (path, text, spare) => {
  await writeFile(spare, text);
  await rm(`${path}.new`, { force: true });
  await symlink(spare, `${path}.new`);
  await rename(`${path}.new`, path);
};
const deleteAndWrite: Way = async (path, text) => {
  await rm(path, { force: true });
  await writeFile(path, text);
};
const slowly: Way = async (path, text) => {
  await writeFile(path, text.slice(0, 20));
  await wait(30);
  await writeFile(path, text);
};
const GOOD: readonly Way[] = [
  truncate,
  replace,
  swapLink,
  deleteAndWrite,
  slowly,
  (path, text) => writeFile(path, text),
];
const BAD: readonly Way[] = [
  // Half of it, and the editor goes away.
  (path, text) => writeFile(path, text.slice(0, text.lastIndexOf('end:'))),
  (path, text) => replace(path, text.replace(/kind: (\w+)/, 'kind: $1l'), ''),
  (path) => rm(path, { force: true }),
  (path) => writeFile(path, ''),
  (path) => writeFile(path, Buffer.from([0xff, 0xfe, 0x00, 0x41])),
  (path) => swapLink(path, 'rules: [', `${path}.spare`),
  async (path) => {
    await rm(path, { force: true });
    await symlink(join(tmpdir(), 'parley-nowhere', 'at-all'), path);
  },
];

describe(`${SAVES} saves of rule files while rounds are judged`, { timeout: 230_000 }, () => {
  let stage: CoordinatorStage;
  let spares: string;
  const answered: number[] = [];
  const faults = new Set<string>();
  before(async () => {
    spares = await mkdtemp(join(tmpdir(), 'parley-spares-'));
    stage = await CoordinatorStage.open(
      { 'shop.yaml': TEST_SHOP, 'floor.yaml': floor(0), 'limit.yaml': limit(0) },
      SKUS,
    );
    await until(
      async () => (await stage.database.sql`select 1 from events where type = 'rules.activated'`).length === 1,
    );
  });
  after(async () => {
    await stage.close();
    await rm(spares, { recursive: true, force: true });
  });

  async function save(n: number): Promise<void> {
    const name = n % 3 === 0 ? 'limit.yaml' : 'floor.yaml';
    const text = name === 'limit.yaml' ? limit(n) : floor(n);
    const good = n % 2 === 0;
    const ways = good ? GOOD : BAD;
    const path = join(stage.rules, name);
    // An editor that follows a link to nowhere could not save at all.
    if (!existsSync(path)) await rm(path, { force: true });
    await ways[Math.floor(n / 2) % ways.length]!(path, text, join(spares, `${n}.yaml`));
    // What is good is only good when the other file is, too.
    if (good)
      await replace(
        join(stage.rules, name === 'limit.yaml' ? 'floor.yaml' : 'limit.yaml'),
        name === 'limit.yaml' ? floor(n) : limit(n),
        '',
      );
  }

  async function load(stop: AbortSignal): Promise<void> {
    for (let n = 0; !stop.aborted; n++) {
      const event = await stage.happen(SKUS[n % SKUS.length]!);
      await stage.answer(event, 600 + ((n * 37) % 500));
      answered.push(event.seq);
      await wait(ROUND_EVERY_MS);
    }
  }

  /** Every fault that was to be seen while it lasted. */
  async function watchFaults(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      for (const fault of (await candidate())?.faults ?? []) faults.add(fault);
      await wait(100);
    }
  }

  const candidate = async () => {
    const [row] = await stage.database.sql`select hash, faults from rule_candidates where store = ${STORE}`;
    return row as { hash: string | null; faults: string[] } | undefined;
  };
  /** Until the coordinator has seen what was saved; where it is no news to it, for a while. */
  async function rest(before: unknown): Promise<void> {
    for (const end = Date.now() + REST_MS; Date.now() < end; await wait(50))
      if (!isDeepStrictEqual(await candidate(), before)) return;
  }

  const activations = async () =>
    (await stage.database.sql`
      select seq, data->>'hash' as hash from events where type = 'rules.activated' order by seq`) as unknown as {
      seq: number;
      hash: string;
    }[];
  const judged = () =>
    stage.database.sql<{ seq: number; set: string }[]>`
      select r.seq, r.rule_set as set from rounds r where r.rule_set is not null
      union all select d.seq, d.inputs->>'ruleSet' from decisions d`;

  test('nothing stops: every round is judged, some under one set and some under another', async () => {
    const stop = new AbortController();
    const around = Promise.all([load(stop.signal), watchFaults(stop.signal)]);
    for (let n = 1; n <= SAVES; n++) {
      const before = await candidate();
      await save(n);
      if (RESTS.has(n % 8)) await rest(before);
      else await wait(5);
    }
    stop.abort();
    await around;
    await until(async () => {
      const [row] = await stage.database.sql`
        select count(*)::int as n from rounds where seq = any(${answered}) and closed_as is not null`;
      return row!.n === answered.length;
    });
    const [gone] = await stage.database.sql`select count(*)::int as n from decisions where rule = 'internal-error'`;
    assert.equal(gone!.n, 0);
    const decided = new Set(
      (await stage.database.sql`select inputs->>'ruleSet' as set from decisions`).map((row) => row.set),
    );
    assert.ok(decided.size >= 4, `decisions under ${decided.size} sets`);
  });

  test('every round and every decision names the set in force at its place, and that set is kept, whole and valid', async () => {
    const history = await activations();
    const rows = await judged();
    assert.ok(rows.length > answered.length);
    for (const { seq, set } of rows) {
      const expected = history.findLast((entry) => entry.seq <= seq) ?? history[0];
      assert.equal(set, expected!.hash, `at ${seq}`);
    }
    for (const { hash } of history) {
      const [kept] = await stage.database.sql<
        { files: Record<string, string> }[]
      >`select files from rule_sets where hash = ${hash}`;
      assert.equal(ruleSetHash(kept!.files), hash);
      assert.ok('policy' in compileRuleSet(kept!.files, hash), `set ${hash} reads`);
      // A rule that was lost would make a smaller set that is valid all the same.
      assert.deepEqual(Object.keys(kept!.files).sort(), ['floor.yaml', 'limit.yaml', 'shop.yaml']);
    }
  });

  test('faults were to be seen while they lasted, with their place', () => {
    const seen = [...faults].join('\n');
    for (const kind of [
      /end: true/,
      /(floor|limit)\.yaml:\d+:\d+: .*Did you mean "(guardrail|threshold)"/,
      /has gone|leads nowhere/,
    ])
      assert.match(seen, kind);
  });

  test('after all that a bad save changes nothing, and a good one counts', async () => {
    await replace(join(stage.rules, 'limit.yaml'), limit(SAVES + 1), '');
    await replace(join(stage.rules, 'floor.yaml'), floor(SAVES + 1), '');
    const files = { 'shop.yaml': TEST_SHOP, 'floor.yaml': floor(SAVES + 1), 'limit.yaml': limit(SAVES + 1) };
    await until(async () => (await activations()).at(-1)!.hash === ruleSetHash(files));
    await writeFile(join(stage.rules, 'floor.yaml'), 'rules: [');
    await until(async () => ((await candidate())?.faults.length ?? 0) > 0);
    const event = await stage.happen(SKUS[0]!);
    await stage.answer(event, 990);
    await until(async () => (await judged()).some((row) => row.seq === event.seq));
    assert.equal((await judged()).find((row) => row.seq === event.seq)!.set, ruleSetHash(files));
  });
});
