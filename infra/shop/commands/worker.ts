import { onConnection } from '../../../lib/rabbitmq/connection/open-connection.js';
import { databaseFile, followDatabase } from '../../../lib/shop/database/database.js';
import { EQUAL_WEIGHT } from '../../../lib/shop/domain/topology.js';
import { changelogKeys, requireBroker } from '../../commands/broker-address.js';
import { notice } from '../../commands/command-line.js';
import { commandLog } from '../../commands/command-log.js';
import { stopSignal } from '../../process/stop-signal.js';
import { printableLine, printResult } from '../../terminal/printable.js';
import { type WatchOwnerOptions, watchOwner } from '../roles/watch-owner.js';
import { findQueue, type SeenEvent, startWorker, type WorkerOptions } from '../roles/worker.js';

export interface WorkerFlags {
  readonly id: string;
  readonly queue: string;
  readonly weight: string;
  readonly recordable?: true;
  readonly amqpUrl?: string;
  readonly json?: true;
}

/** The action of `run_worker`. */
export async function runWorker({ id, queue, weight, recordable, amqpUrl, json }: WorkerFlags): Promise<void> {
  const signal = stopSignal();
  const log = await commandLog(id, json);
  const catalog = followDatabase(databaseFile(), ({ message }) => log.error('database refused', { message }));
  catalog();
  const url = await requireBroker(amqpUrl, log, { streamsFor: 'the baskets of a worker' });
  if (weight !== EQUAL_WEIGHT) {
    notice(
      `weight ${weight}: the workers' shares are no longer equal. A queue that is already bound keeps its weight.`,
    );
  }
  const ending = new AbortController();
  const besides = { amqpUrl: url, connectionName: id, log, signal: AbortSignal.any([signal, ending.signal]) };
  const found = await onConnection(besides, (connection) => findQueue(connection, queue));
  if (found === 'shared') {
    notice(
      `another worker serves ${queue}, which is not declared for one at a time: the two share its events, and neither has all ` +
        'of a basket. Stop one of them.',
    );
  }
  const standby = found === 'taken' ? standBy({ ...besides, id, queue }) : undefined;
  const show = json ? printJson : print;
  const worker = startWorker({
    amqpUrl: url,
    id,
    queue,
    weight: Number(weight),
    catalog,
    keys: await changelogKeys(amqpUrl),
    recordable: recordable === true,
    log,
    signal,
    onChange: tellOfChange(id, queue),
    onEvent: (seen) => {
      standby?.takesOver();
      show(seen);
    },
  });
  try {
    await worker.ready;
    if (standby === undefined) notice(`${id} is ready on ${queue}`);
    await worker.ended;
  } finally {
    ending.abort();
  }
}

/** What moved, if anything did. */
function tellOfChange(id: string, queue: string): NonNullable<WorkerOptions['onChange']> {
  const baskets = (entries: number): string => (entries === 1 ? '1 open basket' : `${entries} open baskets`);
  return ({ kind, entries }) => {
    if (kind === 'left') notice(`${queue} has left: other workers have its products, and ${id} ends`);
    else if (entries > 0) notice(`${id} has ${kind === 'took' ? 'taken over' : 'handed over'} ${baskets(entries)}`);
  };
}

/**
 * Reports that a worker stands by and, once, that it takes over: when it receives something, or when the workers' reports say so.
 */
function standBy(watching: Omit<WatchOwnerOptions, 'onOwner'>) {
  const { id, queue } = watching;
  notice(`another worker serves ${queue}: ${id} stands by, and will take over when that one ends`);
  let isOver = false;
  const takesOver = (): void => {
    if (!isOver) notice(`${id} takes over ${queue}`);
    isOver = true;
  };
  void watchOwner({ ...watching, onOwner: (worker) => worker === id && takesOver() });
  return { takesOver };
}

function printJson({ worker, verdict, event, reason }: SeenEvent): void {
  printResult(JSON.stringify({ worker, verdict, event, ...(reason !== undefined && { reason }) }));
}

function print({ worker, verdict, event, reason }: SeenEvent): void {
  const what = typeof event === 'string' ? JSON.stringify(event) : `${event.event_type} ${event.product_number}`;
  printResult(printableLine(`${worker}  ${what}  ${reason === undefined ? verdict : `${verdict}: ${reason}`}`));
}
