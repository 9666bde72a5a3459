import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { amqpUrl } from './broker.js';

/** A TCP proxy in front of the broker, for network faults. */
export interface NetworkProxy {
  /** The broker's URL, by way of the proxy. */
  readonly url: string;
  /** Ends every connection at once, without a word of AMQP. */
  cut(): void;
  /** Ends every connection after half of the next thing that comes over it. */
  cutMidFrame(): void;
  /** Passes nothing on any more, and keeps the connections open, like a dead peer. */
  freeze(): void;
  /** What was frozen stays dead; new connections live. */
  thaw(): void;
  /** Sends this to the broker in the name of every client; they should be idle, so that it is a separate frame. */
  say(frame: Buffer): void;
  close(): Promise<void>;
}

export async function openProxy(to = amqpUrl): Promise<NetworkProxy> {
  const target = new URL(to);
  const sockets = new Set<Socket>();
  const toBroker = new Set<Socket>();
  let frozen = false;
  let cutNext = false;
  const server = createServer((client) => {
    const broker = connect(Number(target.port), target.hostname);
    toBroker.add(broker);
    broker.on('close', () => toBroker.delete(broker));
    for (const socket of [client, broker]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        // The broker misses the client's heartbeats as well, and may be first to end its connection.
        if (frozen) return;
        client.destroy();
        broker.destroy();
      });
    }
    const pass = (to: Socket, chunk: Buffer): void => {
      if (cutNext) to.end(chunk.subarray(0, Math.ceil(chunk.length / 2)), () => client.destroy());
      else if (!frozen) to.write(chunk);
    };
    client.on('data', (chunk: Buffer) => pass(broker, chunk));
    broker.on('data', (chunk: Buffer) => pass(client, chunk));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(to);
  url.port = String((server.address() as AddressInfo).port);
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    url: url.href,
    cut,
    cutMidFrame: () => {
      cutNext = true;
      for (const socket of sockets) socket.once('close', () => (cutNext = false));
    },
    freeze: () => {
      frozen = true;
    },
    thaw: () => {
      cut();
      frozen = false;
    },
    say: (frame) => {
      for (const broker of toBroker) broker.write(frame);
    },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
