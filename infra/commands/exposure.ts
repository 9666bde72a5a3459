import { isIPv4 } from 'node:net';

/** What to tell whoever has a server listen where other machines can reach it; undefined on this machine's loopback. */
export function exposureNotice(host: string, what: string): string | undefined {
  if (host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))) return undefined;
  return `${host} can be reached from other machines, without encryption: ${what}.`;
}
