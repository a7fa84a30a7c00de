import type { IncomingMessage, Server } from 'node:http';
import { LIMITS } from '#shared/runtime/limits.ts';

const LOOK_MS = 100;

/**
 * What is answered before its body has come (too large, an unknown endpoint, no room) leaves a sender that is still writing.
 * Closing then would reset the connection, and the sender would see the reset instead of the answer. So the answer goes out
 * at once, the rest is read and thrown away, and who goes on for too long or with too much is cut off.
 */
export function discardRests(server: Server): void {
  server.on('request', (incoming, outgoing) => {
    outgoing.once('finish', () => {
      if (!incoming.complete) watchRest(incoming);
    });
  });
}

/** Node itself reads on after the answer and keeps nothing of it; here is where that ends. */
function watchRest(incoming: IncomingMessage): void {
  const { socket } = incoming;
  const lastByte = socket.bytesRead + LIMITS.discardedBytes;
  const until = performance.now() + LIMITS.discardingMs;
  const look = setInterval(() => {
    if (socket.bytesRead > lastByte || performance.now() > until) socket.destroy();
    if (incoming.complete || socket.destroyed) clearInterval(look);
  }, LOOK_MS);
  look.unref();
}
