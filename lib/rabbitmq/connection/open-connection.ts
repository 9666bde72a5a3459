import { addressesIn, addressNow } from './address.js';
import { AMQP_URL_EXAMPLE, ConnectError, isAmqpUrl, withoutPassword } from './connect-error.js';
import { type Connection, type ConnectionOptions, openAt } from './connection.js';
import { FatalError } from './fatal-error.js';

/** A node that hangs must not keep us from the others. */
const FIRST_TRY_MS = 2_000;

/**
 * Opens one connection, to the first address that accepts it.
 * @throws ConnectError if none does, or none answers in time; FatalError for an invalid address
 */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const { connectionName, log, connectTimeoutMs = 10_000 } = options;
  const given = await addressNow(options.amqpUrl);
  // Anything else would be taken as an address on this machine, with the password as part of a path.
  if (!isAmqpUrl(given)) throw new FatalError(`amqpUrl must be a URL such as ${AMQP_URL_EXAMPLE}`);
  const addresses = addressesIn(given);
  const skipped = (options.skip ?? 0) % addresses.length;
  const inTurn = [...addresses.slice(skipped), ...addresses.slice(0, skipped)];
  const hasOthers = addresses.length > 1;
  let failures: ConnectError[] = [];
  for (const timeoutMs of hasOthers ? [FIRST_TRY_MS, connectTimeoutMs] : [connectTimeoutMs]) {
    failures = [];
    for (const amqpUrl of inTurn) {
      try {
        const connection = await openAt(amqpUrl, { ...options, connectTimeoutMs: timeoutMs, hasOthers });
        const details = { connectionName, address: withoutPassword(amqpUrl) };
        if (amqpUrl !== addresses[0]) {
          log.warn('connected to a later address, because the earlier ones failed', {
            code: 'other-address',
            ...details,
            because:
              failures.length > 0 ? wordsOfAll(failures) : 'the last session settled nothing, or its node was sick',
          });
        } else if (hasOthers) {
          log.info('connected to the first address', { code: 'first-address', ...details });
        }
        return connection;
      } catch (error) {
        if (!(error instanceof ConnectError)) throw error;
        failures.push(error);
      }
    }
    if (!failures.some(({ timedOut }) => timedOut)) break;
  }
  throw joined(failures);
}

/** All errors as one. */
function joined(failures: readonly ConnectError[]): ConnectError {
  const [first, ...others] = failures;
  if (first !== undefined && others.length === 0) return first;
  const hint = failures.every(({ isSilent }) => isSilent)
    ? ' Nodes of a cluster serve no one while most of them are away.'
    : '';
  return new ConnectError(
    wordsOfAll(failures) + hint,
    failures.every(({ ofVirtualHost }) => ofVirtualHost),
    { cause: new AggregateError(failures) },
  );
}

function wordsOfAll(failures: readonly ConnectError[]): string {
  return failures.map(({ message }) => message).join(' ');
}

/**
 * Does something on a separate connection, which is closed afterwards. @throws Error if the broker refuses, or what `work` throws
 */
export async function onConnection<Result>(
  options: ConnectionOptions,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const connection = await openConnection(options);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
