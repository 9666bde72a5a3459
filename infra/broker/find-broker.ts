import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { addressesIn } from '../../lib/rabbitmq/connection/address.js';
import { answersAmqp } from './amqp-answer.js';
import { askControl } from './cluster-control.js';
import { processExists } from './process-exists.js';

/** It must be our own file: a file that comes with a repository must not choose where messages go. */
const ON_LOOPBACK = /^amqps?:\/\/(?:[^@/?#]*@)?127\.0\.0\.1:\d+(\/[^/?#]*)?(\?cacertfile=[^&#]*)?$/;

const RUNNING = z.object({
  /** For a cluster, the addresses of all nodes, separated by commas. */
  amqpUrl: z.string().refine((text) => addressesIn(text).every((one) => ON_LOOPBACK.test(one))),
  /** The pid of the node, or of a cluster's owner. */
  pid: z.int(),
  /** Of a cluster. */
  control: z.object({ origin: z.string().regex(/^http:\/\/127\.0\.0\.1:\d+$/), secret: z.string() }).optional(),
});

/** What a running private node or cluster leaves for the other commands of its project. */
export type RunningBroker = z.infer<typeof RUNNING>;

/**
 * The address of the running private node of one of several projects, looked up for each connection: a node that is started again
 * has a different password.
 * @param known used as long as none is running
 */
export function privateAddress(runtimeFolders: readonly string[], known: string): () => Promise<string> {
  let last = known;
  return async () => {
    last = (await firstRunning(runtimeFolders)) ?? last;
    return last;
  };
}

/** The address of the first private node that is running for one of several projects. */
export async function firstRunning(runtimeFolders: readonly string[]): Promise<string | undefined> {
  for (const folder of runtimeFolders) {
    const running = await findRunningBroker(folder);
    if (running !== undefined) return running.amqpUrl;
  }
  return undefined;
}

/** The private node that is running for this project; undefined if the file is missing or left over from one that is gone. */
export async function findRunningBroker(runtimeFolder: string): Promise<RunningBroker | undefined> {
  const broker = await readBrokerFile(runtimeFolder);
  if (!broker || !processExists(broker.pid)) return undefined;
  // Another process may have got the pid since.
  if (!(await answers(broker))) return undefined;
  // A node that is being stopped removes its file first, and still answers for a moment.
  return (await readBrokerFile(runtimeFolder))?.pid === broker.pid ? broker : undefined;
}

/** Announces a running node. The file holds its password, so only its owner may read it. */
export async function writeBrokerFile(runtimeFolder: string, { amqpUrl, pid, control }: RunningBroker): Promise<void> {
  await mkdir(runtimeFolder, { recursive: true });
  const draft = `${brokerFile(runtimeFolder)}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify({ amqpUrl, pid, control })}\n`, { mode: 0o600 });
  // A reader sees either the old file or the new one, never half of it.
  await rename(draft, brokerFile(runtimeFolder));
}

/** Removes the file after the node has stopped. */
export async function removeBrokerFile(runtimeFolder: string): Promise<void> {
  await rm(brokerFile(runtimeFolder), { force: true });
}

function brokerFile(runtimeFolder: string): string {
  return join(runtimeFolder, 'broker.json');
}

async function readBrokerFile(runtimeFolder: string): Promise<RunningBroker | undefined> {
  try {
    return RUNNING.parse(JSON.parse(await readFile(brokerFile(runtimeFolder), 'utf8')));
  } catch {
    return undefined;
  }
}

/** A cluster without a majority serves no one; its owner still answers. */
function answers({ amqpUrl, control }: RunningBroker): Promise<boolean> {
  if (control === undefined) return answersAmqp(amqpUrl);
  return askControl(control).then(
    () => true,
    () => false,
  );
}
