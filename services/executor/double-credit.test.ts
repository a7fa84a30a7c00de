import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { plus } from '#shared/kernel/time.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { hasDoubleCredit } from '#shared/store/executor/errands.ts';
import { inStores } from '#shared/store/transaction.ts';
import { createDatabase } from '#shared/testing/database.ts';

const DUE = '2026-02-01T10:00:00.000Z';

describe('a credit of the same amount that another action gave', async () => {
  const database = await createDatabase();
  after(() => database.close());
  const { sql } = database;

  const write = async (store: string, action: string, endedAt: string | null, amountMinor = 500) =>
    await sql`
      insert into actions (store, action, type, agent, params, leaves, writes, cause, not_before, state, ended_at, correlation, depth)
      values (${store}, ${action}, 'credit.give', 'support', ${sql.json({ customer: '5', amountMinor, currency: 'GBP' })},
        array['customer:5'], '[]', 'order:9', ${DUE}, ${endedAt === null ? 'calling' : 'done'}, ${endedAt}, ${randomUUID()}, 0)`;

  const cases: readonly (readonly [name: string, endedMs: number | null, amountMinor: number, found: boolean])[] = [
    ['is under way', null, 500, true],
    ['was given afterwards', 60_000, 500, true],
    ['was given before, but not by a clock that differs', -LIMITS.clocksApartMs, 500, true],
    ['was given long before', -3 * LIMITS.clocksApartMs, 500, false],
    ['is of another amount', 60_000, 700, false],
  ];
  for (const [index, [name, endedMs, amountMinor, found]] of cases.entries()) {
    test(`that ${name}: ${found ? 'may be taken for ours' : 'is not taken for ours'}`, async () => {
      const store = `shop-${index}`;
      await write(store, 'ours', null);
      await write(store, 'theirs', endedMs === null ? null : plus(DUE, endedMs), amountMinor);
      assert.equal(await inStores(sql, [store], (tx) => hasDoubleCredit(tx, store, 'ours')), found);
    });
  }
});
