import { join } from 'node:path';
import type { Topology } from '../../lib/rabbitmq/topology/topology.js';
import { declareWhenReachable } from './declare.js';
import { openLocalBroker } from './local-broker.js';
import type { Print, Serverless } from './serverless.js';
import { findServiceFunctions } from './service-functions.js';
import { loadServiceFunction } from './service-module.js';
import type { Settings } from './settings.js';
import { startThreads, type Threads } from './threads.js';
import { troubleLog } from './trouble-log.js';

/** A service's `rabbitmq` events at work. */
export interface LocalService {
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
  readonly signal: AbortSignal;
}

const NOTHING: Topology = { exchanges: [], queues: [], bindings: [] };

/**
 * Starts broker, topology and threads, in this order. A given broker that is away is waited for in the background:
 * what needs no broker works meanwhile.
 * @throws Error where no private broker can be started, or a setting or handler names a file that is not there.
 */
export async function startLocalService({
  serverless,
  settings,
  print,
  signal,
}: LocalServiceOptions): Promise<LocalService> {
  const { serviceDir } = serverless;
  const topology = settings.topology
    ? await loadServiceFunction(serviceDir, 'topology', settings.topology)
    : () => NOTHING;
  let threads: Threads | undefined;
  const broker = await openLocalBroker({
    given: settings.amqpUrl || process.env['AMQP_URL'] || undefined,
    folder: join(serviceDir, settings.brokerFolder),
    print,
    signal,
    onRestart: (amqpUrl) => threads?.connectTo(amqpUrl),
  });
  const { amqpUrl } = broker;
  try {
    const functions = findServiceFunctions(serverless, amqpUrl);
    const declaration = { amqpUrl, signal, log: troubleLog('topology', ({ level, text }) => print[level](text)) };
    const running = declareWhenReachable(await topology(), declaration).then(() => {
      if (!signal.aborted) threads = startThreads({ functions, amqpUrl, settings, print, signal });
    });
    return {
      amqpUrl,
      onPrivateBroker: broker.isPrivate,
      ready: running.then(() => threads?.ready),
      stopped: async () => {
        await running;
        await threads?.ended;
        await broker.stop();
      },
    };
  } catch (error) {
    await broker.stop();
    throw error;
  }
}
