import { join } from 'node:path';
import { namedKeys } from '../../lib/rabbitmq/changelog/keys.js';
import { atVirtualHost, type BrokerAddress } from '../../lib/rabbitmq/connection/address.js';
import { AMQP_URL_EXAMPLE, isAmqpUrl } from '../../lib/rabbitmq/connection/connect-error.js';
import { namedAddress } from '../../lib/rabbitmq/connection/environment-address.js';
import { privateKeys } from '../broker/private-keys.js';
import type { FoundFunctions, ServiceFunction } from './functions.js';
import { type KeptTopology, keepTopology } from './keep-topology.js';
import { addressOf } from './local-address.js';
import { openLocalBroker } from './local-broker.js';
import { otherConsumers } from './other-consumers.js';
import type { ServiceObserver } from './served-function.js';
import type { Print, Serverless } from './serverless.js';
import { loadTopologies } from './service-topology.js';
import type { Settings } from './settings.js';
import { sharedKeysOf } from './shared-keys.js';
import { startThreads, type Threads } from './threads.js';
import type { ServiceTopology } from './topology-schema.js';
import { findTriggers, type Trigger } from './triggers.js';
import type { TroubleLines } from './trouble.js';

/** A running service with its `rabbitmq` events. */
export interface LocalService {
  /**
   * The address at the start. It stays the same if the service has started the broker: one that ends unexpectedly is started
   * again in the same place.
   */
  readonly amqpUrl: string;
  readonly address: BrokerAddress;
  readonly onPrivateBroker: boolean;
  /** Starts feeding functions. Resolves when each of them is subscribed to all its queues, with those that cannot be served. */
  serve(functions: FoundFunctions): Promise<readonly string[]>;
  /** Resolves after the signal has aborted, the threads have finished their batches, and the broker is stopped. */
  stopped(): Promise<void>;
}

export interface LocalServiceOptions {
  readonly service: Pick<Serverless, 'service' | 'serviceDir'>;
  readonly settings: Settings;
  readonly print: Print;
  readonly troubles: TroubleLines;
  /** Threads write log lines for machines, and do not report their troubles otherwise. */
  readonly logsJson?: boolean;
  readonly signal: AbortSignal;
  /** The code is under development: changed files are reloaded, each batch is reported, and other consumers may be unexpected. */
  readonly isDevelopment: boolean;
  readonly observer?: ServiceObserver;
}

/**
 * Starts the broker and declares the topology. It waits for a private broker until new queues are safe on its disk. For a named
 * broker that is down, and for anything that a broker refuses, it waits in the background, so that whatever does not need it
 * works in the meantime.
 * @throws Error if no private broker can be started, or if a setting names a missing file
 */
export async function startLocalService(options: LocalServiceOptions): Promise<LocalService> {
  const { service, settings, print, troubles, signal, isDevelopment, observer, logsJson = false } = options;
  const { serviceDir } = service;
  const topologies = settings.topology === undefined ? [] : await loadTopologies(serviceDir, settings.topology);
  const triggers = findTriggers(service, settings);
  const given = namedAddress(settings.amqpUrl);
  if (given !== undefined && !isAmqpUrl(given)) throw new Error(`AMQP_URL must be a URL such as ${AMQP_URL_EXAMPLE}.`);
  const virtualHosts = new Set([...triggers, ...topologies].flatMap(({ virtualHost }) => virtualHost ?? []));
  const folder = join(serviceDir, settings.brokerFolder);
  const broker = await openLocalBroker({ given, folder, virtualHosts: [...virtualHosts], print, signal });
  const { amqpUrl, folder: followed } = broker;
  const address = addressOf(broker);
  // Queues that share keys are declared by their runners.
  const plain = settings.declareQueues ? triggers.filter(({ functionKey }) => !(functionKey in settings.rescale)) : [];
  const remembered = triggers.filter(({ functionKey }) => settings.changelog.includes(functionKey));
  const kept = keepTopologies(topologies, { plain, remembered }, { ...options, amqpUrl: address });
  if (broker.isPrivate) {
    // Nothing is accepted before it is safe: a young RabbitMQ that is killed forgets its newest queues.
    await Promise.race([Promise.all(kept.map(({ safe }) => safe)), ended(kept)]);
  }
  let threads: Promise<Threads> | undefined;
  const start = async (functions: readonly ServiceFunction[]): Promise<Threads> => {
    await Promise.all(kept.map(({ tried }) => tried));
    const log = troubles.of(() => 'not served yet');
    const looking = { amqpUrl: address, topologies, log, signal };
    if (isDevelopment) for (const line of await otherConsumers(functions, looking)) print.warning(line);
    const changelogKeys = namedKeys() ?? (broker.isPrivate ? await privateKeys(folder) : undefined);
    const serving = { settings, print, troubles, signal, isDevelopment, logsJson, observer };
    return startThreads(functions, { ...serving, broker: { amqpUrl, folder: followed }, changelogKeys });
  };
  return {
    amqpUrl,
    address,
    onPrivateBroker: broker.isPrivate,
    serve: async ({ served, unserved }) => {
      for (const { functionKey, queues, reason } of unserved) {
        print.warning(`${functionKey} (${queues.join(', ')}) is not served: ${reason}.`);
      }
      const sharing = served.map((one) => ({
        ...one,
        queues: one.queues.map((work) => ({
          ...work,
          sharedKeys: sharedKeysOf({ ...work, functionKey: one.functionKey }, triggers, topologies, settings),
        })),
      }));
      threads = start(sharing);
      return [...unserved.map(({ functionKey }) => functionKey), ...(await (await threads).ready)];
    },
    stopped: async () => {
      await (await threads)?.ended;
      await ended(kept);
      troubles.flush();
      await broker.stop();
    },
  };
}

function ended(kept: readonly KeptTopology[]): Promise<unknown> {
  return Promise.all(kept.map((one) => one.ended));
}

/** One for each virtual host in which something is to be declared; access to others is not needed. */
function keepTopologies(
  topologies: readonly ServiceTopology[],
  { plain, remembered }: { readonly plain: readonly Trigger[]; readonly remembered: readonly Trigger[] },
  {
    amqpUrl,
    print,
    troubles,
    signal,
  }: Omit<LocalServiceOptions, 'service' | 'settings' | 'isDevelopment'> & { readonly amqpUrl: BrokerAddress },
): KeptTopology[] {
  const virtualHosts = new Set([...topologies, ...plain].map(({ virtualHost }) => virtualHost));
  return [...virtualHosts].map((virtualHost) => {
    const isHere = (one: { readonly virtualHost?: string | undefined }): boolean => one.virtualHost === virtualHost;
    let isTried = false;
    const kept = keepTopology(topologies.filter(isHere), {
      amqpUrl: atVirtualHost(amqpUrl, virtualHost),
      plainQueues: plain.filter(isHere).map(({ queue }) => queue),
      remembered: remembered.filter(isHere).map(({ queue }) => queue),
      log: troubles.of(() => (isTried ? 'topology' : 'not served yet')),
      onBack: () => print.notice('RabbitMQ is back.'),
      signal,
    });
    void kept.tried.then(() => {
      isTried = true;
    });
    return kept;
  });
}
