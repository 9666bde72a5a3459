import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { BatchReport } from '../../../lib/rabbitmq/observing/batch-report.js';
import type { Step } from '../../../lib/rabbitmq/steps.js';
import { amqpUrl, eventually } from './broker.js';

/** A runner in its own process, which may be killed. */
export interface WorkerProcess {
  readonly child: ChildProcess;
  readonly steps: Step[];
  readonly batches: BatchReport[];
  readonly fatal: string[];
  /** Resolves when the process has ended, however. */
  readonly ended: Promise<void>;
  reached(step: Step): Promise<void>;
}

const started: WorkerProcess[] = [];

/** Starts a compiled script of this folder, which reports its steps, and passes it its instructions as JSON. */
export function forkWorker(script: string, orders: object): WorkerProcess {
  const child = fork(`dist.test/test/support/broker/${script}.js`, [JSON.stringify(orders)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Without the options of Vitest's own processes.
    execArgv: [],
    env: { ...process.env, AMQP_URL: amqpUrl },
  });
  const steps: Step[] = [];
  const batches: BatchReport[] = [];
  const fatal: string[] = [];
  child.on('message', (message: { step?: Step; batch?: BatchReport; fatal?: string }) => {
    if (message.step !== undefined) steps.push(message.step);
    if (message.batch !== undefined) batches.push(message.batch);
    if (message.fatal !== undefined) fatal.push(message.fatal);
  });
  const worker: WorkerProcess = {
    child,
    steps,
    batches,
    fatal,
    ended: once(child, 'exit').then(() => undefined),
    reached: async (step) => {
      await eventually(() => steps.includes(step));
    },
  };
  started.push(worker);
  return worker;
}

/** Leaves no process behind, stopped ones included. */
export async function endWorkers(): Promise<void> {
  for (const { child, ended } of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  }
}
