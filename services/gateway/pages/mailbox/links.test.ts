import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { splitLinks } from './links.ts';

const TOKEN = 'k'.repeat(43);
const ours = (text: string, base = 'http://127.0.0.1:8080') =>
  splitLinks(text, base)
    .filter((part) => part.link)
    .map((part) => part.text);

describe('links in a mail', () => {
  test('those of our own questions can be clicked', () => {
    const text = `Decide: http://127.0.0.1:8080/escalations/${TOKEN}\nThank you.`;
    assert.deepEqual(ours(text), [`http://127.0.0.1:8080/escalations/${TOKEN}`]);
    assert.equal(
      splitLinks(text, 'http://127.0.0.1:8080')
        .map((part) => part.text)
        .join(''),
      text,
    );
  });

  test('no others can', () => {
    for (const text of [
      `https://evil.example/escalations/${TOKEN}`,
      `http://127.0.0.1:8080.evil.example/escalations/${TOKEN}`,
      `http://127.0.0.1:8080/escalations/${TOKEN}x`,
      'http://127.0.0.1:8080/escalations/short',
      `javascript:alert(1)//http://x/escalations/${TOKEN}`,
    ])
      assert.deepEqual(ours(text), [], text);
  });
});
