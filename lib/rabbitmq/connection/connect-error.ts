/** The broker cannot be reached, or does not let us in; the message says where, why and what helps, and holds no password. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
}

/** Whether a text is the address of a broker (https://www.rabbitmq.com/docs/uri-spec). */
export function isAmqpUrl(text: string): boolean {
  return /^amqps?:\/\//.test(text) && URL.canParse(text);
}

/** What an address must look like. */
export const AMQP_URL_EXAMPLE = 'amqp://user:password@host:5672/vhost';

/** In words what amqplib says when it does not get through to `url`. */
export function connectError(url: URL, cause: unknown): ConnectError {
  const place = url.host;
  const user = decodeURIComponent(url.username) || 'guest';
  const vhost = decodeURIComponent(url.pathname.slice(1)) || '/';
  const said = wordsOf(cause);
  const [, explanation] = EXPLANATIONS.find(([pattern]) => pattern.test(said)) ?? [];
  const words = explanation?.({ place, host: url.hostname, user, vhost }) ?? `RabbitMQ at ${place}: ${said}`;
  return new ConnectError(words, { cause });
}

interface Address {
  /** Host and port. */
  readonly place: string;
  readonly host: string;
  readonly user: string;
  readonly vhost: string;
}

/** By what Node, amqplib 2.3 and RabbitMQ 3.10 to 4 say (tried). */
const EXPLANATIONS: readonly (readonly [RegExp, (address: Address) => string])[] = [
  [/ECONNREFUSED/, ({ place }) => `Nothing listens at ${place}: start RabbitMQ there, or name another address.`],
  [/ENOTFOUND|EAI_AGAIN/, ({ host }) => `There is no machine named ${host}: is the address right?`],
  [
    /EHOSTUNREACH|ENETUNREACH/,
    ({ host }) => `There is no way to ${host}: is the address right, and the network there?`,
  ],
  [
    /ACCESS.REFUSED/,
    ({ place, user }) => `RabbitMQ at ${place} refuses the user ${user} or its password: correct them in the address.`,
  ],
  [
    /Expected ConnectionOpenOk|NOT_ALLOWED/,
    ({ place, user, vhost }) =>
      `RabbitMQ at ${place} has no virtual host ${vhost}, or ${user} may not use it: ` +
      `\`rabbitmqctl add_vhost ${vhost}\` makes one, \`rabbitmqctl set_permissions\` lets in.`,
  ],
  [/ETIMEDOUT|timeout/i, ({ place }) => `Nothing answers at ${place}: is the address right, and no firewall between?`],
  [
    /Socket closed abruptly|ECONNRESET|Expected ConnectionStart|Invalid frame|EPROTO|wrong version number/,
    ({ place }) => `What listens at ${place} does not speak AMQP as asked: is the port right, and amqp or amqps?`,
  ],
];

function wordsOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(wordsOf).join(', ');
  return cause instanceof Error ? cause.message : String(cause);
}
