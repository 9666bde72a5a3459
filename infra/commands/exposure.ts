import { isLoopback } from './serving.js';

/** What to tell whoever has a server listen where other machines can reach it; undefined on this machine's loopback. */
export function exposureNotice(host: string, what: string): string | undefined {
  if (isLoopback(host)) return undefined;
  return `${host} can be reached from other machines, without encryption: ${what}.`;
}
