import { constants } from 'node:fs';
import { access, readdir, realpath } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { unpackDebianServer } from './debian-packages.js';
import { NoSpaceError } from './disk-space.js';
import type { ReportProgress } from './progress.js';

/** A RabbitMQ server on this machine. */
export interface RabbitmqServer {
  /** The folder of `rabbitmq-server` and `rabbitmqctl`. */
  readonly scripts: string;
  readonly epmd: string;
  /** What each of its processes needs: PATH, and LD_LIBRARY_PATH if its libraries were unpacked with it. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface ServerSearch {
  /** Where Debian's packages are unpacked, or were unpacked before. */
  readonly cacheFolder: string;
  /** Whether to check for newer packages now, instead of at most once a day. */
  readonly renew: boolean;
  readonly onProgress: ReportProgress;
  readonly signal: AbortSignal | undefined;
}

// The distributions' commands on PATH are wrappers that refuse every user except root and rabbitmq; the scripts behind them do
// not.
const USUAL_FOLDERS = ['/usr/lib/rabbitmq/bin', '/opt/homebrew/sbin', '/usr/local/sbin'];

const INSTALL_ADVICE =
  'Install one (Debian, Ubuntu: apt-get install rabbitmq-server; macOS: brew install rabbitmq), ' +
  'set RABBITMQ_SERVER to its rabbitmq-server file, or set AMQP_URL to a running broker.';

/**
 * Finds a RabbitMQ server: `RABBITMQ_SERVER`, an installed one, or Debian's packages unpacked into the cache folder.
 * `SMART_SHOPPING_BROKER=unpacked` skips the first two.
 * @throws Error with one line that says what to install, if there is none or the server found is too old
 */
export async function findServer(search: ServerSearch): Promise<RabbitmqServer> {
  if (process.env.SMART_SHOPPING_BROKER !== 'unpacked') {
    const chosen = process.env.RABBITMQ_SERVER;
    if (chosen) {
      if (!(await isExecutable(chosen))) throw new Error(`RABBITMQ_SERVER is ${chosen}: there is no such program.`);
      return serverBeside(chosen);
    }
    const installed = await firstExecutable('rabbitmq-server', [...USUAL_FOLDERS, ...pathFolders()]);
    if (installed) return serverBeside(installed);
  }
  const unpacked = await unpackDebianServer(search).catch((error: unknown) => {
    search.signal?.throwIfAborted();
    if (error instanceof NoSpaceError) throw error;
    const [reason] = String(error instanceof Error ? error.message : error).split('\n');
    throw new Error(`No RabbitMQ server here, and none could be unpacked: ${reason} ${INSTALL_ADVICE}`, {
      cause: error,
    });
  });
  if (!unpacked) throw new Error(`No RabbitMQ server here. ${INSTALL_ADVICE}`);
  return unpacked;
}

/**
 * The server that a `rabbitmq-server` file belongs to. The real scripts are in its real folder, even if the file itself is a
 * wrapper.
 */
async function serverBeside(file: string): Promise<RabbitmqServer> {
  const scripts = dirname(await realpath(file));
  await mustBeNewEnough(dirname(scripts));
  const epmd = await firstExecutable('epmd', [
    ...pathFolders(),
    '/opt/homebrew/bin',
    '/usr/local/bin',
    '/usr/lib/erlang/bin',
  ]);
  if (!epmd) throw new Error(`Found ${file}, but no epmd on PATH: is Erlang installed?`);
  return { scripts, epmd, environment: { PATH: [...pathFolders(), dirname(epmd)].join(delimiter) } };
}

/** The first version with streams, and with at-least-once dead-lettering of quorum queues. */
const OLDEST = { major: 3, minor: 10 };

/**
 * From the names in its own folder, because asking it would boot an Erlang machine. A server that does not show its version is
 * assumed to be new enough.
 */
async function mustBeNewEnough(home: string): Promise<void> {
  // The server is one of its own plugins; before 3.7 only its folder has the version in its name.
  const names = [...(await readdir(join(home, 'plugins')).catch(() => [])), basename(home)];
  const found = names.map((name) => /^rabbit(?:mq_server)?-((\d+)\.(\d+)[.\d]*\d)/.exec(name)).find((match) => match);
  if (!found) return;
  const [, version, major, minor] = found;
  if (Number(major) > OLDEST.major || (Number(major) === OLDEST.major && Number(minor) >= OLDEST.minor)) return;
  throw new Error(
    `RabbitMQ ${version} in ${home} is too old: ${OLDEST.major}.${OLDEST.minor} or newer is needed. Upgrade it, set RABBITMQ_SERVER to another server or AMQP_URL to a running broker, or set SMART_SHOPPING_BROKER=unpacked.`,
  );
}

function pathFolders(): string[] {
  return (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
}

async function firstExecutable(name: string, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const file = join(folder, name);
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
