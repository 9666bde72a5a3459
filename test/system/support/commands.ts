import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { type Child, type CommandName, processesOf, start } from '../child.js';
import { shareServer } from './server.js';

export const PATIENT = { timeout: 40_000, interval: 50 };

/** Commands of one test, run in a folder of their own. */
export interface Commands {
  folder(): string;
  start(command: CommandName, args: readonly string[], env?: Record<string, string>): Child;
  /** A private broker that runs; its address is the first line of its stdout. */
  startBroker(): Promise<Child>;
}

/** Gives each test of a file a folder, ends what it started there, and proves that nothing runs on. */
export function commandsPerTest(): Commands {
  let folder: string;
  let children: Child[];

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'smart-shopping-system-')));
    shareServer(join(folder, '.smart-shopping'));
    children = [];
  });

  afterEach(async () => {
    for (const { process } of children) if (process.exitCode === null) process.kill('SIGKILL');
    await expect.poll(() => processesOf(folder), PATIENT).toEqual([]);
    rmSync(folder, { recursive: true, force: true });
  });

  const commands: Commands = {
    folder: () => folder,
    start: (command, args, env) => {
      const child = start(folder, command, args, env);
      children.push(child);
      return child;
    },
    startBroker: async () => {
      const broker = commands.start('smart-shopping', ['broker']);
      await expect.poll(broker.stdout, PATIENT).toMatch(/^amqp:/);
      return broker;
    },
  };
  return commands;
}
