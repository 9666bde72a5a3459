import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificatesOf } from '../../infra/broker/node-certificates.js';
import { type PrivateBroker, startPrivateBroker } from '../../infra/broker/private-broker.js';
import { namedAddress } from '../../lib/rabbitmq/connection/environment-address.js';
import { openConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { newFolder, removeFolders } from '../support/broker/leftovers.js';
import { recordingLog } from '../support/broker/recording-log.js';
import { type Certificate, listenForTls, newCertificate } from '../support/broker/tls.js';

/** Accepts TLS from everyone on one port, and on another only with a client certificate. */
let broker: PrivateBroker;
let forAll: string;
let forKnown: string;
let expired: string;
let files: string;
let authority: Certificate;
let client: Certificate;

const NAME = 'broker.test';

beforeAll(async () => {
  files = await newFolder();
  authority = await newCertificate(files, { name: 'authority' });
  const by = authority;
  client = await newCertificate(files, { name: 'client', by });
  const server = await newCertificate(files, { name: 'server', by, dns: NAME, ip: '127.0.0.1' });
  const named = await newCertificate(files, { name: 'named', by, dns: NAME });
  const old = await newCertificate(files, { name: 'old', by, ip: '127.0.0.1', notAfterDate: new Date(2020, 1, 1) });
  broker = await startPrivateBroker({ folder: await newFolder() });
  forAll = await listenForTls(broker, named);
  forKnown = await listenForTls(broker, { ...server, clientsOf: authority });
  expired = await listenForTls(broker, old);
});

afterAll(async () => {
  await broker.stop();
  await removeFolders();
});

/** The outcome of a connection: `open`, or the text of its error. */
async function opening(amqpUrl: string, variables: Record<string, string> = {}): Promise<string> {
  const address = namedAddress(amqpUrl, {}, variables) ?? '';
  try {
    const connection = await openConnection({ amqpUrl: address, connectionName: 'test', log: recordingLog() });
    await connection.close();
    return 'open';
  } catch (error) {
    return (error as Error).message;
  }
}

const ours = () => ({ AMQP_CA_FILE: authority.certFile });
const known = () => ({ ...ours(), AMQP_CERT_FILE: client.certFile, AMQP_KEY_FILE: client.keyFile });

describe('the certificate of the broker', () => {
  it('must come from an authority that we know', async () => {
    const other = await newCertificate(files, { name: 'other' });
    const variables = { AMQP_CA_FILE: other.certFile, AMQP_SERVER_NAME: NAME };
    for (const wrong of [{}, { AMQP_SERVER_NAME: NAME }, variables]) {
      const words = await opening(forAll, wrong);
      expect(words).toMatch(/its certificate is from an unknown authority .*AMQP_CA_FILE .*\.$/);
    }
    expect(await opening(forAll, { ...ours(), AMQP_SERVER_NAME: NAME })).toBe('open');
  });

  it('must be for the machine of the address, or the name that is said', async () => {
    expect(await opening(forAll, ours())).toContain('its certificate is not for 127.0.0.1; set AMQP_SERVER_NAME');
    expect(await opening(forAll, { ...ours(), AMQP_SERVER_NAME: 'other.test' })).toContain('is not for');
    expect(await opening(forKnown, known())).toBe('open');
  });

  it('must be valid now', async () => {
    expect(await opening(expired, ours())).toContain('its certificate has expired; it needs a new one');
  });

  it('is not trusted because the address says so', async () => {
    expect(await opening(`${forAll}?verify=verify_none`)).toContain('from an unknown authority');
  });
});

describe('our certificate', () => {
  it('is shown where the broker wants one, in the parameters that its own clients know, too', async () => {
    expect(await opening(forKnown, ours())).toMatch(/it requires a client certificate; .*AMQP_CERT_FILE/);
    const url = new URL(forKnown);
    url.searchParams.set('cacertfile', authority.certFile);
    url.searchParams.set('certfile', client.certFile);
    url.searchParams.set('keyfile', client.keyFile);
    expect(await opening(url.href)).toBe('open');
  });

  it('must come from an authority that the broker knows, and have its own key', async () => {
    const other = await newCertificate(files, { name: 'another' });
    const stranger = await newCertificate(files, { name: 'stranger', by: other });
    const strange = { AMQP_CERT_FILE: stranger.certFile, AMQP_KEY_FILE: stranger.keyFile };
    expect(await opening(forKnown, { ...ours(), ...strange })).toContain('refuses our certificate (unknown ca)');
    expect(await opening(forKnown, { ...known(), AMQP_KEY_FILE: stranger.keyFile })).toContain(
      'does not belong to the',
    );
    expect(await opening(forKnown, { ...known(), AMQP_KEY_FILE: client.certFile })).toContain('is not in PEM');
  });

  it('may have a key with a passphrase, which no error tells', async () => {
    const locked = await newCertificate(files, { name: 'locked', by: authority, passphrase: 'sesame' });
    const [right, wrong] = [join(files, 'right'), join(files, 'wrong')];
    await writeFile(right, 'sesame\n');
    await writeFile(wrong, 'open');
    const variables = { ...ours(), AMQP_CERT_FILE: locked.certFile, AMQP_KEY_FILE: locked.keyFile };
    const refused =
      /^RabbitMQ at amqps:[^ ]+: the key in AMQP_KEY_FILE cannot be decrypted; .*AMQP_KEY_PASSPHRASE_FILE .*\.$/;
    expect(await opening(forKnown, variables)).toMatch(refused);
    expect(await opening(forKnown, { ...variables, AMQP_KEY_PASSPHRASE_FILE: wrong })).toMatch(refused);
    expect(await opening(forKnown, { ...variables, AMQP_KEY_PASSPHRASE_FILE: right })).toBe('open');
  });
});

describe('user and password', () => {
  it('come from files, read for each connection anew, and are in no error', async () => {
    const { username, password, host } = new URL(broker.amqpUrl);
    const [user, secret] = [join(files, 'user'), join(files, 'password')];
    await writeFile(user, `${username}\n`);
    await writeFile(secret, 'of 100% wrong');
    const variables = { AMQP_USER_FILE: user, AMQP_PASSWORD_FILE: secret };
    const refused = await opening(`amqp://${host}`, variables);
    expect(refused).toContain(`it refuses the user ${username} or the password`);
    expect(refused).not.toContain('wrong');
    await writeFile(secret, `${password}\r\n`);
    expect(await opening(`amqp://${host}`, variables)).toBe('open');
    expect(await opening(`amqp://${username}@${host}`, { AMQP_PASSWORD_FILE: secret })).toBe('open');
    expect(await opening(`amqp://${username}:no@${host}`, variables)).toContain('it refuses the user');
  });

  it('a file that is missing or empty is named', async () => {
    const { host } = new URL(broker.amqpUrl);
    const empty = join(files, 'empty');
    await writeFile(empty, '\n');
    expect(await opening(`amqp://${host}`, { AMQP_PASSWORD_FILE: empty })).toContain(`${empty} is empty`);
    expect(await opening(`amqp://${host}`, { AMQP_USER_FILE: '/none' })).toContain('/none cannot be read (ENOENT)');
  });
});

describe('a private broker that speaks TLS', () => {
  let secured: PrivateBroker;
  let folder: string;

  beforeAll(async () => {
    folder = await newFolder();
    secured = await startPrivateBroker({ folder, tls: true });
    await secured.ctl('add_user', 'stranger', 'secret');
  });

  afterAll(() => secured.stop());

  const here = (more: Record<string, string> = {}): string => {
    const url = new URL(secured.amqpUrl);
    url.username = '';
    url.password = '';
    const { client } = certificatesOf(folder);
    const given = { certfile: client.cert, keyfile: client.key, auth_mechanism: 'external', ...more };
    for (const [name, value] of Object.entries(given)) url.searchParams.set(name, value);
    return url.href;
  };

  it('gives an address that names its authority, and speaks nothing else', async () => {
    expect(secured.amqpUrl).toMatch(/^amqps:.*\?cacertfile=/);
    expect(await opening(secured.amqpUrl)).toBe('open');
    const bare = new URL(secured.amqpUrl);
    bare.search = '';
    expect(await opening(bare.href)).toContain('from an unknown authority');
    expect(await opening(bare.href.replace('amqps:', 'amqp:'))).toContain('does not speak AMQP as expected');
  });

  it('lets in whoever shows a certificate in place of a password, where the broker vouches for it', async () => {
    expect(await opening(here())).toBe('open');
    const other = await newCertificate(files, { name: 'foreign' });
    const stranger = await newCertificate(files, { name: 'stranger', by: other });
    const strange = await opening(here({ certfile: stranger.certFile, keyfile: stranger.keyFile }));
    expect(strange).toContain('refuses our certificate');
    const url = new URL(here());
    for (const name of ['certfile', 'keyfile']) url.searchParams.delete(name);
    expect(await opening(url.href)).toMatch(/refuses the user named in our certificate|did not match|ACCESS_REFUSED/);
  });

  it('lets nobody in any more whose user was removed', async () => {
    await secured.ctl('add_user', 'other', 'secret');
    await secured.ctl('delete_user', 'local');
    expect(await opening(here())).toContain('it refuses the user named in our certificate');
    expect(await opening(secured.amqpUrl)).toContain('it refuses the user local');
  });
});

it('a broker that takes no certificate in place of a password is named so', async () => {
  const url = new URL(forKnown);
  url.searchParams.set('auth_mechanism', 'external');
  expect(await opening(url.href, known())).toContain('rabbitmq_auth_mechanism_ssl is not enabled');
});

it('a broker that speaks an old version of TLS only is refused', async () => {
  const server = await newCertificate(files, { name: 'aged', by: authority, ip: '127.0.0.1' });
  const old = await listenForTls(broker, { ...server, versions: ['tlsv1.1'] });
  expect(await opening(old, ours())).toContain('it supports no version of TLS that we do');
});
