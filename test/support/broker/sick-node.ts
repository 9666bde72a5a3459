import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { amqpUrl } from './broker.js';

/** Method frames by class and method: what a broker confirms with, and the first of a channel. */
const METHOD = 1;
const ACK = (60 << 16) | 80;
const OPEN_OK = (20 << 16) | 11;
/** To queue.declare and basic.consume. */
const UNANSWERED: readonly number[] = [(50 << 16) | 11, (60 << 16) | 21];
const HEAD = 7;

/** As many as a batch of one has messages. */
const CONFIRMS = 3;

/**
 * The broker as a node that was cut off from its cluster may be (RabbitMQ 3.10.8): it confirms the first messages of each
 * channel, and no other. Or as one that sends heartbeats, but answers no request about queues.
 */
export async function openSickNode({ answers = true } = {}): Promise<{ readonly url: string; close(): Promise<void> }> {
  const url = new URL(amqpUrl);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const broker = connect(Number(url.port), url.hostname);
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => other.destroy());
    }
    client.pipe(broker);
    const confirms = new Map<number, number>();
    let waiting = Buffer.alloc(0);
    broker.on('data', (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk]);
      for (let frame = firstFrame(waiting); frame !== undefined; frame = firstFrame(waiting)) {
        waiting = waiting.subarray(frame.length);
        const channel = frame.readUInt16BE(1);
        const method = frame[0] === METHOD ? frame.readUInt32BE(HEAD) : 0;
        if (method === OPEN_OK) confirms.set(channel, 0);
        const count = (confirms.get(channel) ?? 0) + Number(method === ACK);
        if (!answers && UNANSWERED.includes(method)) continue;
        if (method !== ACK || count <= CONFIRMS) client.write(frame);
        confirms.set(channel, count);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = new URL(amqpUrl);
  own.port = String((server.address() as AddressInfo).port);
  return {
    url: own.href,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function firstFrame(buffer: Buffer): Buffer | undefined {
  if (buffer.length < HEAD) return undefined;
  const length = HEAD + buffer.readUInt32BE(3) + 1;
  return buffer.length < length ? undefined : buffer.subarray(0, length);
}
