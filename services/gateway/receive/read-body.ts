import type { IncomingMessage } from 'node:http';
import { PermanentError, TransientError } from '#shared/kernel/errors.ts';
import type { BodiesUnderWay } from './bodies-under-way.ts';

/**
 * The raw bytes of a request, at most `limit`. What says beforehand that it is larger is refused before a byte is read;
 * what turns out to be larger, or has to make room for others, is refused as soon as it is. Then nothing that was read is
 * held, and the rest is thrown away (`http/discard-rest.ts`).
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  underWay: BodiesUnderWay,
  endpoint: string,
): Promise<Buffer> {
  const tooLarge = () => new PermanentError('body-too-large', `The body is larger than ${limit} bytes`);
  const told = Number(request.headers['content-length'] ?? 0);
  if (told > limit) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    const refuse = (error: Error) => {
      request.off('data', onData);
      request.resume();
      body.ended();
      // The request lives on until its sender is done, and what listens to it with it.
      chunks = [];
      reject(error);
    };
    const body = underWay.begin(endpoint, () =>
      refuse(new TransientError('overloaded', 'Bodies under way take too much memory')),
    );
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limit) return refuse(tooLarge());
      chunks.push(chunk);
      body.grew(chunk.length);
    };
    request.on('data', onData);
    request.once('end', () => {
      body.ended();
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes));
      chunks = [];
    });
    request.once('error', refuse);
    request.once('close', () => {
      if (!request.complete) refuse(new TransientError('timeout', 'The sender went away'));
    });
  });
}
