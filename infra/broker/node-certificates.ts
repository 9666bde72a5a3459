import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Files of a node that uses TLS, in PEM; a client may present `client` instead of a password. */
export function certificatesOf(nodeFolder: string) {
  const file = (name: string): string => join(nodeFolder, 'config', name);
  return {
    authority: file('authority.pem'),
    server: { cert: file('server.pem'), key: file('server.key') },
    client: { cert: file('client.pem'), key: file('client.key') },
  };
}

/**
 * Creates an authority that signs certificates for the node and for one client with the name of its user. The authority's key is
 * not kept.
 */
export async function makeCertificates(nodeFolder: string, user: string): Promise<void> {
  // Loaded only when it is needed.
  const { generate } = await import('selfsigned');
  const files = certificatesOf(nodeFolder);
  const common = { keyType: 'ec', algorithm: 'sha256' } as const;
  const authority = await generate([{ name: 'commonName', value: 'private RabbitMQ' }], {
    ...common,
    extensions: [{ name: 'basicConstraints', cA: true, critical: true }],
  });
  const signed = (commonName: string, altNames: { type: 2; value: string }[] | { type: 7; ip: string }[]) =>
    generate([{ name: 'commonName', value: commonName }], {
      ...common,
      ca: { key: authority.private, cert: authority.cert },
      extensions: [
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'subjectAltName', altNames },
      ],
    });
  const server = await signed('localhost', [{ type: 7, ip: '127.0.0.1' }]);
  const client = await signed(user, [{ type: 2, value: user }]);
  await mkdir(join(nodeFolder, 'config'), { recursive: true });
  await writeFile(files.authority, authority.cert);
  for (const [{ cert, key }, made] of [
    [files.server, server],
    [files.client, client],
  ] as const) {
    await writeFile(cert, made.cert);
    await writeFile(key, made.private, { mode: 0o600 });
  }
}
