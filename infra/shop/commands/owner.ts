import { Command, InvalidArgumentError } from 'commander';
import { WORKER_QUEUES, workerOf } from '../../../lib/shop/domain/topology.js';
import { printResult } from '../../terminal/printable.js';
import { type BoundQueue, ownerOf } from '../topology/owner.js';

interface Flags {
  readonly queue?: readonly BoundQueue[];
  readonly json?: true;
}

const SHOPS_OWN = WORKER_QUEUES.map((name) => ({ name, weight: 1 }));

/** `owner`: which worker has a product. */
export function ownerCommand(): Command {
  return new Command('owner')
    .argument('<product...>', 'such as AX-123')
    .option('-q, --queue <name[=weight]>', "a worker queue; repeat it for each; default: the shop's own two", addQueue)
    .option('--json', 'print one JSON line per product')
    .action(tell);
}

function tell(products: readonly string[], { queue: queues = SHOPS_OWN, json }: Flags): void {
  for (const product of products) {
    const queue = ownerOf(product, queues);
    const line = products.length === 1 ? queue : `${product}\t${queue}`;
    printResult(json ? JSON.stringify({ product, queue, worker: workerOf(queue) }) : line);
  }
}

function addQueue(text: string, before: readonly BoundQueue[] = []): readonly BoundQueue[] {
  const [, name, weight = '1'] = text.match(/^(.+?)(?:=([1-9]\d{0,3}))?$/) ?? [];
  if (name === undefined || name.includes('=')) {
    throw new InvalidArgumentError('It must be a queue, followed by =weight from 1 to 9999 if that is not 1.');
  }
  if (before.some((queue) => queue.name === name)) throw new InvalidArgumentError(`${name} is given twice.`);
  return [...before, { name, weight: Number(weight) }];
}
