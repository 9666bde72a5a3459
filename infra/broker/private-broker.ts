import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { requireSpace } from './disk-space.js';
import { startLifeline } from './lifeline.js';
import { untilEpmdListens, untilNodeAnswers, untilQueuesAreUp } from './node-boot.js';
import { erlangOfBoot } from './node-erlang.js';
import { bootFiles, emptyData, nodeEnvironment, startupLog, writeNodeFiles } from './node-files.js';
import { amqpUrlOf, claimNodeFolder } from './node-folder.js';
import { type RunningProcess, startEpmd, startNode } from './node-process.js';
import type { ReportProgress } from './progress.js';
import { findServer } from './server-location.js';

const run = promisify(execFile);

/** RabbitMQ's own limit is 50 (`disk_free_limit`); below it publishers are blocked. */
const NODE_MB = 60;

export interface PrivateBrokerOptions {
  /** The node's own folder: its data, address, configuration and log. */
  readonly folder: string;
  /** Empties the data of an earlier run. */
  readonly fresh?: boolean;
  /** Made at boot beside `/`. */
  readonly vhosts?: readonly string[];
  /** For AMQP; without it the port of the last run, or a free one. */
  readonly port?: number;
  /** Where Debian's packages are unpacked when no server is installed; without it `.smart-shopping/server` of the working directory. */
  readonly cacheFolder?: string;
  readonly onProgress?: ReportProgress;
  /** Called when the node ends though nobody asked it to. */
  readonly onCrash?: (error: Error) => void;
  /** Aborted during the start, the start is undone and rejects with the reason; aborted later, the node is stopped. */
  readonly signal?: AbortSignal;
}

/** A RabbitMQ node of our own, on loopback. It and its epmd end with this process, however this process ends. */
export interface PrivateBroker {
  /** Holds user and password but no path, so it means vhost `/`; append `/name` for another one. */
  readonly amqpUrl: string;
  readonly pid: number;
  /** Ends node and epmd and frees the folder. The data stays. */
  stop(): Promise<void>;
  /** Ends the node by SIGKILL, as a fault does. `restart` brings it back, `stop` clears up. */
  kill(): Promise<void>;
  /** Stops the node where it runs, and starts it again: same ports, same data. */
  restart(): Promise<void>;
  /** Runs `rabbitmqctl --quiet` and returns what it prints. Takes a second or more: it boots an Erlang machine. */
  ctl(...args: string[]): Promise<string>;
}

/**
 * Starts a RabbitMQ node without root and without Docker, and waits until it answers, and every queue and stream on it.
 *
 * @throws NodeFolderInUse where another process runs a node in the folder
 * @throws Error in one line where there is no server and none to be had; with the end of the node's log where it does not boot
 */
export async function startPrivateBroker(options: PrivateBrokerOptions): Promise<PrivateBroker> {
  const { onProgress = () => {}, signal } = options;
  signal?.throwIfAborted();
  const cacheFolder = resolve(options.cacheFolder ?? join('.smart-shopping', 'server'));
  const server = await findServer({ cacheFolder, onProgress, signal });
  await requireSpace(resolve(options.folder), NODE_MB, 'by RabbitMQ, which takes no messages below 50');
  const folder = await claimNodeFolder(options.folder, options.port);
  const environment = nodeEnvironment(folder, server);
  const amqpUrl = amqpUrlOf(folder.identity);
  const lifeline = startLifeline(environment);
  let epmd: RunningProcess | undefined;
  let node: RunningProcess | undefined;
  let stopping: Promise<void> | undefined;

  async function boot(): Promise<void> {
    if (stopping) throw new Error('This broker was stopped.');
    const files = bootFiles(folder);
    await rm(files.queuesUp, { force: true });
    node = startNode(server, { ...environment, ...erlangOfBoot(files) }, startupLog(folder));
    lifeline.watch([node.pid, epmd?.pid]);
    await untilNodeAnswers(node, amqpUrl, startupLog(folder), signal);
    void reportCrash(node);
    if (!(await untilQueuesAreUp(node, files.queuesUp, signal)))
      onProgress({
        step: 'this RabbitMQ does not tell whether its streams are safe: do not kill it in its first seconds',
      });
  }

  async function reportCrash(booted: RunningProcess): Promise<void> {
    const how = await booted.ended;
    if (node === booted) lifeline.watch([epmd?.pid]);
    if (!booted.wasAskedToEnd())
      options.onCrash?.(new Error(`RabbitMQ ended by itself (${how}); its log is in ${join(folder.path, 'log')}.`));
  }

  async function ctl(...args: string[]): Promise<string> {
    const { stdout } = await run(join(server.scripts, 'rabbitmqctl'), ['--quiet', ...args], {
      env: environment,
      signal,
    });
    return stdout;
  }

  async function end(): Promise<void> {
    await node?.stop();
    await epmd?.stop();
    lifeline.release();
    await folder.release();
  }

  const stop = () => {
    stopping ??= end();
    return stopping;
  };

  try {
    if (options.fresh) await emptyData(folder);
    await writeNodeFiles(folder, options.vhosts ?? []);
    onProgress({ step: 'starting RabbitMQ' });
    epmd = startEpmd(server, environment);
    lifeline.watch([epmd.pid]);
    await untilEpmdListens(epmd, folder.identity.epmdPort, signal);
    await boot();
  } catch (error) {
    await stop();
    throw error;
  }
  signal?.addEventListener('abort', () => void stop(), { once: true });

  return {
    amqpUrl,
    get pid() {
      return node?.pid ?? 0;
    },
    stop,
    kill: async () => node?.kill(),
    async restart() {
      await node?.stop();
      await boot();
    },
    ctl,
  };
}
