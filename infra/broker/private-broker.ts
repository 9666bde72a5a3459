import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { requireSpace } from './disk-space.js';
import { isListenedOn } from './free-ports.js';
import { type Lifeline, startLifeline } from './lifeline.js';
import { untilEpmdListens, untilNodeAnswers } from './node-boot.js';
import { makeCertificates } from './node-certificates.js';
import { erlangOfBoot } from './node-erlang.js';
import { bootFiles, emptyData, nodeEnvironment, startupLog, writeNodeFiles } from './node-files.js';
import { amqpUrlOf, claimNodeFolder, type Membership, type NodeFolder } from './node-folder.js';
import { type RunningProcess, startEpmd, startNode } from './node-process.js';
import type { ReportProgress } from './progress.js';
import { serverCache } from './server-cache.js';
import { findServer, type RabbitmqServer } from './server-location.js';

const run = promisify(execFile);

/** Between two checks for another node's epmd. */
const EPMD_LOOK_MS = 100;

/** RabbitMQ's own limit is 50 (`disk_free_limit`); below it publishers are blocked. */
const NODE_MB = 60;

export interface PrivateBrokerOptions {
  /** The node's own folder: its data, address, configuration and log. */
  readonly folder: string;
  /** Deletes the data of an earlier run. */
  readonly fresh?: boolean;
  /** Virtual hosts to create at boot, in addition to `/`. */
  readonly vhosts?: readonly string[];
  /** For one of several nodes: see `startPrivateCluster`. */
  readonly membership?: Membership;
  /** The AMQP port; by default that of the last run, or a free one. */
  readonly port?: number;
  /** Whether it accepts TLS only, with certificates that are created at each start: the address then names their authority. */
  readonly tls?: boolean;
  /** Where Debian's packages are unpacked if no server is installed; by default a cache of the user's. */
  readonly cacheFolder?: string;
  /** Whether to check for newer packages now, instead of at most once a day. */
  readonly renew?: boolean;
  readonly onProgress?: ReportProgress;
  /** Called when the node ends unexpectedly. */
  readonly onCrash?: (error: Error) => void;
  /** If it aborts during the start, the start is undone and rejects with the reason; if it aborts later, the node is stopped. */
  readonly signal?: AbortSignal;
}

/** A RabbitMQ node of our own, on loopback. It and its epmd end with this process, however this process ends. */
export interface PrivateBroker {
  /** Contains user and password but no path, which means virtual host `/`; without TLS, append `/name` for another one. */
  readonly amqpUrl: string;
  readonly pid: number;
  readonly state: 'running' | 'frozen' | 'ended';
  /** Ends the node and epmd and releases the folder. The data stays. */
  stop(): Promise<void>;
  /** Ends the node with SIGKILL, as a fault does. `restart` brings it back, and `stop` cleans up. */
  kill(): Promise<void>;
  /** Stops it with SIGSTOP, like a machine that hangs; `thaw` resumes it. */
  freeze(): void;
  thaw(): void;
  /** Stops the node if it is running, and starts it again with the same ports and data. */
  restart(): Promise<void>;
  /** Runs `rabbitmqctl --quiet` and returns its output. Takes a second or more, because it boots an Erlang machine. */
  ctl(...args: string[]): Promise<string>;
}

/**
 * Starts a RabbitMQ node without root and without Docker, and waits until it and every queue and stream on it answer.
 * @throws NodeFolderInUse if another process runs a node in the folder
 * @throws Error in one line if there is no server and none can be unpacked; with the end of the node's log if it does not boot
 */
export async function startPrivateBroker(options: PrivateBrokerOptions): Promise<PrivateBroker> {
  const { onProgress = () => undefined, signal } = options;
  signal?.throwIfAborted();
  const { renew = false } = options;
  const cacheFolder = options.cacheFolder === undefined ? await serverCache() : resolve(options.cacheFolder);
  const server = await findServer({ cacheFolder, renew, onProgress, signal });
  await requireSpace(resolve(options.folder), NODE_MB, 'by RabbitMQ, which takes no messages below 50');
  const folder = await claimNodeFolder(
    options.folder,
    { amqpPort: options.port, tls: options.tls },
    options.membership,
  );
  const broker = new FolderBroker(server, folder, options);
  try {
    if (options.fresh) await emptyData(folder);
    if (options.tls) await makeCertificates(folder.path, folder.identity.user);
    await writeNodeFiles(folder, options.vhosts ?? [], options.membership);
    // Those of a cluster are made safe once all of it is up.
    if (options.membership !== undefined) await writeFile(bootFiles(folder).streamsSecured, '');
    onProgress({ step: 'starting RabbitMQ' });
    await broker.start();
  } catch (error) {
    await broker.stop();
    throw error;
  }
  signal?.addEventListener('abort', () => void broker.stop(), { once: true });
  return broker;
}

