import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { freePort } from './free-ports.js';
import { SECURE_STREAMS_OF_CLUSTER } from './node-erlang.js';
import { type Membership, newSecret } from './node-folder.js';
import { mustBeOurs } from './own-folder.js';
import { type PrivateBroker, type PrivateBrokerOptions, startPrivateBroker } from './private-broker.js';

export interface PrivateClusterOptions
  extends Pick<PrivateBrokerOptions, 'vhosts' | 'onProgress' | 'onCrash' | 'signal'> {
  /** Of all nodes. */
  readonly folder: string;
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
  const { nodes: count, vhosts, onCrash, signal, onProgress = () => undefined } = options;
  const folder = resolve(options.folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await mustBeOurs(folder);
  const members = Array.from({ length: count }, (_, index) => `rabbit-${index + 1}@localhost`);
  const common = {
    members,
    epmdPort: await freePort(),
    password: newSecret(),
    cookie: newSecret(),
    partitionHandling: options.partitionHandling ?? 'pause_minority',
    netTick: options.netTick ?? 60,
  };
  const started: PrivateBroker[] = [];
  const stop = async (): Promise<void> => {
    // The first one has the epmd of all.
    const [first, ...others] = started;
    await Promise.all(others.map((node) => node.stop()));
    await first?.stop();
  };
  const start = async (nodeName: string, index: number): Promise<void> => {
    onProgress({ step: `starting RabbitMQ node ${index + 1} of ${count}` });
    started[index] = await startPrivateBroker({
      folder: join(folder, `node-${index + 1}`),
      membership: { ...common, nodeName },
      ...(vhosts !== undefined && { vhosts }),
      ...(onCrash !== undefined && { onCrash }),
      ...(signal !== undefined && { signal }),
    });
  };
  try {
    if (await isNew(folder, members)) {
      // The others join it: all at once, they may not find each other.
      await start(members[0] as string, 0);
      await Promise.all(members.slice(1).map((name, index) => start(name, index + 1)));
      await started[0]?.ctl('eval', SECURE_STREAMS_OF_CLUSTER);
      await writeFile(membersFile(folder), JSON.stringify(members));
    } else {
      // They wait for each other.
      await Promise.all(members.map(start));
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
