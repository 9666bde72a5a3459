import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** A command of the shop in its own process. */
export interface Child {
  readonly process: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Lines of stdout, as JSON. */
  readonly results: () => unknown[];
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

export type CommandName = 'smart-shopping' | 'run-worker' | 'run-customer-app' | 'produce-shopping-event';

/** Starts a compiled command in a folder, with no broker named in its environment unless `env` does. */
export function start(
  folder: string,
  command: CommandName,
  args: readonly string[],
  env: Record<string, string> = {},
): Child {
  return startNode(folder, resolve(`dist/infra/shop/commands/${command}.js`), args, env);
}

/** The same with any script; a path that is not absolute is one of the folder. */
export function startNode(
  folder: string,
  script: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Child {
  const { AMQP_URL: _, npm_command: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [script, ...args], {
    cwd: folder,
    env: { ...inherited, NO_COLOR: '1', PWD: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return {
    process: child,
    stdout: () => stdout,
    stderr: () => stderr,
    results: () =>
      stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    ended: once(child, 'close').then(([code, signal]) => code ?? signal),
  };
}

/** Processes that were started for this folder, whoever their parent is now. Linux only; elsewhere it sees none. */
export function processesOf(folder: string): string[] {
  const found: string[] = [];
  for (const pid of pids()) {
    try {
      const about = readFileSync(`/proc/${pid}/environ`, 'utf8') + readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (about.includes(folder))
        found.push(`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 100)}`);
    } catch {
      // It has ended, or is not ours.
    }
  }
  return found;
}

function pids(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  } catch {
    return [];
  }
}
