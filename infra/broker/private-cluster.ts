import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { freePort } from './free-ports.js';
import { SECURE_STREAMS_OF_CLUSTER } from './node-erlang.js';
import { type Membership, newSecret } from './node-folder.js';
import { mustBeOurs } from './own-folder.js';
import { type PrivateBroker, type PrivateBrokerOptions, startPrivateBroker } from './private-broker.js';

export interface PrivateClusterOptions
  extends Pick<
    PrivateBrokerOptions,
    'vhosts' | 'fresh' | 'cacheFolder' | 'renew' | 'onProgress' | 'onCrash' | 'signal'
  > {
  /** Of all nodes. */
  readonly folder: string;
  /** The AMQP port of the first node; the others have the next ones. Default: as for `startPrivateBroker`. */
  readonly port?: number;
  /** The number of nodes: an odd number, because half of an even number is no majority. */
  readonly nodes: number;
  /**
   * Default `pause_minority`: nodes that are cut off serve no one, so two owners of a queue are never served at once. `autoheal`
   * discards what the losing side has confirmed.
   */
  readonly partitionHandling?: Membership['partitionHandling'];
  /** In seconds; default 60, like RabbitMQ's. */
  readonly netTick?: number;
}

/** RabbitMQ nodes on loopback that replicate quorum queues and streams. They and their epmd end with this process. */
export interface PrivateCluster {
  readonly nodes: readonly PrivateBroker[];
  /** The addresses of all nodes, separated by commas. */
  readonly amqpUrl: string;
  stop(): Promise<void>;
}

/**
 * Starts a cluster without root and without Docker. The nodes keep their data and their membership.
 * @throws what `startPrivateBroker` throws; no node is left running then
 */
export async function startPrivateCluster(options: PrivateClusterOptions): Promise<PrivateCluster> {
  const { nodes: count, partitionHandling = 'pause_minority', netTick = 60, port, ...ofEach } = options;
  const { fresh = false, onProgress = () => undefined } = options;
  const folder = resolve(options.folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await mustBeOurs(folder);
  if (fresh) await rm(membersFile(folder), { force: true });
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const members = Array.from({ length: count }, (_, index) => `rabbit-${index + 1}@localhost`);
  const common = {
    members,
    epmdPort: await freePort(),
    password: newSecret(),
    cookie: newSecret(),
    partitionHandling,
    netTick,
  };
  const started: PrivateBroker[] = [];
  const stop = async (): Promise<void> => {
    // The first node's epmd serves all of them.
    const [first, ...others] = started;
    await Promise.all(others.map((node) => node?.stop()));
    await first?.stop();
  };
  const start = async (nodeName: string, index: number): Promise<void> => {
    onProgress({ step: `starting RabbitMQ node ${index + 1} of ${count}` });
    started[index] = await startPrivateBroker({
      ...ofEach,
      signal,
      folder: join(folder, `node-${index + 1}`),
      membership: { ...common, nodeName },
      ...(port !== undefined && { port: port + index }),
    });
  };
  /** If one fails, none of the others continues to start. */
  const startAll = async (from: number): Promise<void> => {
    const starts = members.slice(from).map((name, index) => start(name, from + index));
    await Promise.all(starts).catch((error) => failed.abort(error));
    await Promise.allSettled(starts);
    failed.signal.throwIfAborted();
  };
  try {
    if (await isNew(folder, members)) {
      // The others join it one by one: if they start all at once, they may not find each other.
      await start(members[0] as string, 0);
      await startAll(1);
      await started[0]?.ctl('eval', SECURE_STREAMS_OF_CLUSTER);
      await writeFile(membersFile(folder), JSON.stringify(members));
    } else {
      // The nodes wait for each other.
      await startAll(0);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes: started, amqpUrl: started.map(({ amqpUrl }) => amqpUrl).join(','), stop };
}

/** @throws Error if the data belongs to a different number of nodes */
async function isNew(folder: string, members: readonly string[]): Promise<boolean> {
  const kept = await readFile(membersFile(folder), 'utf8').catch(() => undefined);
  if (kept === undefined) return true;
  const { length } = JSON.parse(kept) as readonly string[];
  if (length === members.length) return false;
  throw new Error(`${folder} holds a cluster of ${length} nodes: pass --nodes ${length}, or name another folder.`);
}

function membersFile(folder: string): string {
  return join(folder, 'members.json');
}
