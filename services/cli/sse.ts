export interface ServerEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string | undefined;
}

/** Larger than any frame of ours; a sender without an end of line is not listened to for ever. */
const BUFFER_MAX = 8 * 1024 * 1024;

/** The events of a `text/event-stream` as they come. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let buffer = '';
  for await (const chunk of body) {
    buffer += decoder.decode(chunk, { stream: true });
    if (buffer.length > BUFFER_MAX) throw new Error('An event without an end');
    const parts = buffer.replaceAll('\r\n', '\n').split('\n\n');
    buffer = parts.pop() ?? '';
    for (const part of parts) yield parse(part);
  }
}

function parse(text: string): ServerEvent {
  const fields = new Map<string, string[]>();
  for (const entry of text.split('\n')) {
    const at = entry.indexOf(':');
    if (at <= 0) continue;
    const name = entry.slice(0, at);
    fields.set(name, [...(fields.get(name) ?? []), entry.slice(at + 1).replace(/^ /, '')]);
  }
  return {
    event: fields.get('event')?.at(-1) ?? 'message',
    data: (fields.get('data') ?? []).join('\n'),
    id: fields.get('id')?.at(-1),
  };
}
