import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Asking, deadlineText, inert, subjectOf, writeQuestion } from './question-mail.ts';
import { linksOf } from './start.ts';
import { newToken, refOf } from './token.ts';

const asking = (more: Partial<Asking> = {}): Asking => ({
  question: {
    title: 'Two wishes',
    rule: 'big-conflict',
    resources: Array.from({ length: 12 }, (_, index) => `sku:${index}`),
    agents: [
      {
        agent: 'support',
        action: 'credit.give',
        resource: 'customer:5',
        reason: '</div><img src=x onerror=alert(1)>\r\nBcc: me',
      },
    ],
    standing: [],
    likeCases: [],
  },
  options: [{ id: 'nothing', label: '<b>Do nothing</b>' }],
  defaultOption: 'nothing',
  deadline: '2026-07-01T15:00:00.000Z',
  zone: 'Europe/London',
  currency: 'GBP',
  store: 'shop',
  link: 'https://parley.example/escalations/token',
  local: false,
  reminder: false,
  ref: refOf('e1'),
  ...more,
});

describe('the mail to a person who decides', () => {
  test('shows hostile text as text', () => {
    const { html, text, subject } = writeQuestion(asking());
    assert.ok(!html.includes('<img') && !html.includes('<b>Do'));
    assert.ok(text.includes('  > </div><img src=x onerror=alert(1)> \n  > Bcc: me'));
    assert.match(
      subject,
      /^\[Parley\] A decision is needed by Wed 1 Jul 2026, 16:00 \(Europe\/London\), ref [0-9a-f]{8}$/,
    );
  });

  test('names what else is covered, and says when the link opens here only', () => {
    assert.ok(writeQuestion(asking()).text.includes('sku:9 and 2 more'));
    assert.ok(!writeQuestion(asking()).text.includes('No public address'));
    assert.ok(writeQuestion(asking({ local: true })).html.includes('No public address'));
    assert.ok(subjectOf(asking({ reminder: true })).includes('Reminder'));
  });

  test('takes out what would let a text show what it is not', () => {
    assert.equal(inert('a\u202eb\u0007c\u2028d\ne'), 'a b c d\ne');
    assert.equal(inert('x'.repeat(5_000)).length, 2_000);
  });

  test("a deadline is told in the shop's zone, also in winter", () => {
    assert.equal(deadlineText('2026-01-01T15:00:00.000Z', 'Europe/Berlin'), 'Thu 1 Jan 2026, 16:00 (Europe/Berlin)');
  });

  test('tokens have 256 bits, no two are the same, and their hash is not them', () => {
    const tokens = Array.from({ length: 10_000 }, newToken);
    assert.equal(new Set(tokens.map(({ token }) => token)).size, tokens.length);
    assert.ok(
      tokens.every(
        ({ token, hash }) =>
          Buffer.from(token, 'base64url').length === 32 && /^[0-9a-f]{64}$/.test(hash) && !hash.includes(token),
      ),
    );
  });

  test("links use the configured base and never a request's", () => {
    assert.deepEqual(linksOf({ PARLEY_PUBLIC_URL: 'https://shop.example/', PARLEY_PUBLIC_PORT: 4000 }), {
      base: 'https://shop.example',
      local: false,
    });
    assert.deepEqual(linksOf({ PARLEY_PUBLIC_PORT: 4000 }), { base: 'http://127.0.0.1:4000', local: true });
  });
});
