import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readEvents } from './sse.ts';

async function read(...chunks: string[]) {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      controller.close();
    },
  });
  const events = [];
  for await (const event of readEvents(body)) events.push(event);
  return events;
}

describe('a stream of events', () => {
  test('is read however it is cut', async () => {
    const whole = 'event: rows\nid: a:1:1\ndata: {"a":\ndata: 1}\n\n: comment\n\nevent: alive\r\ndata: ""\r\n\r\n';
    const expected = [
      { event: 'rows', data: '{"a":\n1}', id: 'a:1:1' },
      { event: 'message', data: '', id: undefined },
      { event: 'alive', data: '""', id: undefined },
    ];
    assert.deepEqual(await read(whole), expected);
    assert.deepEqual(await read(...whole), expected);
  });

  test('an event without its end is not told', async () => {
    assert.deepEqual(await read('event: rows\ndata: 1\n'), []);
  });
});
