import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Step } from '../../../lib/rabbitmq/steps.js';
import { amqpUrl, eventually } from './broker.js';
import type { OrderWorkerOrders } from './order-worker.js';

/** A worker of orders in a process of its own, that may be killed. */
export interface OrderProcess {
  readonly child: ChildProcess;
  readonly steps: readonly Step[];
  readonly fatal: readonly string[];
  /** Resolves when the process has ended, however. */
  readonly ended: Promise<void>;
  reached(step: Step): Promise<void>;
}

const started: OrderProcess[] = [];

export function startOrderProcess(orders: OrderWorkerOrders): OrderProcess {
  const child = fork('dist.test/test/support/broker/order-worker.js', [JSON.stringify(orders)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Without the options of Vitest's own processes.
    execArgv: [],
    env: { ...process.env, AMQP_URL: amqpUrl },
  });
  const steps: Step[] = [];
  const fatal: string[] = [];
  child.on('message', (message: { step?: Step; fatal?: string }) => {
    if (message.step !== undefined) steps.push(message.step);
    if (message.fatal !== undefined) fatal.push(message.fatal);
  });
  const worker: OrderProcess = {
    child,
    steps,
    fatal,
    ended: once(child, 'exit').then(() => undefined),
    reached: async (step) => {
      await eventually(() => steps.includes(step));
    },
  };
  started.push(worker);
  return worker;
}

/** Leaves no process behind. */
export async function endOrderProcesses(): Promise<void> {
  for (const { child, ended } of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  }
}
