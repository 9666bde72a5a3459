import { type Child, startNode } from './child.js';

export interface Ran {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

const COMMAND = 'node_modules/smart-shopping/dist/infra/shop/commands/smart-shopping.js';

/** `npx smart-shopping` in a folder that has the package installed. */
export function startInstalled(folder: string, args: readonly string[]): Child {
  return startNode(folder, COMMAND, args);
}

export function runInstalled(folder: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  return run(COMMAND, args, folder, env);
}

/** Runs a script to its end. */
export async function run(
  script: string,
  args: readonly string[],
  folder: string,
  env: Record<string, string> = {},
): Promise<Ran> {
  const { ended, stdout, stderr } = startNode(folder, script, args, env);
  return { code: await ended, stdout: stdout(), stderr: stderr() };
}
