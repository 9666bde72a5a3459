import { databaseFile, followDatabase } from '../../lib/database/database.js';
import { adapterLog, createLogger } from '../../lib/lambda/logger.js';
import { onConnection } from '../../lib/rabbitmq/connection/connection.js';
import { EQUAL_WEIGHT } from '../../lib/shop/topology.js';
import { findQueue, type SeenEvent, startWorker } from '../roles/worker.js';
import { requireBroker } from './broker-address.js';
import { notice } from './command-line.js';
import { stopSignal } from './stop-signal.js';

export interface WorkerFlags {
  readonly id: string;
  readonly queue: string;
  readonly weight: string;
  readonly amqpUrl?: string;
  readonly json?: true;
}

/** The action of `run_worker`. */
export async function runWorker({ id, queue, weight, amqpUrl, json }: WorkerFlags): Promise<void> {
  const signal = stopSignal();
  const logger = createLogger(id);
  const log = adapterLog(logger);
  const catalog = followDatabase(databaseFile(), ({ message }) => logger.error('database refused', { message }));
  catalog();
  const url = await requireBroker(amqpUrl, log);
  if (weight !== EQUAL_WEIGHT) {
    notice(
      `weight ${weight}: the workers' shares are no longer equal, and products may move between them when the broker ` +
        'restarts. A queue that is bound already keeps the weight it has.',
    );
  }
  const found = await onConnection({ amqpUrl: url, connectionName: id, log }, (connection) =>
    findQueue(connection, queue),
  );
  if (found === 'no queue') {
    notice(
      `${queue} is new: from now on it gets its share of the products, about one in n of n equal queues. Baskets that are ` +
        'open elsewhere stay there, so a purchase here of what was picked up there is rejected.',
    );
  }
  if (found === 'taken') notice(`another worker has ${queue}: ${id} stands by, and takes over when that one ends`);
  const worker = startWorker({
    amqpUrl: url,
    id,
    queue,
    weight,
    catalog,
    log,
    signal,
    onEvent: json ? printJson : print,
  });
  await worker.ready;
  notice(`${id} is ready on ${queue}`);
  await worker.ended;
}

function printJson({ worker, verdict, event, reason }: SeenEvent): void {
  process.stdout.write(`${JSON.stringify({ worker, verdict, event, ...(reason !== undefined && { reason }) })}\n`);
}

function print({ worker, verdict, event, reason }: SeenEvent): void {
  const what = typeof event === 'string' ? JSON.stringify(event) : `${event.event_type} ${event.product_number}`;
  process.stdout.write(`${worker}  ${what}  ${reason === undefined ? verdict : `${verdict}: ${reason}`}\n`);
}
