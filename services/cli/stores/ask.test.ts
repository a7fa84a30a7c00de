import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import { UsageError } from '../command.ts';
import { NOBODY, openAsker } from './ask.ts';

/** A terminal that types `keys` as soon as it is asked something. */
function terminal(...keys: string[]) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  let shown = '';
  const screen = Object.assign(new PassThrough(), { isTTY: true });
  const left = [...keys];
  screen.on('data', (chunk) => {
    shown += String(chunk);
    if (/(: |\] )$/.test(String(chunk)) && left.length > 0) setImmediate(() => input.write(left.shift()!));
  });
  return { asker: openAsker(false, input, screen), shown: () => shown };
}

describe('what a person at a terminal is asked', () => {
  test('is shown while it is typed; what is left out is as proposed', async () => {
    const { asker, shown } = terminal('candles\r', '\r');
    assert.equal(await asker.ask('Shop'), 'candles');
    assert.equal(await asker.ask('Platform', 'shopify'), 'shopify');
    assert.match(shown(), /Shop: .*candles.*Platform \[shopify\]: /s);
  });

  test('a secret is not shown', async () => {
    const { asker, shown } = terminal(' shpat_secret \r');
    assert.equal(await asker.askSecret('Token'), 'shpat_secret');
    assert.match(shown(), /Token \(not shown\): /);
    assert.doesNotMatch(shown(), /shpat/);
  });

  test('yes, no, and what is proposed', async () => {
    const { asker } = terminal('y\r', 'no\r', '\r', '\r');
    const answers = [];
    for (const otherwise of [false, true, true, false]) answers.push(await asker.confirm('Remove?', otherwise));
    assert.deepEqual(answers, [true, false, true, false]);
  });

  test('Ctrl-C ends it, and says so', async () => {
    const { asker } = terminal('\u0003');
    await assert.rejects(asker.ask('Shop'), /Stopped; nothing was changed/);
  });

  test('where the output is for machines, or nobody sits there, nobody is asked', async () => {
    assert.equal(openAsker(true).canAsk, false);
    assert.equal(openAsker(false, new PassThrough(), new PassThrough()).canAsk, false);
    await assert.rejects(NOBODY.ask('Shop'), UsageError);
    assert.equal(await NOBODY.confirm('Remove?', true), false);
  });
});
