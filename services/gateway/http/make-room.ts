import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * At most so many connections; one more takes the place of the one that has made no progress for longest. Progress is to
 * have come, to have sent a request's headers whole, and to have been answered. Refusing the newest instead would let
 * whoever holds that many idle connections keep everybody out for good. Bounds by address are no help: behind a proxy all
 * senders have one.
 *
 * A sender that means to be heard is answered in milliseconds, and with 500 places somebody would have to open 500 new
 * connections within those to push it out. What it loses then it sends again.
 */
export function makeRoom(server: Server, most: number, onPushedOut: () => void = () => {}): void {
  /** The one that has made no progress for longest comes first. */
  const connections = new Set<Socket>();
  const progressed = (socket: Socket) => {
    if (connections.delete(socket)) connections.add(socket);
  };
  server.on('connection', (socket: Socket) => {
    if (connections.size >= most) {
      const [stalest] = connections;
      connections.delete(stalest!);
      stalest!.destroy();
      onPushedOut();
    }
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', (incoming, outgoing) => {
    progressed(incoming.socket);
    outgoing.once('finish', () => progressed(incoming.socket));
  });
}
