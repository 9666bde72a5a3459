#!/usr/bin/env node
import { Command, InvalidArgumentError } from 'commander';
import { databaseFile, followDatabase } from '../../lib/database/database.js';
import { adapterLog, createLogger } from '../../lib/lambda/logger.js';
import { onConnection } from '../../lib/rabbitmq/connection/connection.js';
import { EQUAL_WEIGHT } from '../../lib/shop/topology.js';
import { type SeenEvent, startWorker, wouldJoin } from '../roles/worker.js';
import { requireBroker } from './broker-address.js';
import { notice, runProgram } from './command-line.js';
import { stopSignal } from './stop-signal.js';

interface Flags {
  readonly id: string;
  readonly queue: string;
  readonly weight: string;
  readonly amqpUrl?: string;
  readonly json?: true;
}

const program = new Command('run_worker')
  .description('Runs one shopping worker on its queue until Ctrl-C.')
  .requiredOption('-i, --id <id>', 'name of the worker, such as worker01')
  .requiredOption('-q, --queue <queue>', 'its queue, such as worker01_queue')
  .option('-w, --weight <weight>', "the queue's share of the products, against all others", weight, EQUAL_WEIGHT)
  .option('--amqp-url <url>', 'the broker; else AMQP_URL, else the private one that runs here')
  .option('--json', 'one JSON line per event on stdout')
  .action(run);

await runProgram(program);

async function run({ id, queue, weight, amqpUrl, json }: Flags): Promise<void> {
  const signal = stopSignal();
  const logger = createLogger(id);
  const log = adapterLog(logger);
  const catalog = followDatabase(databaseFile(), ({ message }) => logger.error('database refused', { message }));
  catalog();
  const url = await requireBroker(amqpUrl, log);
  if (await onConnection({ amqpUrl: url, connectionName: id, log }, (connection) => wouldJoin(connection, queue))) {
    notice(
      `${queue} is new: from now on it gets its share of the products, about one in n of n equal queues. Baskets that are ` +
        'open elsewhere stay there, so a purchase here of what was picked up there is rejected.',
    );
  }
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

function weight(text: string): string {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1 to 9999.');
  return text;
}
