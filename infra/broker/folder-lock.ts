import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { type HeldPort, holdPort } from './free-ports.js';

// How many ports may lock a folder: the first one that no foreign process has is used.
const PORTS = 4;
// An owner answers in milliseconds, even on a busy machine.
const ANSWER_PATIENCE_MS = 2_000;

/** What the lock tells everyone who connects: which folder it locks, and none of its secrets. */
export function lockGreeting(path: string, secret: string): string {
  return `smart-shopping ${createHash('sha256').update(`${secret} ${path}`).digest('base64url')}\n`;
}

/**
 * Locks a folder by listening on `firstPort`, or on one soon after it if a foreign process listens there, that is, one that does
 * not greet as an owner of this folder. Returns undefined if the folder has an owner. Two processes can never both own it: each
 * checks all ports after taking one, so of two at once at least one sees the other.
 */
export async function lockFolder(firstPort: number, greeting: string): Promise<HeldPort | undefined> {
  const ports = Array.from({ length: PORTS }, (_, index) => firstPort + index);
  for (const port of ports) {
    const lock = await holdPort(port, greeting);
    const others = lock ? ports.filter((other) => other !== port) : [port];
    if (await anyGreets(others, greeting)) {
      await lock?.release();
      return undefined;
    }
    if (lock) return lock;
  }
  throw new Error(`The ports ${firstPort} to ${firstPort + PORTS - 1} are all in use by other programs.`);
}

async function anyGreets(ports: readonly number[], greeting: string): Promise<boolean> {
  return (await Promise.all(ports.map((port) => greets(port, greeting)))).includes(true);
}

function greets(port: number, greeting: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let heard = '';
    const decide = (): void => {
      clearTimeout(patience);
      socket.destroy();
      resolve(heard.startsWith(greeting));
    };
    const patience = setTimeout(decide, ANSWER_PATIENCE_MS);
    socket.setEncoding('latin1').on('error', decide).on('end', decide);
    socket.on('data', (text) => {
      heard += text;
      if (heard.length >= greeting.length) decide();
    });
  });
}
