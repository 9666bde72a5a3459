import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { amqpUrl } from './broker.js';

/** A TCP proxy in front of the broker, for faults of the network. */
export interface NetworkProxy {
  /** The broker's URL, by way of the proxy. */
  readonly url: string;
  /** Ends every connection at once, without a word of AMQP. */
  cut(): void;
  /** Passes nothing on any more, and keeps the connections open: what a dead peer looks like. */
  freeze(): void;
  close(): Promise<void>;
}

export async function openProxy(): Promise<NetworkProxy> {
  const target = new URL(amqpUrl);
  const sockets = new Set<Socket>();
  let frozen = false;
  const server = createServer((client) => {
    const broker = connect(Number(target.port), target.hostname);
    for (const socket of [client, broker]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        broker.destroy();
      });
    }
    client.on('data', (chunk) => !frozen && broker.write(chunk));
    broker.on('data', (chunk) => !frozen && client.write(chunk));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(amqpUrl);
  url.port = String((server.address() as AddressInfo).port);
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    url: url.href,
    cut,
    freeze: () => {
      frozen = true;
    },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
