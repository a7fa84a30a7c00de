import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeStore } from './fake-store.ts';
import { FakeWoo } from './woocommerce/fake-woo.ts';

for (const Fake of [FakeStore, FakeWoo])
  test(`a request that was meant for another fake costs ${Fake.name} no mishap, and hears that nobody is there`, async () => {
    const [one, other] = [new Fake(), new Fake()];
    await Promise.all([one.open(), other.open()]);
    one.mishaps.push('drop-answer');
    const { pathname } = new URL(other.url);
    const answer = await fetch(new URL(`${pathname}/anything`, one.url), { method: 'POST', body: '{}' });
    assert.deepEqual([answer.status, one.asked, one.mishaps.length], [503, 0, 1]);
    await Promise.all([one.close(), other.close()]);
  });
