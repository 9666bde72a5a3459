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
  /** Of the first node, for AMQP; the others have the next ones. Default: as `startPrivateBroker`. */
  readonly port?: number;
  /** How many; an odd number, or half of them is no majority. */
  readonly nodes: number;
  /**
   * Default `pause_minority`: a part that is cut off serves nobody, so no two owners of a queue are served at once. `autoheal`
   * throws away what the losing part has confirmed.
   */
  readonly partitionHandling?: Membership['partitionHandling'];
  /** Seconds; default 60, as RabbitMQ's. */
  readonly netTick?: number;
}

/** RabbitMQ nodes on loopback that replicate what is quorum queue or stream. They and their epmd end with this process. */
export interface PrivateCluster {
  readonly nodes: readonly PrivateBroker[];
  /** The addresses of all of them, with commas between. */
  readonly amqpUrl: string;
  stop(): Promise<void>;
}

/**
 * Starts a cluster without root and without Docker. The nodes keep their data and their membership.
 * @throws what `startPrivateBroker` throws; none is left running then
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
    // The first one has the epmd of all.
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
  /** None goes on starting where another has failed. */
  const startAll = async (from: number): Promise<void> => {
    const starts = members.slice(from).map((name, index) => start(name, from + index));
    await Promise.all(starts).catch((error) => failed.abort(error));
    await Promise.allSettled(starts);
    failed.signal.throwIfAborted();
  };
  try {
    if (await isNew(folder, members)) {
      // The others join it: all at once, they may not find each other.
      await start(members[0] as string, 0);
      await startAll(1);
      await started[0]?.ctl('eval', SECURE_STREAMS_OF_CLUSTER);
      await writeFile(membersFile(folder), JSON.stringify(members));
    } else {
      // They wait for each other.
      await startAll(0);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes: started, amqpUrl: started.map(({ amqpUrl }) => amqpUrl).join(','), stop };
}

/** @throws Error where the data are those of another number of nodes */
async function isNew(folder: string, members: readonly string[]): Promise<boolean> {
  const kept = await readFile(membersFile(folder), 'utf8').catch(() => undefined);
  if (kept === undefined) return true;
  const { length } = JSON.parse(kept) as readonly string[];
  if (length === members.length) return false;
  throw new Error(`${folder} holds a cluster of ${length} nodes: say --nodes ${length}, or name another folder.`);
}

function membersFile(folder: string): string {
  return join(folder, 'members.json');
}
