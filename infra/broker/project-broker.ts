import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findBroker, findRunningBroker, removeBrokerFile, writeBrokerFile } from './find-broker.js';
import { NodeFolderInUse } from './node-folder.js';
import { type PrivateBroker, type PrivateBrokerOptions, startPrivateBroker } from './private-broker.js';

/** The broker a command uses; `started` is there where this process runs it and must stop it. */
export interface ProjectBroker {
  readonly amqpUrl: string;
  readonly started?: StartedBroker;
}

/** What its owner does with it. */
type StartedBroker = Pick<PrivateBroker, 'amqpUrl' | 'pid' | 'stop' | 'restart'>;

export interface ProjectBrokerOptions extends Omit<PrivateBrokerOptions, 'folder' | 'cacheFolder'> {
  /** The project's `.smart-shopping`. */
  readonly runtimeFolder: string;
}

// A first start may download for a while on a slow line; the other process says how far it is.
const OTHER_START_PATIENCE_MS = 180_000;

/** The broker that is there (see `findBroker`), else the project's own private node, started now. */
export async function findOrStartBroker(
  options: ProjectBrokerOptions & { readonly amqpUrl?: string },
): Promise<ProjectBroker> {
  const found = await findBroker(options);
  return found ? { amqpUrl: found } : openProjectBroker(options);
}

/**
 * The project's own private node: the one that runs, or is being started by another command, else started now. While
 * another command is stopping one, this waits and then starts it.
 */
export async function openProjectBroker(options: ProjectBrokerOptions): Promise<ProjectBroker> {
  const { runtimeFolder, signal, onProgress } = options;
  const deadline = Date.now() + OTHER_START_PATIENCE_MS;
  for (;;) {
    const running = await findRunningBroker(runtimeFolder);
    if (running) return { amqpUrl: running.amqpUrl };
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

/** Starts the project's own node and leaves its address for the other commands until it stops. */
async function startProjectBroker(options: ProjectBrokerOptions): Promise<StartedBroker> {
  const { runtimeFolder } = options;
  await mkdir(runtimeFolder, { recursive: true }).catch((cause: Error) => {
    throw new Error(
      `RabbitMQ keeps its data in ${runtimeFolder}, which cannot be made (${cause.message}): run this in another folder, ` +
        'or name a broker that runs in AMQP_URL.',
      { cause },
    );
  });
  const broker = await startPrivateBroker({
    ...options,
    folder: join(runtimeFolder, 'node'),
  });
  await writeBrokerFile(runtimeFolder, broker);
  return {
    amqpUrl: broker.amqpUrl,
    get pid() {
      return broker.pid;
    },
    async stop() {
      await removeBrokerFile(runtimeFolder);
      await broker.stop();
    },
    async restart() {
      await broker.restart();
      await writeBrokerFile(runtimeFolder, broker);
    },
  };
}
