import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';

/** An address as a connection needs it: the files that it names have been read. */
export interface ReadAddress {
  /** With user and password, without the parameters that name files. */
  readonly url: URL;
  /** For Node's `tls.connect`; empty if the address is not `amqps:`. */
  readonly tls: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'servername'>;
  /** Our certificate, rather than a password, says who we are. */
  readonly isExternal: boolean;
}

/**
 * What an address may name as files, in parameters of its query. RabbitMQ's own clients know the first three and the name
 * (https://www.rabbitmq.com/docs/uri-query-parameters).
 */
export const ADDRESS_PARAMETERS = {
  /** Certificates of the authorities to trust for the broker, instead of those that Node knows; PEM. */
  ca: 'cacertfile',
  /** Our certificate, and those between it and its authority; PEM. */
  cert: 'certfile',
  /** The key of our certificate; PEM. */
  key: 'keyfile',
  passphrase: 'passphrase_file',
  serverName: 'server_name_indication',
  user: 'username_file',
  password: 'password_file',
} as const;

/** How we authenticate: `plain`, with user and password, or `external`, with our certificate. */
const MECHANISM = 'auth_mechanism';

/** A file that an address names cannot be read, or is empty; the message says which one, and nothing of its contents. */
export class AddressFileError extends Error {
  override readonly name = 'AddressFileError';
}

/** Reads the files each time, because files mounted into a container may be renewed. @throws AddressFileError */
export async function readAddress(amqpUrl: string): Promise<ReadAddress> {
  const url = new URL(amqpUrl);
  const parameter = (name: keyof typeof ADDRESS_PARAMETERS): string | undefined =>
    url.searchParams.get(ADDRESS_PARAMETERS[name]) ?? undefined;
  const [ca, cert, key, passphrase, user, password] = await Promise.all(
    (['ca', 'cert', 'key', 'passphrase', 'user', 'password'] as const).map((name) => contentOf(parameter(name))),
  );
  const servername = parameter('serverName');
  const given = {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(passphrase !== undefined && { passphrase }),
    ...(servername !== undefined && { servername }),
  };
  if (user !== undefined) url.username = encodeURIComponent(user);
  if (password !== undefined) url.password = encodeURIComponent(password);
  const isExternal = url.searchParams.get(MECHANISM)?.toLowerCase() === 'external';
  for (const name of [...Object.values(ADDRESS_PARAMETERS), MECHANISM]) url.searchParams.delete(name);
  return { url, tls: url.protocol === 'amqps:' ? given : {}, isExternal };
}

/** Without the trailing newline that editors add. */
async function contentOf(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const content = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new AddressFileError(`${file} cannot be read (${cause.code}); the broker's address names it.`, { cause });
  });
  const text = content.replace(/\r?\n$/, '');
  if (text === '') throw new AddressFileError(`${file} is empty; the broker's address names it.`);
  return text;
}
