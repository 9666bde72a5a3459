import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addressesIn } from '../../../../../lib/rabbitmq/connection/address.js';
import { withoutPassword } from '../../../../../lib/rabbitmq/connection/connect-error.js';
import { namedAddress } from '../../../../../lib/rabbitmq/connection/environment-address.js';

const SECRETS = { AMQP_USER_FILE: '/run/user', AMQP_PASSWORD_FILE: '/run/a,amqp:b' };

/** Parameters of each address. */
const parameters = (address: string | undefined) =>
  addressesIn(address ?? '').map((each) => Object.fromEntries(new URL(each).searchParams));

describe('an address and the environment', () => {
  it('is the given one, else that of AMQP_URL, as it is where nothing is added', () => {
    expect(namedAddress('amqp://a', {}, { AMQP_URL: 'amqp://b' })).toBe('amqp://a');
    expect(namedAddress(undefined, {}, { AMQP_URL: 'amqp://b' })).toBe('amqp://b');
    expect(namedAddress('', {}, { AMQP_URL: '', ...SECRETS })).toBeUndefined();
    expect(namedAddress('http://a', {}, SECRETS)).toBe('http://a');
  });

  it('names the files of the environment, at each of several addresses, which are not read here', () => {
    const address = namedAddress('amqp://one,amqps://two', {}, SECRETS);
    const each = { username_file: '/run/user', password_file: '/run/a,amqp:b' };
    expect(parameters(address)).toEqual([each, each]);
    expect(withoutPassword(address ?? '')).toBe('amqp://one, amqps://two');
  });

  it('an option wins over the environment, and the address over both', () => {
    const files = { user: 'mine', ca: './ca.pem', serverName: 'other' };
    const address = namedAddress('amqps://u@one?server_name_indication=own', files, {
      AMQP_CA_FILE: '/ca',
      ...SECRETS,
    });
    expect(parameters(address)).toEqual([
      { server_name_indication: 'own', cacertfile: resolve('ca.pem'), password_file: '/run/a,amqp:b' },
    ]);
  });

  it('certificates are not taken for a connection in the clear', () => {
    for (const variable of ['AMQP_CA_FILE', 'AMQP_CERT_FILE', 'AMQP_SERVER_NAME']) {
      const naming = () => namedAddress('amqps://one,amqp://two', {}, { [variable]: 'x' });
      expect(naming).toThrow(`${variable} is set, so the broker's address must begin with amqps://.`);
    }
  });
});
