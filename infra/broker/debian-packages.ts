import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Apt, openApt } from './apt.js';
import { requireSpace } from './disk-space.js';
import { mustBeOurs } from './own-folder.js';
import { processExists } from './process-exists.js';
import type { ReportProgress } from './progress.js';
import type { RabbitmqServer, ServerSearch } from './server-location.js';

const run = promisify(execFile);

/** About 35 MB of packages and 60 MB of contents at the same time (Debian 12), plus some for a node to start with. */
const UNPACKING_MB = 160;
const FULL_MB = 2;

const DAY_MS = 24 * 60 * 60_000;

/**
 * A server from Debian's packages: unpacked into `cacheFolder` rather than installed, so no root is needed. About 35 MB are
 * downloaded the first time; later starts use what is there, and check at most once a day for newer packages.
 * @returns undefined without apt
 */
export async function unpackDebianServer(search: ServerSearch): Promise<RabbitmqServer | undefined> {
  const place = search.cacheFolder;
  const ready = await unpackedServer(place);
  if (ready === undefined) {
    await requireSpace(place, UNPACKING_MB, 'to unpack RabbitMQ and Erlang');
    await unpackInto(place, search);
  } else {
    await mustBeOurs(place);
    if (!search.renew && !(await isLookDue(place))) return ready;
    await renew(place, search);
  }
  return unpackedServer(place);
}

/** Whatever the result, the next check is tomorrow: the unpacked server works. */
async function renew(place: string, search: ServerSearch): Promise<void> {
  await writeFile(lookedAt(place), '');
  search.onProgress({ step: "looking for a newer RabbitMQ among Debian's packages" });
  const isNewer = async (apt: Apt): Promise<boolean> => {
    await apt.update();
    const { names } = await apt.files(await apt.serverPackages());
    return names.join('\n') !== (await readFile(packageList(place), 'utf8').catch(() => ''));
  };
  await unpackInto(place, search, isNewer).catch((error: unknown) => {
    search.signal?.throwIfAborted();
    if (search.renew) throw error;
  });
}

async function isLookDue(place: string): Promise<boolean> {
  const { mtimeMs } = await stat(lookedAt(place)).catch(() => ({ mtimeMs: 0 }));
  return Date.now() - mtimeMs > DAY_MS;
}

/** Touched at each check for newer packages. */
function lookedAt(place: string): string {
  return join(place, 'looked');
}

/** The names of the unpacked files. */
function packageList(place: string): string {
  return join(place, 'packages.txt');
}

/**
 * Prepares a server next to its final place and moves it there as a whole, so that it is always complete, even if two starts race
 * or one is killed.
 * @param isNewer the reason to replace an existing one; a later start removes the old one, because a node may be running from it
 */
