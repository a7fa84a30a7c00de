import type { IncomingMessage } from 'node:http';
import { PermanentError, TransientError } from '#shared/kernel/errors.ts';

/**
 * The raw bytes of a request, at most `limit`. What says beforehand that it is larger is refused before a byte is read;
 * what turns out to be larger is refused as soon as it is, and the rest is thrown away (`http/discard-rest.ts`).
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = () => new PermanentError('body-too-large', `The body is larger than ${limit} bytes`);
  const told = Number(request.headers['content-length'] ?? 0);
  if (told > limit) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limit) {
        request.off('data', onData);
        request.resume();
        return reject(tooLarge());
      }
      chunks.push(chunk);
    };
    request.on('data', onData);
    request.once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes)));
    request.once('error', reject);
    request.once('close', () => {
      if (!request.complete) reject(new TransientError('timeout', 'The sender went away'));
    });
  });
}
