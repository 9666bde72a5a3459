#!/usr/bin/env node
import { Command, InvalidArgumentError } from 'commander';
import { EQUAL_WEIGHT } from '../../../lib/shop/domain/topology.js';
import { AMQP_URL_OPTION } from '../../commands/amqp-url-option.js';
import { runProgram } from '../../commands/command-line.js';
import type { WorkerFlags } from './worker.js';

/** The changelog's name is the queue's with a suffix, and AMQP limits names to 255 bytes. */
const QUEUE_NAME_BYTES = 240;

const program = new Command('run_worker')
  .description('Run one shopping worker on its queue until Ctrl-C.')
  .requiredOption('-i, --id <id>', 'the name of the worker, such as worker01')
  .requiredOption('-q, --queue <queue>', 'its queue, such as worker01_queue', queueName)
  .option('-w, --weight <weight>', "the queue's share of the products, relative to the others", weight, EQUAL_WEIGHT)
  .option('--recordable', 'let `smart-shopping events record` copy what it gets and answers')
  .option(...AMQP_URL_OPTION)
  .option('--json', 'print one JSON line per event')
  .action(async (flags: WorkerFlags) => (await import('./worker.js')).runWorker(flags));

await runProgram(program);

function queueName(text: string): string {
  if (text === '' || Buffer.byteLength(text) > QUEUE_NAME_BYTES || text.startsWith('amq.')) {
    throw new InvalidArgumentError(`It is a name of 1 to ${QUEUE_NAME_BYTES} bytes that does not begin with "amq.".`);
  }
  return text;
}

function weight(text: string): string {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 to 9999.');
  return text;
}
