import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { type Command, InvalidArgumentError } from 'commander';
import type { ListenOptions } from '../http/listen.js';
import { CommandError, EXIT } from './command-line.js';

export interface ServingFlags {
  readonly host: string;
  readonly origin?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

/** Where people and their browsers can reach a server. */
export function addServingOptions(command: Command): Command {
  return command
    .option(
      '--host <address>',
      'the address to listen on; beyond this machine only with --origin or --tls-cert',
      '127.0.0.1',
    )
    .option('--origin <url>', 'the public address at a TLS proxy in front, such as https://shop.example', publicOrigin)
    .option('--tls-cert <file>', 'use TLS, with this certificate in PEM')
    .option('--tls-key <file>', 'the key of the certificate, in PEM');
}

/** @throws CommandError (2) if passwords and passes would travel unencrypted, or if a file cannot be read */
export async function servingOf({
  host,
  origin,
  tlsCert,
  tlsKey,
}: ServingFlags): Promise<Pick<ListenOptions, 'host' | 'publicOrigin' | 'tls'>> {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new CommandError('--tls-cert and --tls-key go together.', EXIT.usage);
  }
  if (!isLoopback(host) && origin === undefined && tlsCert === undefined) {
    throw new CommandError(
      `--host ${host} can be reached from other machines, and an eavesdropper could get the secret that opens the pages: add --tls-cert and ` +
        '--tls-key, or the --origin https://... of a TLS proxy.',
      EXIT.usage,
    );
  }
  if (tlsCert === undefined || tlsKey === undefined) return { host, publicOrigin: origin };
  return { host, publicOrigin: origin, tls: { cert: await read(tlsCert), key: await read(tlsKey) } };
}

/** Whether a server at this address is reachable from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new CommandError(`${file} cannot be read (${cause.code}).`, EXIT.usage, { cause });
  });
}

function publicOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' || url.pathname !== '/' || url.search !== '' || url.username !== '') {
    throw new InvalidArgumentError('It must be https:// followed by a name, such as https://shop.example.');
  }
  return url.origin;
}
