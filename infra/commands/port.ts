import { InvalidArgumentError } from 'commander';

/** For commander: a port to listen on, 0 for a free one. */
export function parsePort(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 65_535) throw new InvalidArgumentError('It is a whole number up to 65535.');
  return number;
}
