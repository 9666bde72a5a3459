import { superviseConnection } from '../../lib/rabbitmq/connection/connection.js';
import type { Log } from '../../lib/rabbitmq/log.js';
import { declareTopology, type Topology } from '../../lib/rabbitmq/topology/topology.js';

/** Declares the service's topology as soon as the broker can be reached; gives up only when the signal aborts. */
export async function declareWhenReachable(
  topology: Topology,
  { amqpUrl, log, signal }: { readonly amqpUrl: string; readonly log: Log; readonly signal: AbortSignal },
): Promise<void> {
  const declared = new AbortController();
  const supervision = {
    amqpUrl,
    connectionName: 'topology',
    log,
    backoff: { firstMs: 200, maxMs: 10_000 },
    signal: AbortSignal.any([declared.signal, signal]),
  };
  await superviseConnection(supervision, async (connection) => {
    await declareTopology(connection, topology, log);
    declared.abort();
  });
}
