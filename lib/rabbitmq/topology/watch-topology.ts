import type { Channel } from 'amqplib';
import { pause } from '../../waiting/backoff.js';
import { exists, onOwnChannel } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { bindWherePermitted } from '../connection/declare-missing.js';
import type { AdapterLog } from '../log.js';
import type { BindingDeclaration, Topology } from './topology.js';
import { setTripwire, tripwireOf } from './tripwire.js';

/** How often a topology is checked by default, in milliseconds. */
export const TOPOLOGY_CHECK_MS = 5_000;

export interface TopologyWatch {
  readonly log: AdapterLog;
  readonly everyMs: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * The order of its bindings determines which queue gets which keys, and its queues may come and go: the runners that keep that
 * order bind it.
 */
const HASHING = 'x-consistent-hash';

/** The requests of one check, on one channel, if all is well. */
interface Expected {
  readonly exchanges: readonly string[];
  /** Exchanges that have a tripwire. */
  readonly wired: readonly string[];
  /** The bindings that this user may make. */
  readonly bindings: readonly BindingDeclaration[];
}

/**
 * Checks from time to time that the exchanges of a topology exist and are the same ones; a binding that was removed is restored.
 * If an exchange is gone or was replaced, this logs it and closes the connection: the owner of the next connection declares and
 * binds again, or says what declares it. Never throws; ends with the connection.
 * @param boundElsewhere exchanges that other programs bind queues to
 */
export async function watchTopology(
  connection: Connection,
  { exchanges, bindings }: Topology,
  boundElsewhere: readonly string[],
  { log, everyMs, signal }: TopologyWatch,
): Promise<void> {
  const bound = new Set([...bindings.map(({ exchange }) => exchange), ...boundElsewhere].filter((name) => name !== ''));
  const hashing = new Set(exchanges.flatMap(({ name, type }) => (type === HASHING ? [name] : [])));
  const lasting = bindings.filter(({ exchange }) => !hashing.has(exchange));
  const names = [...new Set([...exchanges.map(({ name }) => name), ...bound])];
  if (names.length === 0) return;
  try {
    const wired: string[] = [];
    for (const exchange of bound) if (await setTripwire(connection, exchange)) wired.push(exchange);
    for (;;) {
      const expected = { exchanges: names, wired, bindings: await madeAgain(connection, lasting) };
      do {
        await pause(everyMs, signal);
        if (signal.aborted) return;
      } while (await isAsExpected(connection, expected));
      if (await tellWhatIsNot(connection, expected, log)) return await connection.close();
    }
  } catch (error) {
    // The connection is closing, and its users will notice.
    log.debug('the topology is no longer watched', { code: 'topology-unwatched', error });
  }
}

async function isAsExpected(connection: Connection, { exchanges, wired, bindings }: Expected): Promise<boolean> {
  const look = async (channel: Channel): Promise<true> => {
    for (const name of exchanges) await channel.checkExchange(name);
    for (const exchange of wired) await channel.checkExchange(tripwireOf(exchange));
    for (const { queue, exchange, routingKey, arguments: args } of bindings) {
      await channel.bindQueue(queue, exchange, routingKey, args);
    }
    return true;
  };
  return onOwnChannel(connection, look).catch(() => false);
}

/** The bindings that could be made: one whose queue is gone, or that this user may not make, is left out from then on. */
async function madeAgain(
  connection: Connection,
  bindings: readonly BindingDeclaration[],
): Promise<readonly BindingDeclaration[]> {
  const made: BindingDeclaration[] = [];
  for (const binding of bindings) {
    const isThere = await exists(connection, (channel) => channel.checkQueue(binding.queue));
    if (isThere && (await bindWherePermitted(connection, binding))) made.push(binding);
  }
  return made;
}

/** @returns whether an exchange is gone or was replaced */
async function tellWhatIsNot(
  connection: Connection,
  { exchanges, wired }: Expected,
  log: AdapterLog,
): Promise<boolean> {
  let isAnother = false;
  const isThere = (name: string) => exists(connection, (channel) => channel.checkExchange(name));
  for (const exchange of exchanges) {
    if (!(await isThere(exchange))) {
      isAnother = true;
      log.warn(`the exchange ${exchange} is gone: it was deleted`, { code: 'exchange-gone', exchange });
    } else if (wired.includes(exchange) && !(await isThere(tripwireOf(exchange)))) {
      isAnother = true;
      log.warn(
        `the exchange ${exchange} was deleted and declared again, so its bindings were gone: messages that came in the ` +
          'meantime are lost. Bindings that this user may make are restored',
        { code: 'exchange-replaced', exchange },
      );
    }
  }
  return isAnother;
}
