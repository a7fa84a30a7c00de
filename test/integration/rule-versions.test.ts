import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Hono } from 'hono';
import type { Bus } from '#shared/bus/bus.ts';
import { ruleFile, TEST_SHOP } from '#shared/policy/testing.ts';
import { systemClocks } from '#shared/runtime/clocks.ts';
import { ruleSetHash } from '#shared/runtime/rule-files.ts';
import { appendEvents } from '#shared/store/append-events.ts';
import { inStores } from '#shared/store/transaction.ts';
import { rulesRoutes } from '../../services/gateway/rules/routes.ts';
import { CoordinatorStage, logger, STORE, until } from './coordinator-stage.ts';

const BY_HAND = TEST_SHOP.replace('activation: on-save', 'activation: by-hand');
const floor = (percent: number, id = 'floor') =>
  ruleFile(
    `  - { id: ${id}, kind: guardrail, on: sku, assert: projected.margin >= ${percent}%, else: deny, whenUnknown: deny, why: A floor. }`,
  );
const LIMIT = ruleFile('  - { id: big, kind: threshold, when: conflict.stake.revenue > £5000, why: A limit. }');
const setOf = (percent: number, shop = TEST_SHOP) => ({ 'shop.yaml': shop, 'money.yaml': floor(percent) });
const hashOf = (percent: number, shop = TEST_SHOP) => ruleSetHash(setOf(percent, shop));
const short = (hash: string) => hash.slice(0, 12);

interface View {
  inForce: { hash: string; how: string; by: string; pinned: boolean; seq: number };
  candidate: { hash: string | null; faults: string[] };
  pinned?: string;
  shadow?: { hash: string; rounds: number; decisions: number; different: number; faults: number };
  refused?: { want: string; reason: string };
}

interface Outcome {
  type: string;
  data: { hash: string; reason: string };
}

