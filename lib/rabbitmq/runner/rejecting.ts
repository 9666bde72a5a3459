import type { Connection } from '../connection/connection.js';
import { UnservableError } from '../connection/fatal-error.js';
import type { AdapterLog } from '../log.js';
import { type DeadLetterAddress, deadLetterAddress, queueTraits } from '../topology/queue-traits.js';
import type { Topology } from '../topology/topology.js';
import type { Retry } from './batch.js';

export interface RejectPolicy {
  /** Rejected messages are gone, as far as AMQP shows. */
  readonly discards: boolean;
  /** Therefore nothing is rejected. */
  readonly keeps: boolean;
  /** Where rejected messages go, as far as AMQP shows. */
  readonly deadLetterTo: DeadLetterAddress | undefined;
}

interface Wishes {
  readonly queue: string;
  readonly retry: Retry;
  readonly mayDiscard: boolean;
  readonly topology?: Topology;
  readonly log: AdapterLog;
}

/**
 * Finds out what happens to a message that is rejected on a queue: RabbitMQ destroys it if no dead-letter exchange is named.
 * @throws UnservableError for a stream
 */
export async function rejectingOn(wishes: Wishes, connection: Connection): Promise<RejectPolicy> {
  const { queue, retry, mayDiscard, topology, log } = wishes;
  const seen = await queueTraits(connection, queue);
  if (seen?.isStream) {
    throw new UnservableError(
      `${queue} is a stream, but functions are fed from queues only, here as on AWS: bind a queue to the same exchange`,
    );
  }
  const declared = topology?.queues.find(({ name }) => name === queue)?.arguments;
  const deadLetterTo =
    seen === undefined
      ? deadLetterAddress(declared?.['x-dead-letter-exchange'], declared?.['x-dead-letter-routing-key'])
      : seen.deadLetterTo;
  const discards = deadLetterTo === undefined;
  const keeps = discards && retry === 'bounded' && !mayDiscard;
  if (keeps) log.warn(KEPT, { code: 'no-dead-letter-exchange', queue });
  return { discards, keeps, deadLetterTo };
}

const KEPT =
  'AMQP shows no dead-letter exchange for the queue, so RabbitMQ would destroy rejected messages: failing messages are kept ' +
  'and tried again, and everything behind them waits. Give the queue x-dead-letter-exchange or, if a policy does that or a loss ' +
  'does no harm, set mayDiscard';
