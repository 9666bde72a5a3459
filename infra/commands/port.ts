import { InvalidArgumentError } from 'commander';

/** For commander: a port to listen on, 0 for a free one. */
export function parsePort(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 65_535) throw new InvalidArgumentError('It must be a whole number up to 65535.');
  return number;
}

/** Why a server cannot listen, in words. */
export function whyNotListening(error: NodeJS.ErrnoException, port: number): string {
  if (error.code === 'EADDRINUSE')
    return `port ${port} is in use; choose another with --port, or a free one with --port 0.`;
  if (error.code === 'EACCES')
    return `port ${port} is reserved for root; choose another with --port, or a free one with --port 0.`;
  if (error.code === 'EADDRNOTAVAIL') return 'this machine has no such address; choose one with --host.';
  return error.message;
}
