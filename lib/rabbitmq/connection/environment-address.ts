import { resolve } from 'node:path';
import { addressesIn } from './address.js';
import { ADDRESS_PARAMETERS } from './address-files.js';
import { isAmqpUrl } from './connect-error.js';

type Parameter = keyof typeof ADDRESS_PARAMETERS;

/** What completes an address: the names of files, and the broker's name in its certificate. */
export type AddressFiles = { readonly [Name in Parameter]?: string | undefined };

/** From the environment's variables. */
export const ADDRESS_VARIABLES: Readonly<Record<Parameter, string>> = {
  ca: 'AMQP_CA_FILE',
  cert: 'AMQP_CERT_FILE',
  key: 'AMQP_KEY_FILE',
  passphrase: 'AMQP_KEY_PASSPHRASE_FILE',
  serverName: 'AMQP_SERVER_NAME',
  user: 'AMQP_USER_FILE',
  password: 'AMQP_PASSWORD_FILE',
};

const OF_TLS: readonly Parameter[] = ['ca', 'cert', 'key', 'passphrase', 'serverName'];

/**
 * The broker's address as given, else `AMQP_URL`, with what `files` and the environment's variables add to it. What the address
 * itself says takes precedence.
 * @example
 * // AMQP_URL=amqps://broker AMQP_USER_FILE=/run/secrets/user AMQP_PASSWORD_FILE=/run/secrets/password
 * namedAddress(); // 'amqps://broker?username_file=...&password_file=...'
 * @throws Error if a certificate is named for an address that is not `amqps:`: it would not be used
 */
export function namedAddress(given?: string, files: AddressFiles = {}, environment = process.env): string | undefined {
  const amqpUrl = (given ?? environment['AMQP_URL']) || undefined;
  // Its user reports what is wrong with it.
  if (amqpUrl === undefined || !isAmqpUrl(amqpUrl)) return amqpUrl;
  const all = (Object.keys(ADDRESS_VARIABLES) as Parameter[]).flatMap((name): [Parameter, string][] => {
    const value = (files[name] ?? environment[ADDRESS_VARIABLES[name]]) || undefined;
    return value === undefined ? [] : [[name, name === 'serverName' ? value : resolve(value)]];
  });
  return all.length === 0
    ? amqpUrl
    : addressesIn(amqpUrl)
        .map((each) => completed(each, all))
        .join(',');
}

function completed(amqpUrl: string, all: readonly [Parameter, string][]): string {
  const url = new URL(amqpUrl);
  for (const [name, value] of all) {
    if (OF_TLS.includes(name) && url.protocol !== 'amqps:') {
      throw new Error(`${ADDRESS_VARIABLES[name]} is set, so the broker's address must begin with amqps://.`);
    }
    const inAddress = { user: url.username, password: url.password }[name as string] ?? '';
    const parameter = ADDRESS_PARAMETERS[name];
    if (inAddress === '' && !url.searchParams.has(parameter)) url.searchParams.set(parameter, value);
  }
  return url.href;
}
