import { isLoopback } from './serving.js';

/** The warning for a server that listens where other machines can reach it; undefined for loopback. */
export function exposureNotice(host: string, what: string): string | undefined {
  if (isLoopback(host)) return undefined;
  return `${host} can be reached from other machines, without encryption: ${what}.`;
}
