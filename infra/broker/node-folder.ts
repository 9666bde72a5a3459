import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { answersAmqp } from './amqp-answer.js';
import { lockFolder, lockGreeting } from './folder-lock.js';
import { freePort, isPortFree } from './free-ports.js';
import { certificatesOf } from './node-certificates.js';
import { mustBeOurs } from './own-folder.js';

/** What a node keeps next to its data between runs, so that its ports stay the same. */
export interface NodeIdentity {
  /** The one user that the node has. */
  readonly user: string;
  /** Its data is stored under that name. Each node has its own epmd, so nodes with the same name do not meet. */
  readonly nodeName: string;
  /** New at every start: a program that listened on the port while the node was down got a password that is no longer valid. */
  readonly password: string;
  /** The folder's inode number: a folder from a repository cannot have the number that it will get here. */
  readonly inode: string;
  /** Stays the same; it makes up the greeting of the folder's lock. */
  readonly lockSecret: string;
  readonly amqpPort: number;
  /** The authority whose certificates the node uses; if there is one, the node accepts TLS only. */
  readonly caFile?: string | undefined;
  readonly distributionPort: number;
  readonly epmdPort: number;
  /**
   * The node's owner listens on it, or on one of the next if a foreign process has it: this is the folder's lock. Unlike a pid in
   * a file, the kernel releases it however the owner ends.
   */
  readonly lockPort: number;
}

/** What a node of a cluster needs so that the others find it and let it in. */
export interface Membership {
  readonly nodeName: string;
  /** The names of all nodes, including this one. */
  readonly members: readonly string[];
  /** Theirs, too. */
  readonly epmdPort: number;
  readonly password: string;
  /** Lets nodes run code in each other. */
  readonly cookie: string;
  readonly partitionHandling: 'pause_minority' | 'autoheal' | 'ignore';
  /** In seconds. The others give up a node that is silent for 0.75 to 1.25 of it (https://www.rabbitmq.com/docs/nettick). */
  readonly netTick: number;
}

/** A node's folder in which only this process may start a node. */
export interface NodeFolder {
  readonly path: string;
  readonly identity: NodeIdentity;
  release(): Promise<void>;
}

const NAMES = { user: 'local', nodeName: 'rabbit@localhost' };
/** For folders that do not say, which are older. */
const OLD_NAMES = { user: 'shop', nodeName: 'shop@localhost' };

/** Where a node with this identity serves AMQP. */
export function amqpUrlOf({ user, password, amqpPort, caFile }: NodeIdentity): string {
  const url = `amqp://${user}:${password}@127.0.0.1:${amqpPort}`;
  return caFile === undefined ? url : `${url.replace('amqp:', 'amqps:')}?cacertfile=${encodeURIComponent(caFile)}`;
}

/** Another process owns the folder's node, or is starting it. */
export class NodeFolderInUse extends Error {
  constructor(path: string, lockPort: number) {
    super(`A private RabbitMQ of ${path} is already running or starting (port ${lockPort} is in use).`);
    this.name = 'NodeFolderInUse';
  }
}

// As long as the lifeline gives a node whose owner was killed.
const LEFTOVER_PATIENCE_MS = 16_000;

/**
 * Creates the folder if it does not exist, and locks it.
 * @param wanted `amqpPort`: the port for AMQP, by default that of the last run, or a free one; `tls`: whether to use only TLS
 * @throws NodeFolderInUse; Error if others may write to the folder, or if it was made elsewhere
 */
