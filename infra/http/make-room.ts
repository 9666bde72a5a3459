import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const CONNECTIONS_AT_MOST = 500;

/**
 * Gives every newcomer a place: where there are too many connections, the one that has asked for nothing for longest is ended.
 * Node's own `maxConnections` turns newcomers away instead, for as long as anybody keeps connections open.
 */
export function makeRoom(server: Server, most = CONNECTIONS_AT_MOST): void {
  /** Without a request under way, those that have been so for longest first. */
  const idle = new Set<Socket>();
  const all = new Set<Socket>();
  server.on('connection', (socket) => {
    all.add(socket);
    idle.add(socket);
    socket.once('close', () => {
      all.delete(socket);
      idle.delete(socket);
    });
    if (all.size <= most) return;
    const [oldest = socket] = idle;
    oldest.destroy();
  });
  server.on('request', ({ socket }, response) => {
    idle.delete(socket);
    response.once('close', () => {
      if (!socket.destroyed) idle.add(socket);
    });
  });
}
