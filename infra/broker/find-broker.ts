import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { namedAddress } from '../../lib/rabbitmq/connection/environment-address.js';
import { answersAmqp } from './amqp-answer.js';
import { processExists } from './process-exists.js';

const ON_LOOPBACK = /^amqp:\/\/(?:[^@/?#]*@)?127\.0\.0\.1:\d+(\/[^/?#]*)?$/;

/** What a private node that runs leaves for the other commands of its project. */
export interface RunningBroker {
  readonly amqpUrl: string;
  readonly pid: number;
}

/**
 * The broker to use: `amqpUrl` where given, the environment's `AMQP_URL`, a private node that runs for this project.
 * Only the last is checked to be alive.
 *
 * @param runtimeFolder the project's `.smart-shopping`
 * @returns an AMQP address, or undefined where there is none of these
 */
export async function findBroker(options: {
  readonly amqpUrl?: string;
  readonly runtimeFolder: string;
}): Promise<string | undefined> {
  return namedAddress(options.amqpUrl) ?? (await findRunningBroker(options.runtimeFolder))?.amqpUrl;
}

/**
 * The address of the private node that runs for one of some projects, for each connection anew: a node that is started again has
 * another password.
 * @param known as long as none runs
 */
export function privateAddress(runtimeFolders: readonly string[], known: string): () => Promise<string> {
  let last = known;
  return async () => {
    last = (await firstRunning(runtimeFolders)) ?? last;
    return last;
  };
}

/** The address of the first private node that runs for one of some projects. */
export async function firstRunning(runtimeFolders: readonly string[]): Promise<string | undefined> {
  for (const folder of runtimeFolders) {
    const running = await findRunningBroker(folder);
    if (running !== undefined) return running.amqpUrl;
  }
  return undefined;
}

/** The private node that runs for this project; undefined where the file is missing or left over from one that is gone. */
export async function findRunningBroker(runtimeFolder: string): Promise<RunningBroker | undefined> {
  const broker = await readBrokerFile(runtimeFolder);
  if (!broker || !processExists(broker.pid)) return undefined;
  // A pid may have gone to another process since.
  if (!(await answersAmqp(broker.amqpUrl))) return undefined;
  // One that is being stopped takes its file back first, and answers for a moment longer.
  return (await readBrokerFile(runtimeFolder))?.pid === broker.pid ? broker : undefined;
}

/** Says that a node runs. The file holds its password, so only its owner may read it. */
export async function writeBrokerFile(runtimeFolder: string, { amqpUrl, pid }: RunningBroker): Promise<void> {
  await mkdir(runtimeFolder, { recursive: true });
  const draft = `${brokerFile(runtimeFolder)}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify({ amqpUrl, pid })}\n`, { mode: 0o600 });
  // A reader sees the old file or the new one, never half of it.
  await rename(draft, brokerFile(runtimeFolder));
}

/** Takes the file back when the node has stopped. */
export async function removeBrokerFile(runtimeFolder: string): Promise<void> {
  await rm(brokerFile(runtimeFolder), { force: true });
}

function brokerFile(runtimeFolder: string): string {
  return join(runtimeFolder, 'broker.json');
}

async function readBrokerFile(runtimeFolder: string): Promise<RunningBroker | undefined> {
  try {
    const content: unknown = JSON.parse(await readFile(brokerFile(runtimeFolder), 'utf8'));
    return isRunningBroker(content) ? content : undefined;
  } catch {
    return undefined;
  }
}

function isRunningBroker(content: unknown): content is RunningBroker {
  return (
    typeof content === 'object' &&
    content !== null &&
    'amqpUrl' in content &&
    typeof content.amqpUrl === 'string' &&
    // Of ours: a file that a repository brings does not choose where messages go.
    ON_LOOPBACK.test(content.amqpUrl) &&
    'pid' in content &&
    typeof content.pid === 'number'
  );
}
