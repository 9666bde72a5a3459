import type { Socket } from 'node:net';
import type { ChannelModel } from 'amqplib';

/** Holds what a batch may write before amqplib is told to wait. */
export const SOCKET_BUFFER_BYTES = 1024 * 1024;

/**
 * Makes a socket send everything that is written in one turn of the event loop with one system call. amqplib writes every message
 * separately, and on loopback a call costs more than the message: this reduces a bare client's CPU time to 0.64 (0.60 to 0.77,
 * `npm run bench -- --writes`).
 */
export function gatherWrites(socket: Socket): void {
  const write = socket.write;
  const uncork = (): void => socket.uncork();
  socket.write = ((...chunk: Parameters<typeof write>) => {
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(uncork);
    }
    return write.apply(socket, chunk);
  }) as typeof write;
}

/** A connection's socket, which amqplib's types hide. */
export function socketOf({ connection }: ChannelModel): Socket {
  return (connection as unknown as { stream: Socket }).stream;
}

/** amqplib is not told about a destroyed socket, and would keep the process until it misses heartbeats (2.3.1). */
export function stopHeartbeat({ connection }: ChannelModel): void {
  (connection as unknown as { readonly heartbeater?: { clear(): void } }).heartbeater?.clear();
}
