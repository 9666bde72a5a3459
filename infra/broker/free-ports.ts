import { connect, createServer } from 'node:net';

// Below the ports that Linux (32768 up) and macOS (49152 up) give to outgoing connections:
// so none of those takes a port between our choice and its use.
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;

/** A port that this process listens on; `release` gives it back. */
export interface HeldPort {
  release(): Promise<void>;
}

/**
 * Listens on a loopback port and so keeps it from everyone else, until released or until this process ends in any way.
 * Returns undefined where somebody else has it. Whoever connects is told the greeting, no more.
 */
export function holdPort(port: number, greeting = ''): Promise<HeldPort | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end(greeting);
      // Whoever connects and says nothing must not keep `release` waiting.
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

/** Whether a loopback port can be listened on now: found out by doing so for a moment. */
export async function isPortFree(port: number): Promise<boolean> {
  const held = await holdPort(port);
  await held?.release();
  return held !== undefined;
}

/** Whether somebody listens on a loopback port. Does not listen itself, and so keeps nobody from it who is just starting. */
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

/** A free loopback port that is none of `taken`. */
export async function freePort(taken: readonly number[] = []): Promise<number> {
  for (;;) {
    const port = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT));
    if (!taken.includes(port) && (await isPortFree(port))) return port;
  }
}
