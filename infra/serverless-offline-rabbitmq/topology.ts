import { EventEmitter, once } from 'node:events';
import { pause } from '../../lib/rabbitmq/connection/backoff.js';
import { type Connection, superviseConnection } from '../../lib/rabbitmq/connection/connection.js';
import type { Log } from '../../lib/rabbitmq/log.js';
import { declareTopology, type Topology } from '../../lib/rabbitmq/topology/topology.js';
import { YOUNG_QUEUE_MS } from '../../lib/rabbitmq/topology/young-queues.js';

/** A topology that is there whenever the broker is. */
export interface KeptTopology {
  /** Resolves when it is declared for the first time, or the signal has aborted. */
  readonly declared: Promise<void>;
  /** Resolves when its new queues are safe on the broker's disk, too. */
  readonly safe: Promise<void>;
  /** Resolves when the signal has aborted and the connection is closed. */
  readonly ended: Promise<void>;
}

export interface KeptTopologyOptions {
  readonly amqpUrl: string;
  readonly log: Log;
  readonly onBack: () => void;
  readonly signal: AbortSignal;
}

/** Declares a topology as soon as the broker can be reached, and after each loss again: it may have lost its data. */
export function keepTopology(topology: Topology, options: KeptTopologyOptions): KeptTopology {
  const { log, onBack, signal } = options;
  let declarations = 0;
  const first = new EventEmitter<{ declared: [created: string[]] }>();
  const supervision = { ...options, connectionName: 'topology', backoff: { firstMs: 200, maxMs: 10_000 } };
  const ended = superviseConnection(supervision, async (connection, works) => {
    const created = await declareTopology(connection, topology, log);
    works();
    if (declarations++ === 0) first.emit('declared', created);
    else onBack();
    await lossOf(connection, signal);
  });
  const declared = Promise.race([once(first, 'declared'), ended.then(() => [[]])]);
  const safe = declared.then(([created]) => (created.length > 0 ? pause(YOUNG_QUEUE_MS, signal) : undefined));
  return { declared: declared.then(() => undefined), safe, ended };
}

/** Resolves when the signal aborts. @throws Error when the connection is lost before. */
function lossOf({ model }: Connection, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    model.once('close', () => reject(new Error('RabbitMQ is gone')));
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
}
