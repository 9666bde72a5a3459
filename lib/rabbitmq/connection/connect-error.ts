import { addressesIn } from './address.js';
import type { ReadAddress } from './address-files.js';
import { openRefusal } from './open-refusal.js';

/** The broker cannot be reached, or refuses the login; the message says where, why and what to do, and contains no password. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  /** The broker knows the user and refuses this virtual host: another one may be open. */
  readonly ofVirtualHost: boolean;

  /** A server may be there, but did not answer in time. */
  get timedOut(): boolean {
    return TIMED_OUT.test(wordsOf(this.cause));
  }

  /** No server is there, or it does not answer. */
  get isSilent(): boolean {
    return this.timedOut || /ECONNREFUSED/.test(wordsOf(this.cause));
  }

  constructor(message: string, ofVirtualHost: boolean, options: ErrorOptions) {
    super(message, options);
    this.ofVirtualHost = ofVirtualHost;
  }
}

/** Whether a text is the address of a broker, or several, separated by commas (https://www.rabbitmq.com/docs/uri-spec). */
export function isAmqpUrl(text: string): boolean {
  return addressesIn(text).every((one) => /^amqps?:\/\//.test(one) && URL.canParse(one) && isDecodable(new URL(one)));
}

/** A literal percent sign must be written `%25`. */
function isDecodable({ username, password, pathname }: URL): boolean {
  try {
    decodeURIComponent(username + password + pathname);
    return true;
  } catch {
    return false;
  }
}

/** The address of a broker for people and logs: also without its parameters, in which RabbitMQ's own clients accept passwords. */
export function withoutPassword(amqpUrl: string): string {
  // In `amqp:user:password@host` the password is part of a path.
  if (!isAmqpUrl(amqpUrl)) return 'an address that is not an AMQP address';
  const urls = addressesIn(amqpUrl).map((each) => new URL(each));
  for (const url of urls) {
    url.password = '';
    url.search = '';
  }
  return urls.map(({ href }) => href).join(', ');
}

/** What an address must look like. */
export const AMQP_URL_EXAMPLE = 'amqp://user:password@host:5672/vhost';

/** Like `connectError`, plus what only the broker knows: why it does not open a virtual host. Connects once more to find out. */
export async function explainedConnectError(address: ReadAddress, cause: unknown): Promise<ConnectError> {
  const refusal = NO_VIRTUAL_HOST.test(wordsOf(cause)) ? await openRefusal(address) : undefined;
  const user = address.isExternal ? 'named in our certificate' : undefined;
  return connectError(address.url, refusal === undefined ? cause : new Error(refusal, { cause }), user);
}

/** amqplib's error for failing to connect to `url`, in words. */
export function connectError(url: URL, cause: unknown, named?: string): ConnectError {
  const user = named ?? (decodeURIComponent(url.username) || 'guest');
  const vhost = decodeURIComponent(url.pathname.slice(1)) || '/';
  const said = wordsOf(cause);
  const [, explanation] = EXPLANATIONS.find(([pattern]) => pattern.test(said)) ?? [];
  const words = explanation?.({ host: url.hostname, user, vhost, said }) ?? said;
  return new ConnectError(`RabbitMQ at ${withoutPassword(url.href)}: ${words}`, NO_VIRTUAL_HOST.test(said), { cause });
}

const TIMED_OUT = /ETIMEDOUT|timeout/i;
const NO_VIRTUAL_HOST = /Expected ConnectionOpenOk|NOT_ALLOWED/;

interface Wanted {
  readonly host: string;
  readonly user: string;
  readonly vhost: string;
  /** As reported by Node or the broker. */
  readonly said: string;
}

/** By the error texts of Node, amqplib 2.3 and RabbitMQ 3.10 (tried). */
const EXPLANATIONS: readonly (readonly [RegExp, (wanted: Wanted) => string])[] = [
  [/ECONNREFUSED/, () => 'nothing listens there (ECONNREFUSED); start it, or use another address.'],
  [/ENOTFOUND|EAI_AGAIN/, ({ host }) => `there is no machine named ${host}; is the address right?`],
  [
    /EHOSTUNREACH|ENETUNREACH/,
    ({ host }) => `${host} cannot be reached; is the address right, and is there a network?`,
  ],
  [
    /ACCESS.REFUSED/,
    ({ user }) => `it refuses the user ${user} or the password (ACCESS_REFUSED); correct them in the address.`,
  ],
  [
    /vhost .* not found/,
    ({ vhost }) => `it has no virtual host ${vhost}; \`rabbitmqctl add_vhost ${vhost}\` creates it.`,
  ],
  [
    /access to vhost .* refused/,
    ({ user, vhost }) =>
      `user ${user} has no access to virtual host ${vhost}; \`rabbitmqctl set_permissions -p ${vhost} ${user} ` +
      '".*" ".*" ".*"` does.',
  ],
  [
    /Expected ConnectionOpenOk/,
    ({ user, vhost }) =>
      `it has no virtual host ${vhost}, or ${user} may not use it; \`rabbitmqctl add_vhost ${vhost}\` creates it, ` +
      '`rabbitmqctl set_permissions` gives access.',
  ],
  [
    /self-signed certificate|unable to (?:verify|get)/,
    ({ said }) =>
      `its certificate is from an unknown authority (${said}); set AMQP_CA_FILE to the file of that authority's certificate.`,
  ],
  [
    /does not match certificate's altnames/,
    ({ host }) =>
      `its certificate is not for ${host}; set AMQP_SERVER_NAME to the name in the certificate, or use it in the address.`,
  ],
  [
    /certificate (?:has expired|is not yet valid)/,
    ({ said }) => `its ${said}; it needs a new one, or a clock is wrong.`,
  ],
  [
    /alert (?:certificate required|handshake failure)/,
    () => 'it requires a client certificate; set AMQP_CERT_FILE to its file, and AMQP_KEY_FILE to the file of its key.',
  ],
  [
    /alert (?:unknown ca|bad certificate|certificate (?:expired|revoked|unknown)|unsupported certificate|access denied)/,
    ({ said }) =>
      `it refuses our certificate (${/alert ([a-z ]+)/.exec(said)?.[1]}); set AMQP_CERT_FILE to another one.`,
  ],
  [/key values mismatch/, () => 'the key in AMQP_KEY_FILE does not belong to the certificate in AMQP_CERT_FILE.'],
  [
    /bad decrypt|interrupted or cancelled|BAD_PASSWORD/,
    () => 'the key in AMQP_KEY_FILE cannot be decrypted; set AMQP_KEY_PASSPHRASE_FILE to the file with its passphrase.',
  ],
  [
    /DECODER routines|PEM routines|no start line/,
    () => 'a file of a certificate or key is not in PEM; check AMQP_CA_FILE, AMQP_CERT_FILE and AMQP_KEY_FILE.',
  ],
  [
    /SASL mechanism EXTERNAL is not provided/,
    () => 'it accepts no certificate in place of a password: its plugin rabbitmq_auth_mechanism_ssl is not enabled.',
  ],
  [
    /unsupported protocol|alert protocol version|no protocols available/,
    () => 'it supports no version of TLS that we do.',
  ],
  [TIMED_OUT, () => 'nothing answers (ETIMEDOUT); is the address right, or is there a firewall in between?'],
  [
    /Socket closed abruptly|ECONNRESET|Expected ConnectionStart|Invalid frame|EPROTO|wrong version number/,
    () => 'the server there does not speak AMQP as expected; is the port right, and amqp or amqps?',
  ],
];

function wordsOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(wordsOf).join(', ');
  return cause instanceof Error ? cause.message : String(cause);
}