export async function claimNodeFolder(
  folder: string,
  { amqpPort, tls = false }: { readonly amqpPort?: number | undefined; readonly tls?: boolean | undefined } = {},
  { nodeName, epmdPort, password }: Partial<Membership> = {},
): Promise<NodeFolder> {
  const path = resolve(folder);
  await mkdir(path, { recursive: true, mode: 0o700 });
  await mustBeOurs(path);
  const kept = await keptIdentity(path);
  const lock = await lockFolder(kept.lockPort, lockGreeting(path, kept.lockSecret));
  if (!lock) throw new NodeFolderInUse(path, kept.lockPort);
  try {
    // A node whose owner was killed may still be shutting down on the same data.
    if (epmdPort === undefined) await waitUntilFree(kept.epmdPort);
    // An owner that is suspended does not greet, although its node is running.
    if (await answersAmqp(amqpUrlOf(kept))) throw new NodeFolderInUse(path, kept.lockPort);
    const own = { ...(await withUsablePorts(kept, amqpPort)), password: newSecret() };
    const identity = {
      ...own,
      nodeName: nodeName ?? own.nodeName,
      epmdPort: epmdPort ?? own.epmdPort,
      password: password ?? own.password,
      caFile: tls ? certificatesOf(path).authority : undefined,
    };
    await saveIdentity(path, identity);
    return { path, identity, release: () => lock.release() };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

const DRAFT = /^node\.json\.\d+$/;

async function keptIdentity(path: string): Promise<NodeIdentity> {
  const file = join(path, 'node.json');
  const draft = `${file}.${process.pid}`;
  const inode = String((await stat(path)).ino);
  if ((await readdir(path)).some((name) => !DRAFT.test(name))) await mustBeMadeHere(path, inode);
  await writeFile(draft, JSON.stringify(await newIdentity(inode)), { mode: 0o600 });
  // If two first starts race, link lets one win, and both then read the winner's file.
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  const kept = JSON.parse(await readFile(file, 'utf8'));
  return { ...OLD_NAMES, lockSecret: kept.password, ...kept };
}

/** A node runs code that it finds in its folder, such as `home/.erlang`. */
async function mustBeMadeHere(path: string, inode: string): Promise<void> {
  const text = await readFile(join(path, 'node.json'), 'utf8').catch(() => '{}');
  if (JSON.parse(text).inode === inode) return;
  throw new Error(
    `${path} was not created here: it came with a repository, or was copied. Programs are started from there: delete it, or ` +
      'name another folder. To keep your own data, start once in a new folder, stop, and put your data into its folder `data`.',
  );
}

async function saveIdentity(path: string, identity: NodeIdentity): Promise<void> {
  const file = join(path, 'node.json');
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, JSON.stringify(identity), { mode: 0o600 });
  await rename(draft, file);
}

async function newIdentity(inode: string): Promise<NodeIdentity> {
  const amqpPort = await freePort();
  const distributionPort = await freePort([amqpPort]);
  const epmdPort = await freePort([amqpPort, distributionPort]);
  const lockPort = await freePort([amqpPort, distributionPort, epmdPort]);
  const secrets = { password: newSecret(), lockSecret: newSecret() };
  return { ...NAMES, ...secrets, inode, amqpPort, distributionPort, epmdPort, lockPort };
}

/** Long enough not to be guessed. Hexadecimal, because `rabbitmqctl` takes a password that begins with a dash for an option. */
export function newSecret(): string {
  return randomBytes(18).toString('hex');
}

async function withUsablePorts(kept: NodeIdentity, wanted: number | undefined): Promise<NodeIdentity> {
  if (wanted !== undefined && !(await isPortFree(wanted))) throw new Error(`Port ${wanted} is in use.`);
  const taken = Object.values(kept).filter((value) => typeof value === 'number');
  const usable = async (port: number) => ((await isPortFree(port)) ? port : freePort(taken));
  return {
    ...kept,
    amqpPort: wanted ?? (await usable(kept.amqpPort)),
    distributionPort: await usable(kept.distributionPort),
    epmdPort: await usable(kept.epmdPort),
  };
}

async function waitUntilFree(port: number): Promise<void> {
  const deadline = Date.now() + LEFTOVER_PATIENCE_MS;
  while (!(await isPortFree(port)) && Date.now() < deadline) await sleep(100);
}
