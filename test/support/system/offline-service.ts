import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { type Channel, connect } from 'amqplib';
import { expect, vi } from 'vitest';
import { freePort } from '../../../infra/broker/free-ports.js';
import { processesOf } from './child.js';
import { copyFolder, linkFolder, removeFolder } from './folders.js';

/** For hooks of a whole file, where Vitest has no `expect.poll`. */
const PATIENT = { timeout: 100_000, interval: 50 };

/** A service in its own folder, in which `serverless` runs. */
export interface OfflineService {
  readonly folder: string;
  /** Given to all that is started from now on. */
  readonly env: Record<string, string>;
  /** Runs `serverless offline` on free ports, and waits until every queue is served. */
  offline(...args: string[]): Promise<Offline>;
  /** The same if no broker can be reached: waits until HTTP is served. */
  offlineAlone(...args: string[]): Promise<Offline>;
  /** Runs any other command to its end. */
  serverless(...args: string[]): Promise<{ code: unknown; output: string }>;
  remove(): Promise<void>;
}

export interface Offline {
  readonly process: ChildProcess;
  readonly httpUrl: string;
  readonly lambdaUrl: string;
  readonly output: () => string;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<unknown>;
  /** The service's private broker. */
  broker(folder: string): { readonly amqpUrl: string; readonly pid: number };
  /** An independent client on the service's broker: the one that its environment names, else its private one. */
  connect(brokerFolder: string): Promise<Channel>;
  stop(): Promise<unknown>;
}

/** The project under the name that a service installs it by, without installing it. */
export const INSTALLED = { '.': 'node_modules/smart-shopping' };

type Paths = Readonly<Record<string, string>>;

/** Copies and links what a service consists of, from the project into a folder of its own. */
export function createService(files: Paths, links: Paths): OfflineService {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'offline-service-')));
  for (const [from, to] of Object.entries(files)) {
    if (basename(from) === 'node_modules') linkFolder(from, join(folder, to));
    else if (statSync(from).isDirectory()) copyFolder(from, join(folder, to));
    else cpSync(from, join(folder, to));
  }
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  const needed = { ...links, 'node_modules/serverless-offline': 'node_modules/serverless-offline' };
  for (const [from, to] of Object.entries(needed)) symlinkSync(resolve(from), join(folder, to));
  const running: Child[] = [];
  const env: Record<string, string> = {};
  const start = (args: readonly string[]): Child => {
    const child = startServerless(folder, args, env);
    running.push(child);
    return child;
  };
  const offline = async (args: readonly string[], until: RegExp): Promise<Offline> => {
    const httpPort = await freePort();
    const lambdaPort = await freePort([httpPort]);
    const child = start(['offline', '--httpPort', `${httpPort}`, '--lambdaPort', `${lambdaPort}`, ...args]);
    await vi.waitFor(() => expect(child.output()).toMatch(until), PATIENT);
    return {
      ...child,
      httpUrl: `http://localhost:${httpPort}`,
      lambdaUrl: `http://localhost:${lambdaPort}`,
      broker: (brokerFolder) => brokerIn(join(folder, brokerFolder)),
      connect: (brokerFolder) => connectTo(env['AMQP_URL'] ?? brokerIn(join(folder, brokerFolder)).amqpUrl),
      stop: () => {
        child.process.kill('SIGINT');
        return child.ended;
      },
    };
  };
  return {
    folder,
    env,
    offline: (...args) => offline(args, /queues are served/),
    offlineAlone: (...args) => offline(args, /^HTTP: http|^RabbitMQ: amqp/m),
    serverless: async (...args) => {
      const child = start(args);
      return { code: await child.ended, output: child.output() };
    },
    remove: async () => {
      for (const { process } of running) if (process.exitCode === null) process.kill('SIGKILL');
      await vi.waitFor(() => expect(processesOf(folder)).toEqual([]), PATIENT);
      removeFolder(folder);
    },
  };
}

interface Child {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<unknown>;
}

function startServerless(folder: string, args: readonly string[], env: Record<string, string>): Child {
  const { AMQP_URL: _, npm_command: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [resolve('node_modules/serverless/bin/serverless.js'), ...args], {
    cwd: folder,
    env: { ...inherited, NO_COLOR: '1', PWD: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  return { process: child, output: () => output, ended };
}

function brokerIn(folder: string): { readonly amqpUrl: string; readonly pid: number } {
  return JSON.parse(readFileSync(join(folder, 'broker.json'), 'utf8'));
}

async function connectTo(amqpUrl: string): Promise<Channel> {
  const model = await connect(amqpUrl);
  model.on('error', () => undefined);
  return model.createChannel();
}

/** Keeps the bodies that a queue gives, in order of arrival. */
export async function collect(channel: Channel, queue: string): Promise<unknown[]> {
  const bodies: unknown[] = [];
  const receive = (content: Buffer): void => void bodies.push(JSON.parse(content.toString()));
  await channel.consume(queue, (delivery) => delivery !== null && receive(delivery.content), { noAck: true });
  return bodies;
}