describe('versions of rule sets', { timeout: 120_000 }, () => {
  let stage: CoordinatorStage;
  let api: Hono;
  before(async () => {
    stage = await CoordinatorStage.open(setOf(10), ['A', 'B', 'C', 'D', 'E']);
    const bus = { publish: async () => {} } as unknown as Bus;
    api = new Hono().route('/', rulesRoutes({ sql: stage.gateway, bus, clocks: systemClocks, logger } as never));
    await inForce(hashOf(10));
  });
  after(() => stage.close());

  async function call(path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await api.request(`/api/rules${path}`, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
  const view = async () => ((await call('')).body.stores as View[])[0]!;
  const inForce = (hash: string) => until(async () => (await view()).inForce?.hash === hash && (await view()));
  /** Asks, and waits for what comes of it. */
  async function asked(want: string, hash?: string): Promise<Outcome> {
    const { status, body } = await call(`/${STORE}/requests`, { want, by: 'test', ...(hash ? { hash } : {}) });
    assert.equal(status, 202, JSON.stringify(body));
    return until(async () => {
      const { outcome } = (await call(`/${STORE}/requests/${body.request}`)).body;
      return (outcome ?? undefined) as Outcome | undefined;
    });
  }
  async function judged(sku: string, priceMinor: number) {
    const event = await stage.happen(sku);
    await stage.answer(event, priceMinor);
    return until(async () => {
      const [row] = await stage.database.sql`
        select d.verdict, d.rule, d.inputs->>'ruleSet' as set from rounds r left join decisions d using (store, seq)
        where r.seq = ${event.seq} and r.closed_as is not null`;
      return row as { verdict: string; rule: string; set: string } | undefined;
    });
  }
  const candidate = (holds: (candidate: View['candidate']) => boolean) =>
    until(async () => {
      const now = (await view()).candidate;
      return now && holds(now) ? now : undefined;
    });

  test('a store takes its first set by itself; a saved one counts at once and judges what comes after it', async () => {
    assert.equal((await view()).inForce.how, 'first');
    const under = async (sku: string) => {
      const { verdict, set } = await judged(sku, 700);
      return [verdict, set];
    };
    assert.deepEqual(await under('A'), ['granted', hashOf(10)]);
    await stage.save('money.yaml', floor(20));
    assert.equal((await inForce(hashOf(20))).inForce.how, 'on-save');
    assert.deepEqual(await under('B'), ['denied', hashOf(20)]);
  });

  test('a faulty file is seen with its place and a guess; the last good set stays', async () => {
    await stage.save('money.yaml', floor(30).replace('assert:', 'asert:'));
    const { faults, hash } = await candidate(({ faults }) => faults.length > 0);
    assert.match(faults.join('\n'), /money\.yaml:2:\d+: .*Did you mean "assert"/);
    assert.equal(typeof hash, 'string');
    assert.equal((await view()).inForce.hash, hashOf(20));
    const refused = await call(`/${STORE}/requests`, { want: 'activate', by: 'test' });
    assert.deepEqual([refused.status, refused.body.error], [409, 'rule-file-invalid']);
    await stage.save('money.yaml', floor(20));
    await candidate(({ faults, hash }) => faults.length === 0 && hash === hashOf(20));
  });

  test('a rollback pins: saving waits, the folder is ahead; activating takes the folder again', async () => {
    const back = await asked('rollback');
    assert.deepEqual([back.type, (await view()).pinned], ['rules.activated', hashOf(10)]);
    assert.deepEqual((await view()).inForce.hash, hashOf(10));
    await stage.save('money.yaml', floor(25));
    await candidate(({ hash }) => hash === hashOf(25));
    assert.equal((await judged('B', 700)).set, hashOf(10), 'a save does not undo what a person chose');
    await stage.stop();
    await stage.start();
    assert.equal((await judged('C', 700)).set, hashOf(10), 'a restart does not either');
    const forward = await asked('activate');
    assert.equal(forward.data.hash, hashOf(25));
    const now = await inForce(hashOf(25));
    assert.deepEqual([now.pinned, now.inForce.by, now.inForce.how], [undefined, 'test', 'activate']);
  });

  test('rolling back twice goes back by two', async () => {
    await asked('rollback');
    await inForce(hashOf(10));
    const none = await asked('rollback');
    assert.equal(none.type, 'rules.refused');
    assert.match((await view()).refused!.reason, /no earlier rule set/);
    await asked('activate', short(hashOf(20)));
    const now = await inForce(hashOf(20));
    assert.equal(now.pinned, hashOf(20), 'what is not in the folder is pinned, or the folder would undo it at once');
    await asked('activate');
    await inForce(hashOf(25));
  });

  test('a request that cannot be met is refused in words, before or in its round, and changes nothing', async () => {
    const before = (await view()).inForce.hash;
    const given = [
      ['unknown hash', { want: 'activate', by: 'x', hash: 'f'.repeat(64) }, 404],
      ['no hash', { want: 'activate', by: 'x', hash: 'zzz' }, 400],
      ['in force already', { want: 'activate', by: 'x', hash: before }, 409],
      ['no want', { want: 'please', by: 'x' }, 400],
      ['unknown field', { want: 'activate', by: 'x', sneaky: true }, 400],
      ['nothing tried', { want: 'end-shadow', by: 'x' }, 409],
    ] as const;
    for (const [what, body, status] of given)
      assert.equal((await call(`/${STORE}/requests`, body)).status, status, what);
    assert.equal((await call('/nowhere/requests', { want: 'activate', by: 'x' })).status, 404);
    await stage.database
      .sql`insert into rule_sets (hash, files, findings) values (${'e'.repeat(64)}, '{"shop.yaml": "no"}', '[]')`;
    const end = await asked('activate', 'e'.repeat(64));
    assert.equal(end.type, 'rules.refused');
    assert.match(end.data.reason, /cannot be read/);
    assert.equal((await view()).inForce.hash, before);
    assert.equal((await judged('D', 800)).set, before);
  });

  test('by hand, a saved set waits until somebody activates it; the set in force says so, not the saved one', async () => {
    await stage.save('shop.yaml', BY_HAND);
    await inForce(hashOf(25, BY_HAND));
    await stage.save('shop.yaml', TEST_SHOP);
    await candidate(({ hash }) => hash === hashOf(25));
    assert.equal((await judged('E', 800)).set, hashOf(25, BY_HAND));
    await asked('activate');
    await inForce(hashOf(25));
  });

  test('a set is tried beside the one in force: only what differs is kept, and nothing changes', async () => {
    const bad = await call('/sets', { files: { 'shop.yaml': TEST_SHOP, 'money.yaml': 'rules: [' } });
    assert.deepEqual([bad.status, bad.body.error], [400, 'rule-file-invalid']);
    assert.equal((await call('/sets', { files: { '../x.yaml': '' } })).status, 400);
    const { body } = await call('/sets', { files: setOf(60) });
    assert.equal(body.hash, hashOf(60));
    assert.equal((await asked('shadow', short(hashOf(60)))).type, 'rules.shadowed');
    await stage.database.sql`update claims set ended_as = 'displaced'`;
    assert.equal((await judged('A', 900)).verdict, 'granted');
    assert.equal((await judged('B', 10)).verdict, 'denied');
    const { shadow } = await view();
    assert.deepEqual([shadow!.hash, shadow!.decisions, shadow!.different, shadow!.faults], [hashOf(60), 2, 1, 0]);
    const { groups } = (await call(`/${STORE}/shadow`)).body as { groups: Record<string, unknown>[] };
    assert.equal(groups.length, 1);
    const { from, to, toRule, agent, marginMinor, revenueMinor } = groups[0]!;
    assert.deepEqual([from, to, toRule, agent], ['granted', 'denied', 'floor', 'pricing']);
    assert.ok(marginMinor !== 0 || revenueMinor !== 0, 'the money of what would not have been done');
    await asked('end-shadow');
    await judged('C', 900);
    assert.equal((await view()).shadow, undefined);
    await asked('shadow', hashOf(20));
    await asked('activate', hashOf(20));
    assert.equal((await view()).shadow, undefined, 'what is in force is not tried any more');
    await asked('activate');
    await asked('shadow', hashOf(60));
    await asked('end-shadow');
    assert.equal(((await call(`/${STORE}/shadow`)).body.run as { hash: string }).hash, hashOf(60), 'the report stays');
  });

  test('a file that is deleted while no coordinator looks drops no rule', async () => {
    await stage.save('limit.yaml', LIMIT);
    const both = ruleSetHash({ ...setOf(25), 'limit.yaml': LIMIT });
    await inForce(both);
    await stage.stop();
    await stage.remove('limit.yaml');
    await stage.start();
    const { faults } = await candidate(({ faults }) => faults.length > 0);
    assert.match(faults[0]!, /limit\.yaml: the file has gone/);
    assert.equal((await judged('A', 900)).set, both);
    await stage.save('limit.yaml', 'rules: []\nend: true\n');
    await until(async () => (await view()).inForce.hash !== both);
    await stage.remove('limit.yaml');
    await inForce(hashOf(25));
  });

  test('a set that this version cannot read gives way to what the folder holds, also for rounds that wait', async () => {
    await stage.stop();
    const broken = 'e'.repeat(64);
    const id = systemClocks.newId();
    await inStores(stage.gateway, [STORE], (tx) =>
      appendEvents(tx, STORE, [
        {
          id,
          source: 'coordinator',
          type: 'rules.activated',
          subject: `store:${STORE}`,
          time: '2026-05-05T10:00:00.000Z',
          store: STORE,
          correlationid: id,
          depth: 0,
          addressee: 'nobody',
          data: { hash: broken, previous: hashOf(25), by: 'test' },
        },
      ]),
    );
    const waiting = await stage.happen('B');
    await stage.answer(waiting, 900);
    await stage.start();
    const { inForce: now } = await inForce(hashOf(25));
    assert.equal(now.how, 'repair');
    await until(async () => {
      const [row] = await stage.database
        .sql`select rule_set from rounds where seq = ${waiting.seq} and closed_as is not null`;
      return row && row.rule_set === hashOf(25);
    });
  });

  test('the history names every activation with its decisions, and no decision is missing', async () => {
    const { history } = (await call(`/${STORE}/history`)).body as {
      history: { hash: string; previous: string | null; how: string; decisions: number; seq: number }[];
    };
    assert.equal(history.at(-1)!.how, 'first');
    for (const [index, row] of history.entries())
      assert.equal(row.previous, history[index + 1]?.hash ?? null, `what was before ${row.seq}`);
    const [all] = await stage.database.sql`select count(*)::int as n from decisions`;
    assert.equal(
      history.reduce((sum, row) => sum + row.decisions, 0),
      all!.n,
    );
    const limited = (await call(`/${STORE}/history?limit=2`)).body.history as { seq: number; decisions: number }[];
    assert.deepEqual(limited, history.slice(0, 2));
  });
});