async function unpackInto(
  place: string,
  search: ServerSearch,
  isNewer?: (apt: Apt) => Promise<boolean>,
): Promise<void> {
  await mkdir(dirname(place), { recursive: true });
  await removeLeftDrafts(place);
  const draft = `${place}.${process.pid}`;
  try {
    const apt = await openApt(join(draft, 'apt'), search.signal);
    if (apt === undefined || (await isNewer?.(apt)) === false) return;
    await downloadAndUnpack(apt, draft, search).catch(async (error: unknown) => {
      // Another process may have filled it in the meantime.
      await requireSpace(place, FULL_MB, 'to go on unpacking RabbitMQ and Erlang');
      throw error;
    });
    if (isNewer !== undefined) await rename(place, `${place}.old.${process.pid}`);
    await rename(draft, place).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Removes what a killed start left next to `place`. */
async function removeLeftDrafts(place: string): Promise<void> {
  for (const entry of await readdir(dirname(place))) {
    const pid = entry.startsWith(`${basename(place)}.`) ? Number(extname(entry).slice(1)) : Number.NaN;
    if (pid > 0 && !processExists(pid)) await rm(join(dirname(place), entry), { recursive: true, force: true });
  }
}

async function downloadAndUnpack(apt: Apt, draft: string, search: ServerSearch): Promise<void> {
  const packageFolder = join(draft, 'packages');
  await mkdir(packageFolder, { recursive: true });
  const names = await download(apt, packageFolder, search.onProgress).catch(async () => {
    search.signal?.throwIfAborted();
    // The machine has no package lists, or they name files that the mirror has since replaced.
    search.onProgress({ step: 'fetching package lists' });
    await apt.update();
    return download(apt, packageFolder, search.onProgress);
  });
  const files = await readdir(packageFolder);
  for (const [index, file] of files.entries()) {
    search.onProgress({ step: 'unpacking packages', done: index, total: files.length });
    await run('dpkg-deb', ['-x', join(packageFolder, file), draft], {
      ...(search.signal && { signal: search.signal }),
    });
  }
  await writeErlangStarter(draft);
  await writeFile(packageList(draft), names.join('\n'));
  await writeFile(lookedAt(draft), '');
  await rm(packageFolder, { recursive: true });
  await rm(join(draft, 'apt'), { recursive: true, force: true });
}

/** @returns the file names */
async function download(apt: Apt, folder: string, onProgress: ReportProgress): Promise<readonly string[]> {
  const packages = await apt.serverPackages();
  const { names, bytes: total } = await apt.files(packages);
  const finished = new AbortController();
  const reporting = reportGrowth(folder, total, onProgress, finished.signal);
  try {
    await apt.download(packages, folder);
  } finally {
    finished.abort();
    await reporting;
  }
  return names;
}

async function reportGrowth(
  folder: string,
  total: number,
  onProgress: ReportProgress,
  finished: AbortSignal,
): Promise<void> {
  while (!finished.aborted) {
    onProgress({ step: 'downloading RabbitMQ and Erlang (bytes)', done: await folderSize(folder), total });
    await sleep(250, undefined, { signal: finished }).catch(() => {});
  }
}

async function folderSize(folder: string): Promise<number> {
  let bytes = 0;
  for (const file of await readdir(folder)) {
    // apt renames a file when it is complete, so a file may be gone between the two calls.
    bytes += await stat(join(folder, file)).then(
      (entry) => entry.size,
      () => 0,
    );
  }
  return bytes;
}

// Debian's own `erl` has the path /usr/lib/erlang built in. This one comes before it on PATH.
async function writeErlangStarter(root: string): Promise<void> {
  const file = join(root, 'bin', 'erl');
  await mkdir(join(root, 'bin'), { recursive: true });
  const lines = [
    '#!/bin/sh',
    'ROOTDIR=$(cd "$(dirname "$0")/../usr/lib/erlang" && pwd)',
    'BINDIR=$(echo "$ROOTDIR"/erts-*/bin)',
    'EMU=beam',
    'PROGNAME=erl',
    'export ROOTDIR BINDIR EMU PROGNAME',
    'exec "$BINDIR/erlexec" "$@"',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  await chmod(file, 0o755);
}

async function unpackedServer(root: string): Promise<RabbitmqServer | undefined> {
  const erlang = join(root, 'usr', 'lib', 'erlang');
  const entries = await readdir(erlang).catch(() => [] as string[]);
  const runtime = entries.find((entry) => entry.startsWith('erts-'));
  if (!runtime) return undefined;
  const libraries = join(root, 'usr', 'lib');
  const folders = (await readdir(libraries))
    .filter((entry) => entry.endsWith('-linux-gnu'))
    .map((entry) => join(libraries, entry));
  return {
    scripts: join(root, 'usr', 'lib', 'rabbitmq', 'bin'),
    epmd: join(erlang, runtime, 'bin', 'epmd'),
    environment: {
      PATH: [join(root, 'bin'), process.env.PATH ?? '/usr/bin:/bin'].join(':'),
      ...(folders.length > 0 && { LD_LIBRARY_PATH: folders.join(':') }),
    },
  };
}
