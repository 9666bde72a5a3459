/**
 * An address such as `amqps://user:password@host:5671/vhost`; several, separated by commas, of which the first that answers is
 * used, for each connection; or a function that returns one for each connection, for passwords that are renewed while the process
 * is running. Certificates, keys, user and password may be in files that its parameters name (docs/operating.md, "TLS, and
 * secrets in files").
 * @example
 * const address: BrokerAddress = async () => `amqps://orders:${await passwordOf('orders')}@${host}:5671`;
 */
export type BrokerAddress = string | (() => string | Promise<string>);

/** The address at this moment. */
export async function addressNow(address: BrokerAddress): Promise<string> {
  return typeof address === 'string' ? address : address();
}

/** Splits a text into its addresses. A comma may also be part of a password. */
export function addressesIn(text: string): readonly string[] {
  return text.split(/\s*,\s*(?=amqps?:)/);
}

/** The same broker, at the virtual host that an event names. */
export function atVirtualHost(address: BrokerAddress, virtualHost: string | undefined): BrokerAddress {
  if (virtualHost === undefined) return address;
  if (typeof address !== 'string') return async () => withVirtualHost(await address(), virtualHost);
  return withVirtualHost(address, virtualHost);
}

function withVirtualHost(amqpUrl: string, virtualHost: string): string {
  const urls = addressesIn(amqpUrl).map((each) => new URL(each));
  for (const url of urls) url.pathname = `/${encodeURIComponent(virtualHost)}`;
  return urls.map(({ href }) => href).join(',');
}
