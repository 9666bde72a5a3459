import { EventEmitter, once } from 'node:events';
import { changelogOf, declareChangelog } from '../../lib/rabbitmq/changelog/stream.js';
import type { BrokerAddress } from '../../lib/rabbitmq/connection/address.js';
import { NO_STREAMS } from '../../lib/rabbitmq/connection/amazon-mq.js';
import { exists } from '../../lib/rabbitmq/connection/channel.js';
import { ConnectError } from '../../lib/rabbitmq/connection/connect-error.js';
import type { Connection } from '../../lib/rabbitmq/connection/connection.js';
import { superviseConnection } from '../../lib/rabbitmq/connection/supervise-connection.js';
import type { Log } from '../../lib/rabbitmq/log.js';
import { withoutRings } from '../../lib/rabbitmq/rescale/without-rings.js';
import { mergeTopologies } from '../../lib/rabbitmq/topology/merge.js';
import {
  declareMissingQueues,
  declareTopology,
  isStream,
  type Topology,
  withoutStreams,
} from '../../lib/rabbitmq/topology/topology.js';
import { TOPOLOGY_CHECK_MS, watchTopology } from '../../lib/rabbitmq/topology/watch-topology.js';
import { YOUNG_QUEUE_MS } from '../../lib/rabbitmq/topology/young-queues.js';
import { pause } from '../../lib/waiting/backoff.js';

/** A topology that is kept declared whenever the broker is up. */
export interface KeptTopology {
  /** Resolves when the broker has accepted or refused it for the first time, or the signal has aborted. */
  readonly tried: Promise<void>;
  /** Resolves when its new queues are also safe on the broker's disk; if it was refused, together with `tried`. */
  readonly safe: Promise<void>;
  /** Resolves when the signal has aborted and the connection is closed. */
  readonly ended: Promise<void>;
}

export interface KeptTopologyOptions {
  readonly amqpUrl: BrokerAddress;
  /** Declared as plain durable queues if they are missing. */
  readonly plainQueues: readonly string[];
  /** Queues whose memory is kept: their changelogs are declared here, so that everything new becomes safe at the same time. */
  readonly remembered: readonly string[];
  readonly log: Log;
  readonly onBack: () => void;
  readonly signal: AbortSignal;
}

/**
 * Declares topologies as soon as the broker can be reached, and again after each loss, because the broker may have lost its data.
 */
export function keepTopology(topologies: readonly Topology[], options: KeptTopologyOptions): KeptTopology {
  const { plainQueues, remembered, log, onBack, signal } = options;
  let declarations = 0;
  const first = new EventEmitter<{ tried: [created: string[]] }>();
  const supervision = { ...options, connectionName: 'topology', backoff: { firstMs: 200, maxMs: 10_000 } };
  const onFailure = (error: unknown): void => {
    if (!(error instanceof ConnectError) || error.ofVirtualHost) first.emit('tried', []);
  };
  const ended = superviseConnection({ ...supervision, onFailure }, async (connection, works) => {
    const created: string[] = [];
    const kept: Topology[] = [];
    for (const topology of topologies) {
      const isCut = connection.isAmazonMq && topology.queues.some(isStream);
      if (isCut) log.warn(`the streams of the topology are not declared: ${NO_STREAMS}`, { code: 'streams-left-out' });
      const declared = isCut ? withoutStreams(topology) : topology;
      const own = await withoutRings(connection, declared);
      created.push(...(await declareTopology(connection, own, log)));
      kept.push(own);
    }
    created.push(...(await declareMissingQueues(connection, plainQueues)));
    created.push(...(await declareChangelogs(connection, remembered)));
    works();
    void watchTopology(connection, mergeTopologies(...kept), [], { log, everyMs: TOPOLOGY_CHECK_MS, signal });
    if (declarations++ === 0) first.emit('tried', created);
    else onBack();
    await lossOf(connection, signal);
  });
  const tried = Promise.race([once(first, 'tried'), ended.then(() => [[]])]);
  const safe = tried.then(([created]) => (created.length > 0 ? pause(YOUNG_QUEUE_MS, signal) : undefined));
  return { tried: tried.then(() => undefined), safe, ended };
}

/** If a changelog cannot be declared, its runner reports why. @returns what did not exist before */
async function declareChangelogs(connection: Connection, queues: readonly string[]): Promise<string[]> {
  const created: string[] = [];
  for (const queue of queues) {
    if (!(await exists(connection, (channel) => channel.checkQueue(queue)))) continue;
    if (await declareChangelog(connection, queue).catch(() => false)) created.push(changelogOf(queue));
  }
  return created;
}

/** Resolves when the signal aborts. @throws Error when the connection is lost before that */
function lossOf({ model }: Connection, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    model.once('close', () => reject(new Error('RabbitMQ is gone')));
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
}
