import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, inject } from 'vitest';
import { writeBrokerFile } from '../../../infra/broker/find-broker.js';
import { type Child, type CommandName, processesOf, start } from './child.js';
import { ownVirtualHost } from './shared-broker.js';

/** Commands of one test, run in a folder of their own. */
export interface Commands {
  folder(): string;
  start(command: CommandName, args: readonly string[], env?: Record<string, string>): Child;
  /**
   * Gives the folder an empty virtual host of the shared broker, which its commands take for their private one. Returns its
   * address.
   */
  useSharedBroker(): Promise<string>;
  /** A private broker of the folder's own; its address is the first line of its stdout. */
  startBroker(): Promise<Child>;
}

/** Gives each test of a file a folder, ends what it started there, and proves that nothing is left running. */
export function commandsPerTest(): Commands {
  let folder: string;
  let children: Child[];

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'smart-shopping-system-')));
    children = [];
  });

  afterEach(async () => {
    for (const { process } of children) if (process.exitCode === null) process.kill('SIGKILL');
    await expect.poll(() => processesOf(folder)).toEqual([]);
    rmSync(folder, { recursive: true, force: true });
  });

  const commands: Commands = {
    folder: () => folder,
    start: (command, args, env) => {
      const child = start(folder, command, args, env);
      children.push(child);
      return child;
    },
    useSharedBroker: async () => {
      const broker = { amqpUrl: ownVirtualHost(), pid: inject('sharedBroker').pid };
      await writeBrokerFile(join(folder, '.smart-shopping'), broker);
      return broker.amqpUrl;
    },
    startBroker: async () => {
      const broker = commands.start('smart-shopping', ['broker']);
      await expect.poll(broker.stdout).toMatch(/^amqp:/);
      return broker;
    },
  };
  return commands;
}
