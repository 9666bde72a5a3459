import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { addressesIn } from '../../lib/rabbitmq/connection/address.js';
import { namedAddress } from '../../lib/rabbitmq/connection/environment-address.js';
import { type ClusterControl, serveControl } from './cluster-control.js';
import { findRunningBroker, removeBrokerFile, writeBrokerFile } from './find-broker.js';
import { NodeFolderInUse } from './node-folder.js';
import { type PrivateBrokerOptions, startPrivateBroker } from './private-broker.js';
import { startPrivateCluster } from './private-cluster.js';

/** The broker that a command uses; `started` is set if this process runs it and must stop it. */
export interface ProjectBroker {
  readonly amqpUrl: string;
  readonly started?: StartedBroker;
}

/** What its owner can do with it. */
interface StartedBroker {
  readonly amqpUrl: string;
  /** The pid of the node, or of a cluster's owner. */
  readonly pid: number;
  stop(): Promise<void>;
  /** Starts whatever has ended. */
  restart(): Promise<void>;
}

export interface ProjectBrokerOptions extends Omit<PrivateBrokerOptions, 'folder' | 'cacheFolder' | 'membership'> {
  /** The project's `.smart-shopping`. */
  readonly runtimeFolder: string;
  /** More than one is a cluster, with data of its own. Default: as many as are running, else one. */
  readonly nodes?: number;
}

// A first start may download for a while on a slow line; the other process shows its progress.
const OTHER_START_PATIENCE_MS = 180_000;

/** The broker that was named (see `namedAddress`), else the project's own, as from `openProjectBroker`. */
export async function findOrStartBroker(
  options: ProjectBrokerOptions & { readonly amqpUrl?: string },
): Promise<ProjectBroker> {
  const named = namedAddress(options.amqpUrl);
  return named === undefined ? openProjectBroker(options) : { amqpUrl: named };
}

/**
 * The project's own private node: the one that is running, or is being started by another command; otherwise it is started now.
 * While another command is stopping one, this waits and then starts it.
 */
export async function openProjectBroker(options: ProjectBrokerOptions): Promise<ProjectBroker> {
  const { runtimeFolder, nodes, signal, onProgress } = options;
  const deadline = Date.now() + OTHER_START_PATIENCE_MS;
  for (;;) {
    const running = await findRunningBroker(runtimeFolder);
    if (running) {
      mustHave(nodes, addressesIn(running.amqpUrl).length);
      return { amqpUrl: running.amqpUrl };
    }
    try {
      const started = await startProjectBroker(options);
      return { amqpUrl: started.amqpUrl, started };
    } catch (error) {
      if (!(error instanceof NodeFolderInUse) || Date.now() > deadline) throw error;
    }
    onProgress?.({ step: 'waiting for the RabbitMQ that another command is starting or stopping' });
    await sleep(200, undefined, { signal });
  }
}

function mustHave(wanted: number | undefined, there: number): void {
  if (wanted === undefined || wanted === there) return;
  const count = there === 1 ? 'one node' : `${there} nodes`;
  throw new Error(`A private RabbitMQ of this project is already running, with ${count}: stop it first.`);
}

/** Starts the project's own node or cluster, and publishes its address for the other commands until it stops. */
async function startProjectBroker(options: ProjectBrokerOptions): Promise<StartedBroker> {
  const { runtimeFolder, nodes = 1 } = options;
  await mkdir(runtimeFolder, { recursive: true }).catch((cause: Error) => {
    throw new Error(
      `RabbitMQ keeps its data in ${runtimeFolder}, which cannot be created (${cause.message}): run this in another folder, ` +
        'or set AMQP_URL to a running broker.',
      { cause },
    );
  });
  const { control, ...broker } = nodes === 1 ? await startOne(options) : await startSeveral({ ...options, nodes });
  const tell = () => writeBrokerFile(runtimeFolder, { amqpUrl: broker.amqpUrl, pid: broker.pid(), control });
  await tell();
  return {
    amqpUrl: broker.amqpUrl,
    get pid() {
      return broker.pid();
    },
    async stop() {
      await removeBrokerFile(runtimeFolder);
      await broker.stop();
    },
    async restart() {
      await broker.restart();
      await tell();
    },
  };
}

type Started = Pick<StartedBroker, 'amqpUrl' | 'stop' | 'restart'> & {
  readonly pid: () => number;
  readonly control?: ClusterControl;
};

async function startOne(options: ProjectBrokerOptions): Promise<Started> {
  const broker = await startPrivateBroker({ ...options, folder: join(options.runtimeFolder, 'node') });
  const { amqpUrl } = broker;
  return { amqpUrl, pid: () => broker.pid, stop: () => broker.stop(), restart: () => broker.restart() };
}

async function startSeveral(options: ProjectBrokerOptions & { readonly nodes: number }): Promise<Started> {
  const { amqpUrl, nodes, stop } = await startPrivateCluster({
    ...options,
    folder: join(options.runtimeFolder, 'cluster'),
  });
  const over = new AbortController();
  return {
    amqpUrl,
    pid: () => process.pid,
    control: await serveControl(nodes, over.signal),
    stop: async () => {
      over.abort();
      await stop();
    },
    restart: async () => {
      await Promise.all(nodes.filter(({ state }) => state === 'ended').map((node) => node.restart()));
    },
  };
}