/** A node in a folder that was claimed for it, and its epmd. */
class FolderBroker implements PrivateBroker {
  readonly amqpUrl: string;
  readonly #server: RabbitmqServer;
  readonly #folder: NodeFolder;
  readonly #options: PrivateBrokerOptions;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #lifeline: Lifeline;
  #epmd: RunningProcess | undefined;
  #node: RunningProcess | undefined;
  #isFrozen = false;
  #stopping: Promise<void> | undefined;

  constructor(server: RabbitmqServer, folder: NodeFolder, options: PrivateBrokerOptions) {
    this.#server = server;
    this.#folder = folder;
    this.#options = options;
    this.#environment = nodeEnvironment(folder, server, options.membership);
    this.#lifeline = startLifeline(this.#environment);
    this.amqpUrl = amqpUrlOf(folder.identity);
  }

  get pid(): number {
    return this.#node?.pid ?? 0;
  }

  get state(): PrivateBroker['state'] {
    if (this.#node === undefined || this.#node.hasEnded()) return 'ended';
    return this.#isFrozen ? 'frozen' : 'running';
  }

  async start(): Promise<void> {
    const { membership, signal } = this.#options;
    const { epmdPort } = this.#folder.identity;
    if (membership === undefined || membership.members[0] === membership.nodeName) {
      this.#epmd = startEpmd(this.#server, this.#environment);
      this.#lifeline.watch([this.#epmd.pid]);
      await untilEpmdListens(this.#epmd, epmdPort, signal);
    } else {
      // A node that finds no epmd starts one that outlives everything.
      while (!(await isListenedOn(epmdPort))) await sleep(EPMD_LOOK_MS, undefined, { signal });
    }
    await this.#boot();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  async kill(): Promise<void> {
    await this.#node?.kill();
  }

  freeze(): void {
    if (this.state !== 'running') throw new Error('This node is not running.');
    process.kill(this.pid, 'SIGSTOP');
    this.#isFrozen = true;
  }

  thaw(): void {
    if (this.state !== 'frozen') throw new Error('This node is not frozen.');
    process.kill(this.pid, 'SIGCONT');
    this.#isFrozen = false;
  }

  async restart(): Promise<void> {
    await this.#node?.stop();
    await this.#boot();
  }

  async ctl(...args: string[]): Promise<string> {
    const { stdout } = await run(join(this.#server.scripts, 'rabbitmqctl'), ['--quiet', ...args], {
      env: this.#environment,
      signal: this.#options.signal,
    });
    return stdout;
  }

  async #boot(): Promise<void> {
    if (this.#stopping) throw new Error('This broker was stopped.');
    const { onProgress = () => undefined, signal } = this.#options;
    const files = bootFiles(this.#folder);
    const boot = { amqpUrl: this.amqpUrl, queuesUp: files.queuesUp, startupLog: startupLog(this.#folder) };
    await rm(files.queuesUp, { force: true });
    const node = startNode(this.#server, { ...this.#environment, ...erlangOfBoot(files) }, boot.startupLog);
    this.#node = node;
    this.#isFrozen = false;
    this.#lifeline.watch([node.pid, this.#epmd?.pid]);
    const tells = await untilNodeAnswers(node, boot, signal);
    void this.#reportCrash(node);
    if (!tells)
      onProgress({
        step: 'this RabbitMQ does not report whether its streams are on disk: do not kill it in its first seconds',
      });
  }

  async #reportCrash(booted: RunningProcess): Promise<void> {
    const how = await booted.ended;
    if (this.#node === booted) this.#lifeline.watch([this.#epmd?.pid]);
    if (booted.wasAskedToEnd()) return;
    const log = join(this.#folder.path, 'log');
    this.#options.onCrash?.(new Error(`RabbitMQ ended unexpectedly (${how}); its log is in ${log}.`));
  }

  async #end(): Promise<void> {
    // A frozen process receives no SIGTERM.
    if (this.state === 'frozen') this.thaw();
    await this.#node?.stop();
    await this.#epmd?.stop();
    this.#lifeline.release();
    await this.#folder.release();
  }
}
