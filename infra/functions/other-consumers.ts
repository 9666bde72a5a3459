import { atVirtualHost, type BrokerAddress } from '../../lib/rabbitmq/connection/address.js';
import { exists } from '../../lib/rabbitmq/connection/channel.js';
import { onConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import type { Log } from '../../lib/rabbitmq/log.js';
import type { Topology } from '../../lib/rabbitmq/topology/topology.js';
import type { ServiceFunction } from './functions.js';

export interface OtherConsumersOptions {
  readonly amqpUrl: BrokerAddress;
  readonly topologies: readonly Topology[];
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Messages about queues that have another consumer before this service starts. Never throws. */
export async function otherConsumers(
  functions: readonly ServiceFunction[],
  looking: OtherConsumersOptions,
): Promise<string[]> {
  const lines: string[] = [];
  const all = functions.flatMap(({ queues }) => queues);
  for (const virtualHost of new Set(all.map((work) => work.virtualHost))) {
    const queues = new Set(all.filter((work) => work.virtualHost === virtualHost).map(({ queue }) => queue));
    lines.push(...(await linesOf([...queues], { ...looking, amqpUrl: atVirtualHost(looking.amqpUrl, virtualHost) })));
  }
  return lines;
}

async function linesOf(
  queues: readonly string[],
  { topologies, ...options }: OtherConsumersOptions,
): Promise<string[]> {
  const lines: string[] = [];
  try {
    await onConnection({ ...options, connectionName: 'other consumers' }, async (connection) => {
      for (const queue of queues) {
        let consumers = 0;
        await exists(connection, async (channel) => {
          consumers = (await channel.checkQueue(queue)).consumerCount;
        });
        if (consumers > 0) lines.push(line(queue, topologies));
      }
    });
  } catch {
    // The runner of these queues notices it, too, and reports it.
  }
  return lines;
}

function line(queue: string, topologies: readonly Topology[]): string {
  const declared = topologies.flatMap(({ queues }) => queues).find(({ name }) => name === queue);
  const waits = declared?.arguments?.['x-single-active-consumer'] === true;
  return waits
    ? `${queue} has another consumer: this service stands by, and will take over when that one ends.`
    : `${queue} has another consumer: each message goes to one of the two.`;
}
