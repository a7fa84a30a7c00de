import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { renderAccounts } from './accounts.ts';
import { identities } from './identities.ts';

const AGENTS = ['pricing', 'newcomer'];
const USERS = identities(AGENTS).map(({ user }) => user);
const text = renderAccounts(AGENTS, Object.fromEntries(USERS.map((user) => [user, `"} ${user}`])));
/** The lines of one account, from its name to the next one's. */
const account = (name: string) => text.split(/^ {2}(?=")/m).find((part) => part.startsWith(`"${name}":`)) ?? '';

describe('accounts', () => {
  test('one a service, one user in each, and streams in one alone', () => {
    for (const user of USERS.filter((name) => name !== 'setup')) {
      const own = account(`PARLEY-${user}`);
      assert.equal(own.match(/user: /g)?.length, 1, user);
      assert.ok(!own.includes('jetstream'), user);
    }
    assert.ok(account('PARLEY').includes('jetstream: enabled'));
    assert.equal(text.match(/jetstream: enabled/g)?.length, 1);
  });

  test('passwords are quoted', () => {
    assert.ok(text.includes('password: "\\"} pricing"'));
  });

  test('only who may say a thing may import its service', () => {
    const line = account('PARLEY')
      .split('\n')
      .find((entry) => entry.includes('"parley.answer.*.*.pricing"'));
    assert.match(line ?? '', /accounts: \["PARLEY-pricing"\]/);
  });

  test('heartbeats and watermarks go from account to account and into no stream', () => {
    assert.ok(!account('PARLEY').includes('service: "parley.alive'));
    assert.ok(!account('PARLEY').includes('service: "parley.watermark'));
    assert.match(
      account('PARLEY-pricing'),
      /stream: "parley\.alive\.pricing", accounts: \["PARLEY-gateway", "PARLEY-coordinator"\]/,
    );
    assert.match(
      account('PARLEY-pricing'),
      /stream: \{ account: "PARLEY-context", subject: "parley\.watermark\.\*\.\*" \}/,
    );
  });

  test('an agent hears its own decisions and no other agent’s', () => {
    assert.ok(account('PARLEY-pricing').includes('parley.decision.*.*.pricing'));
    assert.ok(!account('PARLEY-pricing').includes('newcomer'));
  });

  test('the whole is the same for the same services', () => {
    assert.equal(text, renderAccounts(AGENTS, Object.fromEntries(USERS.map((user) => [user, `"} ${user}`]))));
  });
});
