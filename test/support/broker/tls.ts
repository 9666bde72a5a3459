import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { freePort } from '../../../infra/broker/free-ports.js';
import type { PrivateBroker } from '../../../infra/broker/private-broker.js';

/** A certificate and its key: the texts, and the files that hold them. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

interface Wanted {
  /** Names the files, and is the subject. */
  readonly name: string;
  readonly by?: Certificate;
  /** Of the machine that it is for. */
  readonly dns?: string;
  readonly ip?: string;
  readonly passphrase?: string;
  readonly notAfterDate?: Date;
}

/** Makes a certificate signed by another one; without one it is an authority itself. */
export async function newCertificate(folder: string, wanted: Wanted): Promise<Certificate> {
  const { name, by, dns, ip, passphrase, notAfterDate } = wanted;
  const names = [
    ...(dns === undefined ? [] : [{ type: 2 as const, value: dns }]),
    ...(ip === undefined ? [] : [{ type: 7 as const, ip }]),
  ];
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ...(by !== undefined && { ca: { key: by.key, cert: by.cert } }),
    ...(passphrase !== undefined && { passphrase }),
    ...(notAfterDate !== undefined && { notAfterDate, notBeforeDate: new Date(notAfterDate.getTime() - 86_400_000) }),
    extensions: [
      { name: 'basicConstraints', cA: by === undefined, critical: true },
      ...(names.length === 0 ? [] : [{ name: 'subjectAltName' as const, altNames: names }]),
    ],
  });
  const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  await mkdir(folder, { recursive: true });
  await writeFile(certFile, made.cert);
  await writeFile(keyFile, made.private, { mode: 0o600 });
  return { cert: made.cert, key: made.private, certFile, keyFile };
}

/** Makes a node listen for TLS, too. @returns the address, with user and password */
export async function listenForTls(
  broker: PrivateBroker,
  {
    certFile,
    keyFile,
    clientsOf,
    versions,
  }: Certificate & { readonly clientsOf?: Certificate; readonly versions?: readonly string[] },
): Promise<string> {
  const port = await freePort();
  const clients =
    clientsOf === undefined
      ? ''
      : `, {cacertfile, "${clientsOf.certFile}"}, {verify, verify_peer}, {fail_if_no_peer_cert, true}`;
  const spoken = versions === undefined ? '' : `, {versions, [${versions.map((one) => `'${one}'`)}]}`;
  const options = `[{certfile, "${certFile}"}, {keyfile, "${keyFile}"}${clients}${spoken}]`;
  const listen = `rabbit_networking:start_ssl_listener({"127.0.0.1", ${port}, inet}, ${options}, 1).`;
  await broker.ctl('eval', `{ok, _} = application:ensure_all_started(ssl), ${listen}`);
  const url = new URL(broker.amqpUrl.replace(/^amqp:/, 'amqps:'));
  url.port = String(port);
  return url.href;
}
