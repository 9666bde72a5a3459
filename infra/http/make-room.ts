import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

export interface Room {
  /** The maximum number of connections in total. */
  readonly most: number;
  /** The maximum number of connections from one address: a proxy has one address for all its clients. */
  readonly mostPerAddress: number;
}

const ROOM: Room = { most: 500, mostPerAddress: 300 };

/**
 * Makes room for every new connection. If its address has too many, one of them is ended; if there are too many in total, one
 * from the address that has most. It is always the one that has gone longest without a complete request. Node's own
 * `maxConnections` refuses new connections instead, for as long as anyone keeps theirs open.
 */
export function makeRoom(server: Server, { most, mostPerAddress }: Room = ROOM): void {
  /** Connections without a request in progress, with their addresses, the longest idle first. */
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
    // A slow body does not protect its connection.
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
