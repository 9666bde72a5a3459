import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RabbitmqServer } from './server-location.js';

// A node took 1 to 2.5 s.
const STOP_PATIENCE_MS = 20_000;
// Erlang ignores a SIGTERM early in its boot.
const REPEAT_MS = 1_000;

/** A child process of ours. */
export interface RunningProcess {
  /** Undefined if it could not be started; `ended` then says why. */
  readonly pid: number | undefined;
  /** Resolves with the way it ended: `exit code 1`, `SIGKILL`. Never rejects. */
  readonly ended: Promise<string>;
  hasEnded(): boolean;
  /** Whether `stop` or `kill` was called, so that its end is expected. */
  wasAskedToEnd(): boolean;
  /** Ends it with SIGTERM, or with SIGKILL if it does not react. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL. */
  kill(): Promise<void>;
}

/** Starts epmd, Erlang's port mapper, in the foreground. A node would start it as a daemon that outlives everything. */
export function startEpmd(server: RabbitmqServer, environment: NodeJS.ProcessEnv): RunningProcess {
  return observe(spawn(server.epmd, [], { env: environment, stdio: 'ignore', detached: true }));
}

/** Starts the node; its output goes to `logFile`. */
export function startNode(server: RabbitmqServer, environment: NodeJS.ProcessEnv, logFile: string): RunningProcess {
  const log = openSync(logFile, 'w');
  try {
    // Detached means a session of its own: Ctrl-C reaches us, not the node.
    return observe(
      spawn(join(server.scripts, 'rabbitmq-server'), [], {
        env: environment,
        stdio: ['ignore', log, log],
        detached: true,
      }),
    );
  } finally {
    closeSync(log);
  }
}

function observe(child: ChildProcess): RunningProcess {
  let over = false;
  let asked = false;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  }).finally(() => {
    over = true;
  });
  const kill = async () => {
    asked = true;
    child.kill('SIGKILL');
    await ended;
  };
  async function endedWithin(milliseconds: number): Promise<void> {
    const enough = new AbortController();
    await Promise.race([ended, sleep(milliseconds, undefined, { signal: enough.signal })]);
    enough.abort();
  }

  return {
    pid: child.pid,
    ended,
    hasEnded: () => over,
    wasAskedToEnd: () => asked,
    kill,
    async stop() {
      asked = true;
      const deadline = Date.now() + STOP_PATIENCE_MS;
      while (!over && Date.now() < deadline) {
        child.kill('SIGTERM');
        await endedWithin(REPEAT_MS);
      }
      if (!over) await kill();
    },
  };
}
