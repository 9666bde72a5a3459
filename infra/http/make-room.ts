import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

export interface Room {
  /** Connections of all. */
  readonly most: number;
  /** Connections of one address: a proxy has one for all who come through it. */
  readonly mostPerAddress: number;
}

const ROOM: Room = { most: 500, mostPerAddress: 300 };

/**
 * Gives every newcomer a place: where its address has too many connections, one of them is ended; where all together are too
 * many, one of the address that has most. It is the one that has been without a whole request for longest. Node's own
 * `maxConnections` turns newcomers away instead, for as long as anybody keeps connections open.
 */
export function makeRoom(server: Server, { most, mostPerAddress }: Room = ROOM): void {
  /** Those that no answer is made for, with their addresses: those that have been so for longest first. */
  const idle = new Map<Socket, string>();
  const perAddress = new Map<string, number>();
  let all = 0;
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    const ofAddress = (perAddress.get(address) ?? 0) + 1;
    all++;
    perAddress.set(address, ofAddress);
    idle.set(socket, address);
    socket.once('close', () => {
      const left = (perAddress.get(address) ?? 0) - 1;
      all--;
      if (left > 0) perAddress.set(address, left);
      else perAddress.delete(address);
      idle.delete(socket);
    });
    if (ofAddress > mostPerAddress) (idlest((one) => one === address) ?? socket).destroy();
    else if (all > most) (idlestOfGreediest() ?? idlest(() => true) ?? socket).destroy();
  });
  server.on('request', (request, response) => {
    const { socket } = request;
    const address = idle.get(socket) ?? socket.remoteAddress ?? '';
    const keep = (): void => void idle.delete(socket);
    // A body that trickles in holds no place.
    if (hasBody(request)) request.once('end', keep);
    else keep();
    response.once('close', () => {
      request.off('end', keep);
      idle.delete(socket);
      if (!socket.destroyed) idle.set(socket, address);
    });
  });

  function idlestOfGreediest(): Socket | undefined {
    const greediest = Math.max(...perAddress.values());
    return idlest((address) => perAddress.get(address) === greediest);
  }

  function idlest(isWanted: (address: string) => boolean): Socket | undefined {
    for (const [socket, address] of idle) if (isWanted(address)) return socket;
    return undefined;
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
