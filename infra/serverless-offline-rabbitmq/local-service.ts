import { join } from 'node:path';
import { AMQP_URL_EXAMPLE, isAmqpUrl } from '../../lib/rabbitmq/connection/connect-error.js';
import { EMPTY_TOPOLOGY, type Topology } from '../../lib/rabbitmq/topology/topology.js';
import { proseLog } from '../terminal/prose.js';
import { findFunctions } from './functions.js';
import { openLocalBroker } from './local-broker.js';
import { otherConsumers } from './other-consumers.js';
import type { Print, Serverless } from './serverless.js';
import { loadServiceFunction } from './service-module.js';
import type { Settings } from './settings.js';
import { startThreads } from './threads.js';
import { keepTopology } from './topology.js';
import { readTopology } from './topology-schema.js';
import type { TroubleLines } from './trouble.js';

/** A service's `rabbitmq` events at work. */
export interface LocalService {
  /** It stays the same: a private broker that ends by itself is started again where it was. */
  readonly amqpUrl: string;
  readonly onPrivateBroker: boolean;
  /** Resolves when every queue is subscribed to: not before the broker can be reached. */
  readonly ready: Promise<void>;
  /** After the signal has aborted: resolves when the threads have finished their batches and the broker is stopped. */
  stopped(): Promise<void>;
}

export interface LocalServiceOptions {
  readonly serverless: Serverless;
  readonly settings: Settings;
  readonly print: Print;
  readonly troubles: TroubleLines;
  readonly signal: AbortSignal;
}

/**
 * Starts broker, topology and threads, in this order. A private broker is waited for until all of that is safe. A given one
 * that is away is waited for in the background: what needs no broker works meanwhile.
 * @throws Error where no private broker can be started, or a setting or handler names a file that is not there.
 */
export async function startLocalService(options: LocalServiceOptions): Promise<LocalService> {
  const { serverless, settings, print, troubles, signal } = options;
  const { serviceDir } = serverless;
  const topology = await topologyOf(serviceDir, settings.topology);
  const given = settings.amqpUrl || process.env['AMQP_URL'] || undefined;
  if (given !== undefined && !isAmqpUrl(given)) throw new Error(`AMQP_URL must be a URL such as ${AMQP_URL_EXAMPLE}.`);
  const broker = await openLocalBroker({
    given,
    folder: join(serviceDir, settings.brokerFolder),
    print,
    signal,
  });
  const { amqpUrl } = broker;
  try {
    const functions = findFunctions(serverless, settings, amqpUrl);
    let isDeclared = false;
    const log = proseLog((trouble) => troubles.add(isDeclared ? 'topology' : 'not served yet', trouble));
    const onBack = (): void => print.notice('RabbitMQ is back.');
    const kept = keepTopology(topology, { amqpUrl, log, onBack, signal });
    void kept.declared.then(() => {
      isDeclared = true;
    });
    const threads = kept.declared.then(async () => {
      for (const line of await otherConsumers(functions, { amqpUrl, topology, log, signal })) print.warning(line);
      return startThreads({ functions, amqpUrl, settings, print, troubles, signal });
    });
    if (broker.isPrivate) {
      // Nothing is taken in before it is safe: a young RabbitMQ that is killed forgets its newest queues.
      await Promise.race([Promise.all([kept.safe, threads.then(({ begun }) => begun)]), kept.ended]);
    }
    return {
      amqpUrl,
      onPrivateBroker: broker.isPrivate,
      ready: threads.then(({ ready }) => ready),
      stopped: async () => {
        await (await threads).ended;
        await kept.ended;
        troubles.flush();
        await broker.stop();
      },
    };
  } catch (error) {
    await broker.stop();
    throw error;
  }
}

async function topologyOf(serviceDir: string, file: string | undefined): Promise<Topology> {
  if (file === undefined) return EMPTY_TOPOLOGY;
  const declare = await loadServiceFunction(serviceDir, 'topology', file);
  return readTopology(await declare(), file);
}
