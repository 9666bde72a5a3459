import { connect, createServer } from 'node:net';

// Below the ports that Linux (32768 and up) and macOS (49152 and up) use for outgoing connections, so that none of those takes a
// port between our choice and its use.
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;

/** A port that this process listens on; `release` gives it up. */
export interface HeldPort {
  release(): Promise<void>;
}

/**
 * Listens on a loopback port, which keeps all others from it until it is released or this process ends in any way. Returns
 * undefined if another process has it. Anyone who connects is sent the greeting and nothing else.
 */
export function holdPort(port: number, greeting = ''): Promise<HeldPort | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end(greeting);
      // A client that connects and stays silent must not hold up `release`.
      socket.destroySoon();
    });
    server.unref();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      resolve({ release: () => new Promise((released) => server.close(() => released())) });
    });
  });
}

/** Whether a loopback port can be listened on now, found out by doing so for a moment. */
export async function isPortFree(port: number): Promise<boolean> {
  const held = await holdPort(port);
  await held?.release();
  return held !== undefined;
}

/**
 * Whether a process listens on a loopback port. This does not listen itself, so it cannot get in the way of a process that is
 * just starting.
 */
export function isListenedOn(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/** A free loopback port that is not in `taken`. */
export async function freePort(taken: readonly number[] = []): Promise<number> {
  for (;;) {
    const port = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT));
    if (!taken.includes(port) && (await isPortFree(port))) return port;
  }
}
