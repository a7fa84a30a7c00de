import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { event, NOW, policy, setPrice } from '#shared/judgement/testing.ts';
import { DAY_MS, plus } from '#shared/kernel/time.ts';
import type { Sql } from '#shared/store/connect.ts';
import { endEscalations } from '#shared/store/coordinator/outcome.ts';
import { answerIfOpen, insertRuling } from '#shared/store/pages/escalations.ts';
import { inStores } from '#shared/store/transaction.ts';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import { judgeBatch } from './judge-batch.ts';
import { writeOutcomes } from './write.ts';

const STORE = 'shop';
const ANN = 'ann@shop.example';

describe('a question that a person answers while a round ends it', () => {
  let database: TestDatabase;
  let gateway: Sql;
  let coordinator: Sql;
  before(async () => {
    database = await createDatabase();
    gateway = database.open('gateway');
    coordinator = database.open('coordinator');
    await database.sql`insert into stores (store, platform, clock_kind, clock, partition, mode, currency, zone)
      values (${STORE}, 'sandbox', 'replay', ${NOW}, 7, 'live', 'GBP', 'UTC')`;
  });
  after(() => database.close());

  /** An open question about a price that an order was the reason for. */
  const ask = async (escalation: string, order: string) => {
    const member = setPrice('pricing', 'A', 950);
    const members = [{ ...member, event: { ...member.event, subject: order } }];
    const options = [
      { id: 'proposed', label: 'l', effect: 'e', impact: {}, intents: [{ intent: member.id }] },
      { id: 'nothing', label: 'l', effect: 'e', impact: {}, intents: [] },
    ];
    const json = database.sql.json;
    await database.sql`insert into escalations (store, escalation, seq, key, instance, rule, question, options, members, digest, stake, default_option, deadline, tier, opened_at)
      values (${STORE}, ${escalation}, 1, 'k', ${escalation}, 'r', '{}', ${json(options)}, ${json(members as never)}, 'shown', '{}', 'nothing', ${plus(NOW, DAY_MS)}, 't', ${NOW})`;
  };

  /** The transaction of a person's answer: begun, and kept open until it is let go. */
  const beginAnswer = (escalation: string) => {
    const gate = Promise.withResolvers<void>();
    const taken = Promise.withResolvers<void>();
    const done = inStores(gateway, [STORE], async (tx) => {
      const row = await answerIfOpen(tx, STORE, escalation, 'shown');
      assert.ok(row, 'the question was open');
      const ruling = { store: STORE, escalation, by: ANN, option: 'proposed', note: undefined, features: undefined };
      await insertRuling(tx, { ...ruling, ...row });
      taken.resolve();
      await gate.promise;
    });
    return { taken: Promise.race([taken.promise, done]), letGo: () => gate.resolve(), done };
  };

  const judgeOne = (cause: Envelope) =>
    inStores(coordinator, [STORE], async (tx) => {
      const rules = policy();
      const judged = await judgeBatch(tx, [{ event: cause, answers: [] }], { store: STORE, agents: [], policy: rules });
      const newId = () => '00000000-0000-7000-8000-0000000000ff';
      await writeOutcomes(tx, judged, { store: STORE, ruleSet: 'hash', maxMailsPerDay: 5, newId });
      return judged[0]!.outcome.endedEscalations.map((entry) => entry.as);
    });

  const standing = async (escalation: string) => {
    const [row] = await database.sql`select e.state, r.by, r.option from escalations e
      left join rulings r using (store, escalation) where e.escalation = ${escalation}`;
    return [row!.state, row!.by, row!.option];
  };

  const due = (seq: number, escalation: string) =>
    event(seq, {
      type: 'escalation.due',
      subject: `escalation:${escalation}`,
      data: { escalation, purpose: 'default' },
    });
  const cases = [
    ['a cancelled order', 'voided', (seq: number) => event(seq, { type: 'order.cancelled', subject: `order:${seq}` })],
    ['its deadline', 'ruled', (seq: number) => due(seq, `q${seq}`)],
  ] as const;
  for (const [n, [name, as, causeAt]] of cases.entries()) {
    test(`${name} ends an open one`, async () => {
      const seq = 10 + n;
      await ask(`q${seq}`, `order:${seq}`);
      assert.deepEqual(await judgeOne(causeAt(seq)), [as]);
      assert.deepEqual(await standing(`q${seq}`), [as, as === 'voided' ? 'voided' : 'default', 'nothing']);
    });

    test(`${name} leaves one alone that is answered before the round commits`, async () => {
      const seq = 20 + n;
      await ask(`q${seq}`, `order:${seq}`);
      const answer = beginAnswer(`q${seq}`);
      await answer.taken;
      const round = judgeOne(causeAt(seq));
      // The round has read an open question by now, and waits for the person's transaction.
      await sleep(200);
      answer.letGo();
      await answer.done;
      assert.deepEqual(await round, []);
      assert.deepEqual(await standing(`q${seq}`), ['answered', ANN, 'proposed']);
    });
  }

  test('the round of the answer itself ends it', async () => {
    await ask('q30', 'order:30');
    const answer = beginAnswer('q30');
    answer.letGo();
    await answer.done;
    const data = { escalation: 'q30', option: 'proposed', by: ANN };
    const [as] = await judgeOne(event(30, { type: 'ruling.given', subject: 'escalation:q30', data }));
    assert.ok(as === 'ruled' || as === 'replaced', as);
    assert.deepEqual(await standing('q30'), [as, ANN, 'proposed']);
  });

  test('what is no longer in the state that was judged is never overwritten', async () => {
    await ask('q40', 'order:40');
    const answer = beginAnswer('q40');
    answer.letGo();
    await answer.done;
    const row = {
      store: STORE,
      escalation: 'q40',
      was: 'open',
      as: 'voided',
      by: 'voided',
      option: 'nothing',
      now: NOW,
    };
    const end = inStores(coordinator, [STORE], (tx) => endEscalations(tx, [row as never]));
    await assert.rejects(end, /no longer in the state/);
    assert.deepEqual(await standing('q40'), ['answered', ANN, 'proposed']);
  });
});
