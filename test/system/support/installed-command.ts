import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Ran {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

const COMMAND = 'node_modules/smart-shopping/dist/infra/commands/smart-shopping.js';

/** `npx smart-shopping` in a folder that has the package installed. */
export function startInstalled(folder: string, args: readonly string[]) {
  return startNode(COMMAND, args, folder);
}

export function runInstalled(folder: string, args: readonly string[]): Promise<Ran> {
  return run(COMMAND, args, folder);
}

export async function run(script: string, args: readonly string[], cwd: string): Promise<Ran> {
  const { ended, stdout, stderr } = startNode(script, args, cwd);
  return { code: await ended, stdout: stdout(), stderr: stderr() };
}

function startNode(script: string, args: readonly string[], cwd: string) {
  const { AMQP_URL: _, npm_command: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
    env: { ...inherited, NO_COLOR: '1', PWD: cwd },
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
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  return { ended, stdout: () => stdout, stderr: () => stderr };
}
