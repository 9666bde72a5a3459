import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Debian's package tool, used without root. */
export interface Apt {
  /** Fetches the package lists into our own folder; from then on they are used instead of the system's. */
  update(): Promise<void>;
  /** The packages that Debian's RabbitMQ and Erlang packages need, themselves included, except installed ones. */
  serverPackages(): Promise<string[]>;
  /** The packages' files, with versions in their names, and their total size in bytes. */
  files(packages: readonly string[]): Promise<{ readonly names: readonly string[]; readonly bytes: number }>;
  /** Downloads the packages' files into `folder`. */
  download(packages: readonly string[], folder: string): Promise<void>;
}

// Only what Erlang itself links to or loads, not the helpers (adduser, logrotate, systemd) that a package needs at install time.
const SERVER_PACKAGE = /^(rabbitmq-server|erlang-)/;
const LIBRARY_PACKAGE = /^(lib|zlib)/;

/** Seconds without a byte; apt itself waits for 30, and several times over. */
const SILENCE_S = 10;
/** A mirror that has sent nothing by then is unreachable. */
const FIRST_BYTE_MS = 15_000;
const PATIENCE = [`http::Timeout=${SILENCE_S}`, `https::Timeout=${SILENCE_S}`, 'Retries=0'].flatMap((setting) => [
  '-o',
  `Acquire::${setting}`,
]);

/** The first error that apt prints. */
function saidBy(cause: unknown): string {
  const { stderr = '' } = cause as { stderr?: string };
  return stderr.split('\n').find((line) => /^(E|Err|W):/.test(line)) ?? '';
}

/**
 * Wraps apt-get, apt-cache and dpkg-query.
 * @param folder for our own package lists
 * @returns undefined on a machine without apt
 */
export async function openApt(folder: string, signal: AbortSignal | undefined): Promise<Apt | undefined> {
  let ownLists: string[] = [];
  const apt = async (command: 'apt-get' | 'apt-cache', args: readonly string[], cwd = '/', until = signal) => {
    const { stdout } = await run(command, [...PATIENCE, ...ownLists, ...args], {
      cwd,
      ...(until && { signal: until }),
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, LC_ALL: 'C' },
    });
    return stdout;
  };
  const present = await apt('apt-get', ['--version']).then(
    () => true,
    () => false,
  );
  if (!present) return undefined;

  return {
    async update() {
      const lists = join(folder, 'lists');
      const cache = join(folder, 'cache');
      await mkdir(join(lists, 'partial'), { recursive: true });
      await mkdir(join(cache, 'archives', 'partial'), { recursive: true });
      ownLists = ['-o', `Dir::State::Lists=${lists}`, '-o', `Dir::Cache=${cache}`];
      const silence = new AbortController();
      const timer = setTimeout(async () => {
        const begun = await readdir(join(lists, 'partial')).catch(() => ['the folder no longer exists']);
        if (begun.length === 0) silence.abort();
      }, FIRST_BYTE_MS);
      const until = AbortSignal.any([silence.signal, ...(signal ? [signal] : [])]);
      try {
        await apt('apt-get', ['-q', '-o', 'APT::Update::Error-Mode=any', 'update'], '/', until);
      } catch (cause) {
        signal?.throwIfAborted();
        throw new Error(`package lists cannot be fetched. Is this machine on a network? ${saidBy(cause)}`, { cause });
      } finally {
        clearTimeout(timer);
      }
    },
    async serverPackages() {
      const tree = await apt('apt-cache', ['depends', '--recurse', '--important', 'rabbitmq-server']);
      const { servers, libraries } = readDependencies(tree);
      return [...servers, ...(await missing(libraries))];
    },
    async files(packages) {
      const uris = await apt('apt-get', ['download', '--print-uris', ...packages]);
      // 'http://host/path/name.deb' name.deb 9697280 SHA256:...
      const lines = uris.split('\n').map((line) => line.split(' '));
      const names = lines.flatMap(([, name]) => name ?? []).sort();
      return { names, bytes: lines.reduce((sum, [, , bytes]) => sum + Number(bytes ?? 0), 0) };
    },
    async download(packages, target) {
      await apt('apt-get', ['-q', 'download', ...packages], target);
    },
  };
}

/** Parses the output of `apt-cache depends --recurse`: a package at the start of a line, its dependencies indented below it. */
function readDependencies(tree: string): { servers: string[]; libraries: string[] } {
  const servers = new Set<string>();
  const libraries = new Set<string>();
  let needing = '';
  for (const line of tree.split('\n')) {
    if (/^\S/.test(line)) {
      needing = line;
      if (SERVER_PACKAGE.test(line)) servers.add(line);
    } else if (needing.startsWith('erlang-')) {
      const needed = /Depends: (\S+)/.exec(line)?.[1];
      if (needed && LIBRARY_PACKAGE.test(needed)) libraries.add(needed);
    }
  }
  return { servers: [...servers], libraries: [...libraries] };
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own placeholders
const NAME_AND_STATUS = '${Package} ${db:Status-Status}\n';

async function missing(packages: readonly string[]): Promise<string[]> {
  const installed = new Set<string>();
  // Exits with 1 if it does not know one of the packages, but still lists the others.
  const listed = await run('dpkg-query', ['-W', '-f', NAME_AND_STATUS, ...packages]).catch(
    (error) => error as { stdout?: string },
  );
  for (const line of (listed.stdout ?? '').split('\n')) {
    const [name, status] = line.split(' ');
    if (name && status === 'installed') installed.add(name);
  }
  return packages.filter((name) => !installed.has(name));
}
